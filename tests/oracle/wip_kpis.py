"""Work in process: how many released orders were open, and whether lead times explain it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from order_kpis import orders, scopes_of
from plant_calendar import Calendar
from raw_rows import RawPlant, Row
from shop_floor import seconds

KPIS = frozenset({"wip_orders_mean", "littles_law_residual"})
NOTHING = Fraction(0)


@dataclass
class UnderWay:
    """Seconds that orders were open in a period, and what is known of them."""

    time: Fraction = NOTHING
    open_time: Fraction = NOTHING
    #: Of the orders completed in the period, from release to completion.
    lead_time: Fraction = NOTHING
    known_qty: int = 0
    #: Orders completed that nobody said the release of.
    unknown_qty: int = 0
    #: Whether an order was open or completed.
    is_told: bool = False


def answers(raw: RawPlant, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    for (scope, period), cell in cells_of(raw).items():
        qty = Fraction(cell.known_qty + cell.unknown_qty)
        known = share(Fraction(cell.known_qty), qty)
        for kpi_id, above, below in (
            ("wip_orders_mean", cell.open_time, cell.time),
            ("littles_law_residual", cell.open_time - cell.lead_time, cell.open_time),
        ):
            told = catalogue[kpi_id]
            if scope.scope_type in told.scope_types and period.period_type in told.period_types:
                answer = ratio(above, below, [known], told.floor)
                yield Place(raw.plant_id, kpi_id, *scope, *period), answer


def cells_of(raw: RawPlant) -> dict[tuple[Scope, Period], UnderWay]:
    calendar = Calendar(raw)
    newest = raw.known_until("production_orders")
    of_scope: dict[Scope, list[Row]] = defaultdict(list)
    for row in orders(raw).values():
        if not row["is_cancelled"]:
            for scope in scopes_of(raw, row):
                of_scope[scope].append(row)
    cells: dict[tuple[Scope, Period], UnderWay] = defaultdict(UnderWay)
    begun = [row for row in of_scope[Scope("plant", raw.plant_id)] if row["released_at"]]
    if newest is None or not begun:
        return cells
    first = min(calendar.local_date(row["released_at"]) for row in begun)
    days = []
    while calendar.is_over(first, newest):
        days.append(first)
        first += timedelta(days=1)
    for scope, rows in of_scope.items():
        for period, dates in by_period(days).items():
            cell = under_way(calendar, rows, dates)
            # An item has no figure for the time in which none of its orders was under way.
            if scope.scope_type == "plant" or cell.is_told:
                cells[scope, period] = cell
    return cells


def by_period(days: list[date]) -> dict[Period, list[date]]:
    found: dict[Period, list[date]] = defaultdict(list)
    for day in days:
        for period in periods(day):
            found[period].append(day)
    return found


def under_way(calendar: Calendar, rows: list[Row], days: list[date]) -> UnderWay:
    """What was open on days one after another."""
    begin, end = calendar.midnight(days[0]), calendar.midnight(days[-1] + timedelta(days=1))
    cell = UnderWay(time=seconds(end - begin))
    for row in rows:
        released_at, completed_at = row["released_at"], row["completed_at"]
        is_completed = completed_at is not None and begin <= completed_at < end
        cell.is_told |= is_completed
        if released_at is None:
            cell.unknown_qty += is_completed
            continue
        overlap = min(completed_at or end, end) - max(released_at, begin)
        if overlap > timedelta(0):
            cell.is_told = True
            cell.known_qty += 1
            cell.open_time += seconds(overlap)
        if is_completed:
            cell.lead_time += seconds(completed_at - released_at)
    return cell
