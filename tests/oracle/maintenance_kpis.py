"""Restoration and work time of maintenance orders, by the day the machine was restored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from plant_calendar import Calendar
from raw_rows import Row
from shop_floor import ShopFloor, seconds

KPIS = frozenset({"mttr_h", "corrective_maintenance_ratio"})


def work(orders: list[Row]) -> list[Fraction]:
    """Hours from start of work to restored machine, of the orders that say both."""
    return [
        seconds(row["finished_at"] - row["started_at"]) / 3600
        for row in orders
        if row["started_at"] is not None
    ]


def scopes_of(floor: ShopFloor, machine_id: str) -> list[Scope]:
    """The plant, the machine and its line."""
    scopes = [Scope("plant", floor.raw.plant_id), Scope("machine", machine_id)]
    if line_id := floor.lines.get(machine_id):
        scopes.append(Scope("line", line_id))
    return scopes


def is_breakdown(row: Row) -> bool:
    return bool(row["is_breakdown"]) and row["maintenance_kind"] == "corrective"


def finished_orders(floor: ShopFloor) -> dict[tuple[Scope, Period], list[Row]]:
    """The orders finished in each period."""
    raw, calendar = floor.raw, Calendar(floor.raw)
    cells: dict[tuple[Scope, Period], list[Row]] = defaultdict(list)
    for row in raw.feed("maintenance_orders"):
        if row["finished_at"] is None:
            continue
        machine_id = raw.business_id("machine", row, "machine_id") or ""
        for scope in scopes_of(floor, machine_id):
            for period in periods(calendar.local_date(row["finished_at"])):
                cells[scope, period].append(row)
    return cells


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    for (scope, period), cell in finished_orders(floor).items():
        for kpi_id, answer in of_cell(cell, catalogue):
            yield Place(floor.raw.plant_id, kpi_id, *scope, *period), answer


def of_cell(cell: list[Row], catalogue: dict[str, Definition]) -> Iterator[tuple[str, Answer]]:
    breakdowns = [row for row in cell if is_breakdown(row)]
    hours = work(breakdowns)
    yield (
        "mttr_h",
        ratio(
            sum(hours, Fraction(0)),
            Fraction(len(hours)),
            [share(Fraction(len(hours)), Fraction(len(breakdowns)))],
            catalogue["mttr_h"].floor,
        ),
    )
    corrective = [row for row in cell if row["maintenance_kind"] == "corrective"]
    preventive = [row for row in cell if row["maintenance_kind"] == "preventive"]
    both = work(corrective + preventive)
    yield (
        "corrective_maintenance_ratio",
        ratio(
            sum(work(corrective), Fraction(0)) * 3600,
            sum(both, Fraction(0)) * 3600,
            [share(Fraction(len(both)), Fraction(len(corrective) + len(preventive)))],
            catalogue["corrective_maintenance_ratio"].floor,
        ),
    )
