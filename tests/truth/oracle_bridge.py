"""Why OEE differs between two periods: one factor after the other moved, and OEE computed anew
after each, by the plain definition."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from oracle_floor import MICROSECOND, window_of, windows
from oracle_kpis import Cell, Kpis, floor_totals, machine_scopes, month_of, week_of
from plant_truth import PlantTruth

EFFECTS = ("volume", "mix", "availability", "performance", "quality")
ZERO = Fraction(0)


@dataclass
class Factors:
    """One machine in one period, with what it made of each item."""

    pbt_s: Fraction
    apt_s: Fraction
    #: Item to ideal time and good ideal time.
    items: dict[str, tuple[Fraction, Fraction]] = field(default_factory=dict)

    @property
    def ideal_s(self) -> Fraction:
        return sum((ideal for ideal, _ in self.items.values()), ZERO)

    @property
    def availability(self) -> Fraction | None:
        return self.apt_s / self.pbt_s if self.pbt_s else None

    @property
    def effectiveness(self) -> Fraction | None:
        return self.ideal_s / self.apt_s if self.apt_s else None

    def share(self, item: str) -> Fraction | None:
        """An item's part of the ideal time."""
        return self.items.get(item, (ZERO, ZERO))[0] / self.ideal_s if self.ideal_s else None

    def quality(self, item: str) -> Fraction | None:
        """An item's good part."""
        ideal, good = self.items.get(item, (ZERO, ZERO))
        return good / ideal if ideal else None


def first_known(*values: Fraction | None) -> Fraction:
    """The first that is known; 0 where none is."""
    return next((value for value in values if value is not None), ZERO)


def machine_factors(truth: PlantTruth) -> dict[tuple[str, str, date], Factors]:
    """Every machine with planned busy time, by week and month."""
    found = {
        (cell.scope_id, cell.period_type, cell.period_start_date): Factors(
            total["pbt_s"], total["apt_s"]
        )
        for cell, total in floor_totals(truth).items()
        if cell.scope_type == "machine" and cell.period_type in ("week", "month")
    }
    tiles = windows(truth)
    for run in truth.runs:
        if run.pass_no != 1 or not run.is_observed:
            continue
        day = window_of(tiles, run.end_at - MICROSECOND).production_date
        for period_type, start in (("week", week_of(day)), ("month", month_of(day))):
            items = found[run.machine_id, period_type, start].items
            ideal, good = items.get(run.item_id, (ZERO, ZERO))
            ideal += run.produced_qty * run.ideal_cycle_s
            items[run.item_id] = (ideal, good + run.good_qty * run.ideal_cycle_s)
    return found


def steps(before: dict[str, Factors], after: dict[str, Factors]) -> list[Fraction]:
    """OEE of a scope: before, and after each factor has been moved."""
    nothing = Factors(ZERO, ZERO)
    totals = [sum((f.pbt_s for f in side.values()), ZERO) for side in (before, after)]
    found = []
    for moved in range(len(EFFECTS) + 1):
        oee = ZERO
        for machine in {*before, *after}:
            sides = (before.get(machine, nothing), after.get(machine, nothing))

            def at(step: int, moved: int = moved) -> int:
                return int(moved >= step)

            def known(step: int, values: tuple[Fraction | None, Fraction | None]) -> Fraction:
                side = at(step)
                return first_known(values[side], values[1 - side])

            weight = sides[at(1)].pbt_s / totals[at(1)]
            quality = ZERO
            for item in {*sides[0].items, *sides[1].items}:
                share = known(2, (sides[0].share(item), sides[1].share(item)))
                quality += share * known(5, (sides[0].quality(item), sides[1].quality(item)))
            availability = known(3, (sides[0].availability, sides[1].availability))
            effectiveness = known(4, (sides[0].effectiveness, sides[1].effectiveness))
            oee += weight * availability * effectiveness * quality
        found.append(oee)
    return found


def oee_bridge(
    truth: PlantTruth, kpis: Kpis
) -> dict[tuple[str, str, str, date, date], dict[str, Fraction | None]]:
    """The effects of every line and plant between any two weeks and any two months, up to 371
    days apart."""
    scopes: dict[tuple[str, str, str, date], dict[str, Factors]] = defaultdict(dict)
    for (machine, period_type, start), factors in machine_factors(truth).items():
        for scope_type, scope_id in machine_scopes(truth, machine):
            if scope_type != "machine":
                known = scopes[scope_type, scope_id, period_type, start]
                if factors.pbt_s:
                    known[machine] = factors
    # Also a month of which the plant is only told that there was no OEE.
    starts: dict[tuple[str, str, str], list[date]] = defaultdict(list)
    for kpi, cell in kpis:
        if kpi == "oee" and cell.scope_type != "machine" and cell.period_type in ("week", "month"):
            scope = (cell.scope_type, cell.scope_id, cell.period_type)
            starts[scope].append(cell.period_start_date)
    found = {}
    pairs = ((s, *pair) for s, days in starts.items() for pair in combinations(sorted(days), 2))
    for (scope_type, scope_id, period_type), earlier, start in pairs:
        if start > earlier + timedelta(days=371):
            continue
        before, after = (
            scopes.get((scope_type, scope_id, period_type, day), {}) for day in (earlier, start)
        )
        was, now = (
            kpis["oee", Cell(scope_type, scope_id, period_type, day)] for day in (earlier, start)
        )
        row: dict[str, Fraction | None] = dict.fromkeys(f"{e}_effect_ratio" for e in EFFECTS)
        row |= {"oee_before_ratio": was.value, "oee_after_ratio": now.value}
        if not was.is_withheld and not now.is_withheld:
            levels = steps(before, after)
            assert (levels[0], levels[-1]) == (was.value, now.value)
            for number, effect in enumerate(EFFECTS):
                row[f"{effect}_effect_ratio"] = levels[number + 1] - levels[number]
        found[scope_type, scope_id, period_type, earlier, start] = row
    return found
