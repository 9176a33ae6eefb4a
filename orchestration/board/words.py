"""Figures, dates and reasons in the words of one language."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal

from orchestration.board.reading import OTHERS, Bar, Definition, Figure, PlantBoard
from orchestration.board.texts import KPI_NAMES_ES, TEXTS, reason, text

#: A sign beside every colour: nobody needs the colour.
SIGNS = {"green": "✓", "red": "✗", "plain": "•", "withheld": "?", "none": "–", "pending": ""}

#: Nothing was there to judge: no figure, and none kept back.
NOT_SCHEDULED = "no planned time: nothing was scheduled"


@dataclass(frozen=True)
class Words:
    """How a plant's figures are said in a language."""

    language: str
    currency: str = ""

    def t(self, key: str, **values: object) -> str:
        return text(self.language, key, **values)

    @property
    def decimal(self) -> str:
        return "," if self.language == "es" else "."

    def kpi(self, definition: Definition) -> str:
        if self.language == "es":
            return KPI_NAMES_ES.get(definition.kpi_id, definition.name)
        return definition.name

    def reason(self, english: str) -> str:
        return reason(self.language, english)

    def number(self, value: float | None) -> str:
        """Three figures that count, thousands apart; a dash for what is not there."""
        if value is None:
            return "–"
        pattern = "#,##0" if abs(value) >= 100 else "#,##0.#" if abs(value) >= 10 else "#,##0.##"
        return format_decimal(value, pattern, locale=self.language)

    def hours(self, value: float | None) -> str:
        """Hours with one decimal, so that parts add up to their total as shown."""
        return "–" if value is None else format_decimal(value, "#,##0.0", locale=self.language)

    def amount(self, value: float | None, unit: str, ratio_pattern: str = "#,##0.0") -> str:
        """A value with its unit, as it is said: 71.7 %, 65.2 h, 580 EUR."""
        if value is None:
            return "–"
        if unit == "ratio":
            return format_decimal(value * 100, ratio_pattern, locale=self.language) + "\u00a0%"
        if unit == "currency":
            return f"{self.number(value)}\u00a0{self.currency}"
        known = self.t(f"unit_{unit}") if f"unit_{unit}" in TEXTS else unit
        return f"{self.number(value)}\u00a0{known}"

    def value(self, figure: Figure | None) -> str:
        if figure is None:
            return "–"
        if figure.value is None:
            return "–" if figure.withheld_reason == NOT_SCHEDULED else self.t("withheld")
        return self.amount(figure.value, figure.unit, self._ratio_pattern(figure))

    def _ratio_pattern(self, figure: Figure) -> str:
        """One decimal more where a ratio that missed its target would print like it."""
        value, target = (self.amount(each, "ratio") for each in (figure.value, figure.target))
        return "#,##0.00" if figure.status == "red" and value == target else "#,##0.0"

    def day(self, day: date) -> str:
        return format_date(day, "d MMM", locale=self.language)

    def long_day(self, day: date) -> str:
        return format_date(day, "EEEE, d MMMM y", locale=self.language)

    def period(self, period_type: str, start: date) -> str:
        """A day, the week of its Monday, or a month."""
        if period_type == "week":
            return self.t("week_from", date=self.day(start))
        if period_type == "month":
            return format_date(start, "LLLL y", locale=self.language)
        return format_date(start, "EEE d MMM", locale=self.language)

    def state(self, figure: Figure | None) -> str:
        """How a figure is shown: green, red, plain (not judged), withheld, or none."""
        if figure is None:
            return "none"
        if figure.value is None:
            return "none" if figure.withheld_reason == NOT_SCHEDULED else "withheld"
        return figure.status or "plain"

    def sign(self, figure: Figure | None) -> str:
        return SIGNS[self.state(figure)]

    def judgement(self, figure: Figure | None) -> str:
        """What the sign stands for, and why where there is no judgement."""
        state = self.state(figure)
        if figure is None or state == "none":
            said = self.t("no_figure")
            return f"{said}: {self.reason(figure.withheld_reason or '')}" if figure else said
        if state == "withheld":
            return f"{self.t('withheld')}: {self.reason(figure.withheld_reason or '')}"
        if state in ("green", "red"):
            return self.t(state)
        if figure.not_judged_reason:
            return f"{self.t('not_judged')}: {self.reason(figure.not_judged_reason)}"
        return self.t("no_target")

    def target(self, figure: Figure, definition: Definition) -> str:
        """The target with the side it is reached on; empty where none judges."""
        if figure.target is None:
            return ""
        side = "≥" if definition.direction == "up" else "≤"
        amount = self.amount(figure.target, figure.unit, self._ratio_pattern(figure))
        return f"{self.t('target')} {side} {amount}"

    def coverage(self, figure: Figure) -> str:
        if figure.coverage is None:
            return self.t("coverage_unknown")
        return f"{self.t('coverage')} {self.amount(figure.coverage, 'ratio')}"

    def fraction(self, figure: Figure) -> str:
        """Numerator and denominator in words."""
        if figure.numerator is None and figure.denominator is None:
            return self.t("no_ratio")
        return (
            f"{self.t('numerator')} {self.number(figure.numerator)}, "
            f"{self.t('denominator')} {self.number(figure.denominator)}"
        )

    def tip(self, figure: Figure, definition: Definition) -> str:
        """All that a figure says of itself on hover and on focus."""
        parts = [
            f"{self.kpi(definition)}, {self.period(figure.period_type, figure.start)}: "
            f"{self.value(figure)}",
            self.fraction(figure),
            self.coverage(figure),
            self.target(figure, definition),
            self.judgement(figure),
        ]
        return " · ".join(part for part in parts if part)

    def short_tip(self, figure: Figure) -> str:
        """The same, as short as a chart has room for."""
        fraction = ""
        if figure.numerator is not None and figure.denominator is not None:
            fraction = f" = {self.number(figure.numerator)} / {self.number(figure.denominator)}"
        return f"{self.day(figure.start)}: {self.value(figure)}{fraction} · {self.coverage(figure)}"

    def verdict(self, figure: Figure | None) -> tuple[str, str]:
        """Signal or noise: a sign and a word."""
        if figure is None or figure.baseline_qty is None:
            return "", ""
        if figure.rules:
            sign = "▲" if figure.signal_side == "above" else "▼"
            key = {True: "signal_better", False: "signal_worse", None: "signal"}[figure.is_better]
            if figure.raised_rules:
                return sign, self.t(key)
            goes_on = self.t(f"goes_on_{figure.period_type}", qty=figure.signal_qty)
            return sign, f"{self.t(key)}, {goes_on}"
        if not figure.is_baseline_complete:
            return "…", self.t("too_few", qty=figure.baseline_qty)
        return "≈", self.t("noise")

    def rules(self, figure: Figure) -> str:
        """The rules that hold, in words, the strongest first."""
        return ", ".join(self.t(rule) for rule in (figure.rules or "").split("|") if rule)

    def bar_name(self, bar: Bar) -> str:
        """A reason as the plant names it, or the board's own word where it has no name."""
        key = f"state_{bar.name}"
        return self.t(key) if key in TEXTS else bar.name

    def loss(self, name: str) -> str:
        """A loss of the day, or all that are not named."""
        return self.t("other_losses") if name == OTHERS else self.bucket(name)

    def bucket(self, name: str) -> str:
        key = f"bucket_{name}"
        return self.t(key) if key in TEXTS else name.replace("_", " ")


def explain_command(board: PlantBoard, figure: Figure) -> str:
    """What to type for the rows, files and lines behind a figure."""
    period = {
        "day": figure.start.isoformat(),
        "week": f"{figure.start:%G-W%V}",
        "month": f"{figure.start:%Y-%m}",
    }[figure.period_type]
    words = ["leankpi", "kpi", "explain", figure.kpi_id, "--plant", board.plant_id]
    if figure.scope.type != "plant":
        words += ["--scope", f"{figure.scope.type}={figure.scope.id}"]
    return shlex.join([*words, "--period", period])


def month_days(day: date) -> list[date]:
    """The days of the month that `day` lies in."""
    first = day.replace(day=1)
    days = (first + timedelta(days=number) for number in range(31))
    return [each for each in days if each.month == first.month]
