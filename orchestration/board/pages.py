"""The pages of the board: what stands on each, and its HTML."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from orchestration.board import charts
from orchestration.board.letters import LETTERS
from orchestration.board.reading import (
    Bar,
    Contribution,
    DayLosses,
    Definition,
    Figure,
    Machine,
    PlantBoard,
    Point,
    Published,
    Scope,
)
from orchestration.board.texts import LANGUAGE_NAMES, LANGUAGES
from orchestration.board.words import Words, explain_command, month_days
from orchestration.plain_text import plain

PERIODS = ("day", "week", "month")
#: Lines whose losses of the day the plant's page puts into words; the table has all of them.
LINES_NAMED = 3


@dataclass(frozen=True)
class KpiLine:
    """A KPI of a card: its figures by length of period, the latest complete one and the one
    before that has a value. Without days nothing feeds it."""

    definition: Definition
    latest: dict[str, Figure | None]
    before: dict[str, Figure | None]

    has_days: bool


@dataclass(frozen=True)
class Card:
    """A letter of the board. Without a headline it has no feed."""

    letter: str
    headline: KpiLine | None
    others: list[KpiLine]
    cells: list[tuple[date, Figure | None]]


@dataclass(frozen=True)
class Column:
    """A letter in a table of lines or machines: its KPI, None where nothing feeds it."""

    letter: str
    definition: Definition | None


@dataclass(frozen=True)
class Row:
    """A line or machine in a table: hours lost on the day, and a figure per column."""

    name: str
    href: str
    lost_h: float | None
    figures: list[Figure | None]


@dataclass(frozen=True)
class Change:
    """A signal of the latest complete day, week or month, new or going on, and what moved it
    most where it is new."""

    figure: Figure
    definition: Definition
    contributions: list[Contribution]


@dataclass(frozen=True)
class Link:
    """A word and where it leads."""

    name: str
    href: str


def page_name(board: PlantBoard, scope: Scope) -> str:
    """A file name that any file share takes, the same every night: readable, and kept apart from
    like names by a hash."""
    ascii_id = unicodedata.normalize("NFKD", scope.id).encode("ascii", "ignore").decode().lower()
    readable = re.sub(r"[^a-z0-9]+", "-", ascii_id).strip("-")[:24]
    key = "\0".join((board.plant_id, scope.type, scope.id))
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    return "-".join(part for part in (scope.type, readable, digest) if part) + ".html"


def behind_name(board: PlantBoard, scope: Scope) -> str:
    """The page with every figure of a scope."""
    return f"behind-{page_name(board, scope)}"


def build_pages(published: Published) -> Iterator[tuple[str, str]]:
    """Every page as its path inside the board, and its HTML."""
    environment = _environment()
    yield "index.html", environment.get_template("start.html").render(languages=LANGUAGE_NAMES)
    for language in LANGUAGES:
        for name, html in _pages_of(published, environment, language):
            yield f"{language}/{name}", html


def _environment() -> Environment:
    """Escapes whatever a plant named; an unknown variable is an error and not an empty place."""
    environment = Environment(
        loader=PackageLoader("orchestration.board"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Names may hold marks that turn the writing direction round.
        finalize=lambda value: plain(value) if type(value) is str else value,
    )
    environment.globals["periods"] = PERIODS
    return environment


def _pages_of(
    published: Published, environment: Environment, language: str
) -> Iterator[tuple[str, str]]:
    plants = published.plants
    if len(plants) != 1:
        words = Words(language)
        yield (
            "index.html",
            environment.get_template("plants.html").render(
                w=words,
                title=words.t("plants"),
                file="index.html",
                published_at=published.published_at,
                links=[Link(b.plant_name, page_name(b, b.scope)) for b in plants],
            ),
        )
    for board in plants:
        home = "index.html" if len(plants) == 1 else page_name(board, board.scope)
        yield from PlantPages(published, board, environment, language, home).pages()


class PlantPages:
    """The pages of a plant in a language."""

    def __init__(
        self,
        published: Published,
        board: PlantBoard,
        environment: Environment,
        language: str,
        home: str,
    ) -> None:
        self.published = published
        self.definitions = published.definitions
        self.board = board
        self.environment = environment
        self.words = Words(language, board.currency)
        self.home = home

    # --- pages ---

    def pages(self) -> Iterator[tuple[str, str]]:
        board = self.board
        lines = [Scope("line", line_id) for line_id in board.lines]
        yield self._scope_page(board.scope, board.plant_name, lines, [])
        up = [Link(board.plant_name, self.home)]
        for area_id in board.areas:
            parts = [Scope("line", line_id) for line_id in board.lines_of(area_id)]
            yield self._scope_page(Scope("area", area_id), area_id, parts, up)
        for scope in lines:
            machines = board.machines_of(scope.id)
            areas = sorted({m.area_id for m in machines if m.area_id})
            way = [*up, *(Link(a, self._href(Scope("area", a))) for a in areas)]
            parts = [Scope("machine", m.machine_id) for m in machines]
            yield self._scope_page(scope, scope.id, parts, way)
            yield self._behind_page(
                scope, scope.id, parts, [*way, Link(scope.id, self._href(scope))]
            )
        yield self._behind_page(board.scope, board.plant_name, lines, up)
        for machine in board.machines:
            yield self._machine_page(machine, up)

    def _href(self, scope: Scope) -> str:
        if scope.type == "plant":
            return self.home
        if scope.type == "machine":
            return behind_name(self.board, scope)
        return page_name(self.board, scope)

    def _render(self, template: str, file: str, **context: Any) -> tuple[str, str]:
        html = self.environment.get_template(template).render(
            w=self.words,
            board=self.board,
            definitions=self.definitions,
            published_at=self.published.published_at,
            href=self._figure_href,
            file=file,
            **context,
        )
        return file, html

    def _scope_page(
        self, scope: Scope, title: str, parts: list[Scope], way: list[Link]
    ) -> tuple[str, str]:
        columns, rows = self._table(parts)
        has_figures = scope.type != "area"
        is_plant = scope.type == "plant"
        areas = self.board.areas if is_plant else []
        return self._render(
            "scope.html",
            self._href(scope),
            scope=scope,
            title=title,
            way=way,
            cards=[self._card(scope, letter) for letter in LETTERS] if has_figures else [],
            offset=self.board.day.replace(day=1).weekday(),
            areas=[Link(a, self._href(Scope("area", a))) for a in areas],
            columns=columns,
            rows=rows,
            parts_title=self.words.t("machines" if scope.type == "line" else "lines"),
            day_losses=[self._day_losses(lost) for lost in self._most_lost(scope)],
            day_oee=self._latest(scope, "oee", "day") if has_figures else None,
            changes=self._changes(scope) if has_figures else [],
            quiet=self._quiet(scope) if has_figures else [],
            contributor=self._contributor,
            trends=self._trends(scope) if has_figures else [],
            losses=self._waterfall(self.board.losses.get(scope, [])),
            stops=self._pareto(self.board.stops.get(scope, []), "stops_n", "h"),
            scrap=self._pareto(
                self.board.scrap.get(scope, []),
                "rejections_n",
                "currency" if self.board.is_scrap_costed else "",
            ),
        )

    def _machine_page(self, machine: Machine, up: list[Link]) -> tuple[str, str]:
        way = list(up)
        if machine.line_id:
            way.append(Link(machine.line_id, self._href(Scope("line", machine.line_id))))
        return self._behind_page(Scope("machine", machine.machine_id), machine.name, [], way)

    def _behind_page(
        self, scope: Scope, title: str, parts: list[Scope], way: list[Link]
    ) -> tuple[str, str]:
        """Every figure that the board shows of a scope, by KPI."""
        sections = []
        for letter, kpi_ids in LETTERS.items():
            for kpi_id in kpi_ids:
                figures = self._all_figures(scope, kpi_id)
                if kpi_id not in self.definitions or not figures:
                    continue
                pieces = [(part, self._latest(part, kpi_id, "day")) for part in parts]
                sections.append(
                    {
                        "letter": letter,
                        "definition": self.definitions[kpi_id],
                        "figures": figures,
                        "command": explain_command(self.board, figures[0]),
                        "parts": [
                            (self._name(part), self._href(part), figure)
                            for part, figure in pieces
                            if figure is not None
                        ],
                    }
                )
        file = behind_name(self.board, scope)
        return self._render(
            "behind.html", file, scope=scope, title=title, way=way, sections=sections
        )

    # --- figures ---

    def _figure_href(self, figure: Figure) -> str:
        return f"{behind_name(self.board, figure.scope)}#{figure.anchor}"

    def _figures(self, scope: Scope, kpi_id: str, period_type: str) -> list[Figure]:
        return self.board.figures.get((scope, kpi_id, period_type), [])

    def _all_figures(self, scope: Scope, kpi_id: str) -> list[Figure]:
        """Days first, those of the charts among them, then weeks and months; newest first."""
        points = self.board.points.get((scope, kpi_id), [])
        days = {f.kpi_values_id: f for f in self._figures(scope, kpi_id, "day")}
        days |= {p.figure.kpi_values_id: p.figure for p in points}
        newest_first = sorted(days.values(), key=lambda figure: figure.start, reverse=True)
        longer = (self._figures(scope, kpi_id, period) for period in ("week", "month"))
        return [*newest_first, *(figure for figures in longer for figure in figures)]

    def _latest(self, scope: Scope, kpi_id: str, period_type: str) -> Figure | None:
        start = self.board.latest.get(period_type)
        figures = self._figures(scope, kpi_id, period_type)
        return next((figure for figure in figures if figure.start == start), None)

    def _before(self, scope: Scope, kpi_id: str, period_type: str) -> Figure | None:
        start = self.board.latest.get(period_type)
        if start is None:
            return None
        figures = self._figures(scope, kpi_id, period_type)
        return next((f for f in figures if f.start < start and f.value is not None), None)

    def _kpi_line(self, scope: Scope, kpi_id: str) -> KpiLine:
        return KpiLine(
            self.definitions[kpi_id],
            {period: self._latest(scope, kpi_id, period) for period in PERIODS},
            {period: self._before(scope, kpi_id, period) for period in PERIODS},
            bool(self._figures(scope, kpi_id, "day")),
        )

    def _card(self, scope: Scope, letter: str) -> Card:
        kpi_lines = [
            self._kpi_line(scope, kpi_id)
            for kpi_id in LETTERS[letter]
            if kpi_id in self.definitions and scope.type in self.definitions[kpi_id].scope_types
        ]
        headline = next((line for line in kpi_lines if line.has_days), None)
        by_day: dict[date, Figure] = {}
        if headline:
            figures = self._figures(scope, headline.definition.kpi_id, "day")
            by_day = {figure.start: figure for figure in figures}
        return Card(
            letter,
            headline,
            [line for line in kpi_lines if line is not headline],
            [(day, by_day.get(day)) for day in month_days(self.board.day)],
        )

    def _table(self, parts: list[Scope]) -> tuple[list[Column], list[Row]]:
        """Parts side by side: per letter the first KPI that any of them has a figure of."""
        columns = []
        for letter, kpi_ids in LETTERS.items():
            fed = (
                kpi_id
                for kpi_id in kpi_ids
                if kpi_id in self.definitions
                and any(self._figures(part, kpi_id, "day") for part in parts)
            )
            kpi_id = next(fed, None)
            columns.append(Column(letter, self.definitions[kpi_id] if kpi_id else None))
        rows = [
            Row(
                self._name(part),
                self._href(part),
                self.board.day_losses[part].lost_h if part in self.board.day_losses else None,
                [
                    self._latest(part, column.definition.kpi_id, "day")
                    if column.definition
                    else None
                    for column in columns
                ],
            )
            for part in parts
        ]
        return columns, rows

    def _name(self, scope: Scope) -> str:
        if scope.type == "machine":
            names = {m.machine_id: m.name for m in self.board.machines}
            name = names.get(scope.id, scope.id)
            # Commands and tables ask for the id.
            return name if name == scope.id else f"{name} · {scope.id}"
        return scope.id

    # --- the day's losses ---

    def _most_lost(self, scope: Scope) -> list[DayLosses]:
        """Of the plant the lines that lost most; of a line itself."""
        if scope.type == "line":
            return [lost for lost in (self.board.day_losses.get(scope),) if lost]
        if scope.type != "plant":
            return []
        lines = [lost for lost in self.board.day_losses.values() if lost.scope.type == "line"]
        return lines[:LINES_NAMED]

    def _day_losses(self, lost: DayLosses) -> str:
        """How much a line lost, on what, and on which machine most."""
        w = self.words
        said = w.t(
            "day_lost",
            name=lost.scope.id,
            lost=w.hours(lost.lost_h),
            planned=w.hours(lost.planned_h),
        )
        if lost.losses:
            parts = (f"{w.loss(bar.name)} {w.hours(bar.quantity)}" for bar in lost.losses)
            said += f": {', '.join(parts)}"
        machines = (
            machine
            for machine in self.board.day_losses.values()
            if machine.scope.type == "machine" and machine.line_id == lost.scope.id
        )
        most = next(machines, None)
        if most is None or not most.losses:
            return said
        loss = most.losses[0]
        why = f"{w.loss(loss.name)} {w.hours(loss.quantity)} h"
        if (most.scope.id, loss.name) in self.board.day_reasons:
            reason_name = self.board.day_reasons[(most.scope.id, loss.name)]
            why += f", {reason_name or w.t('not_labelled')}"
        name, hours = self._name(most.scope), w.hours(most.lost_h)
        return said + w.t("day_lost_most", name=name, lost=hours, why=why)

    def _changes(self, scope: Scope) -> list[Change]:
        """Signals of the latest complete day, week and month."""
        changes = []
        for kpi_ids in LETTERS.values():
            for kpi_id in kpi_ids:
                for period in PERIODS:
                    figure = self._latest(scope, kpi_id, period)
                    if figure and figure.rules:
                        contributions = self.board.contributions.get(figure.kpi_values_id, [])
                        changes.append(Change(figure, self.definitions[kpi_id], contributions))
        return changes

    def _quiet(self, scope: Scope) -> list[str]:
        """Of each length of period without a signal: noise, or too few points to tell."""
        said = []
        for period in PERIODS:
            latest = (
                self._latest(scope, kpi_id, period)
                for kpi_ids in LETTERS.values()
                for kpi_id in kpi_ids
            )
            figures = [figure for figure in latest if figure and figure.baseline_qty is not None]
            if any(figure.rules for figure in figures):
                continue
            words = []
            if any(figure.is_baseline_complete for figure in figures):
                words.append(self.words.t("nothing_changed"))
            few = [f.baseline_qty or 0 for f in figures if not f.is_baseline_complete]
            if few:
                words.append(self.words.t(f"too_few_{period}", qty=min(few)))
            if words:
                said.append(f"{self.words.t(period)}: {'; '.join(words)}.")
        return said

    def _contributor(self, contribution: Contribution) -> str:
        """What moved a figure, by name and how far in points of per cent."""
        name = contribution.contributor_id
        if contribution.contributor_type == "loss_bucket":
            name = self.words.bucket(name or "")
        elif contribution.contributor_type == "machine":
            name = self._name(Scope("machine", name or ""))
        points = self.words.number(contribution.change_ratio * 100)
        sign = "+" if contribution.change_ratio > 0 else ""
        return f"{name or self.words.t('unknown_item')} {sign}{points}"

    # --- charts ---

    def _trends(self, scope: Scope) -> list[tuple[Definition, Markup]]:
        drawn = []
        for letter in LETTERS:
            headline = self._card(scope, letter).headline
            if headline is None:
                continue
            points = self.board.points.get((scope, headline.definition.kpi_id), [])
            if points:
                drawn.append((headline.definition, self._xmr(points)))
        return drawn

    def _xmr(self, points: list[Point]) -> Markup:
        baselines = sorted({point.series_key for point in points})
        kinds = {True: "better", False: "worse", None: "signal"}
        drawn = [
            charts.ChartPoint(
                point.figure.start.isoformat(),
                point.figure.value or 0.0,
                point.centre_line,
                point.lower_limit,
                point.upper_limit,
                baselines.index(point.series_key),
                kinds[point.figure.is_better] if point.figure.raised_rules else "plain",
                charts.Mark(self.words.short_tip(point.figure), self._figure_href(point.figure)),
            )
            for point in points
        ]
        is_ratio = points[0].figure.unit == "ratio"
        # Drawn by us from numbers and escaped words: the one place that is not escaped again.
        return Markup(charts.xmr(drawn, self.words.decimal, is_ratio))

    def _pareto(self, bars: list[Bar], detail: str, unit: str) -> Markup | None:
        if not bars:
            return None
        drawn = []
        for bar in bars:
            name, detail_text = plain(self.words.bar_name(bar)), ""
            if bar.detail and unit:
                detail_text = f" · {self.words.t(detail, n=self.words.number(bar.detail))}"
            amount = (
                self.words.amount(bar.quantity, unit) if unit else self.words.number(bar.quantity)
            )
            drawn.append(
                charts.ChartBar(
                    name,
                    0,
                    bar.quantity,
                    amount,
                    "rest" if bar.name.startswith("board:") else "loss",
                    charts.Mark(f"{name}: {amount}{detail_text}"),
                )
            )
        return Markup(charts.bars(drawn, self.words.decimal))

    def _waterfall(self, buckets: list[Bar]) -> Markup | None:
        """From calendar time down to fully productive time; buckets without time are left out."""
        shown = [bucket for bucket in buckets if bucket.quantity]
        if not shown:
            return None
        left = calendar = sum(bucket.quantity for bucket in shown)
        drawn = [self._step("calendar", 0, calendar, calendar, "whole")]
        for bucket in shown:
            kind = "gain" if "productive" in bucket.name else "loss"
            drawn.append(
                self._step(bucket.name, left, left - bucket.quantity, bucket.quantity, kind)
            )
            left -= bucket.quantity
        return Markup(charts.bars(drawn, self.words.decimal))

    def _step(
        self, bucket: str, start: float, end: float, quantity: float, kind: str
    ) -> charts.ChartBar:
        name, amount = self.words.bucket(bucket), self.words.amount(quantity, "h")
        return charts.ChartBar(name, start, end, amount, kind, charts.Mark(f"{name}: {amount}"))
