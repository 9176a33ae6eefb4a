"""What the maintenance crew planned: preventive work on time, planned work, and the backlog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from maintenance_kpis import finished_orders, scopes_of
from plant_calendar import Calendar
from raw_rows import Row
from shop_floor import ShopFloor, exact

KPIS = frozenset({"pm_compliance_ratio", "planned_work_ratio", "maintenance_backlog_weeks"})
NOTHING = Fraction(0)
HOUR = 3600
WEEKS = 4
FOUR_WEEKS = timedelta(weeks=WEEKS)


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    for part in (preventive, planned, backlog):
        for kpi_id, scope, period, answer in part(floor, catalogue):
            known = catalogue[kpi_id]
            if scope.scope_type in known.scope_types and period.period_type in known.period_types:
                yield Place(floor.raw.plant_id, kpi_id, *scope, *period), answer


Figures = Iterator[tuple[str, Scope, Period, Answer]]


def preventive(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw, calendar = floor.raw, Calendar(floor.raw)
    (plant,) = raw.of_plant("plants")
    tolerance = timedelta(days=plant["preventive_tolerance_days"])
    newest = raw.known_until("maintenance_orders")
    cells: dict[tuple[Scope, Period], list[bool | None]] = defaultdict(list)
    for row in raw.feed("maintenance_orders"):
        if row["maintenance_kind"] != "preventive":
            continue
        assert newest is not None
        day = finished = row["finished_at"] and calendar.local_date(row["finished_at"])
        is_in_time: bool | None = None
        if row["due_at"] is not None:
            day = due = calendar.local_date(row["due_at"])
            if finished is None and not calendar.is_over(due + tolerance, newest):
                continue  # it may still be done in time
            is_in_time = finished is not None and abs(finished - due) <= tolerance
        if day is None:
            continue
        machine_id = raw.business_id("machine", row, "machine_id") or ""
        for scope in scopes_of(floor, machine_id):
            for period in periods(day):
                cells[scope, period].append(is_in_time)
    for (scope, period), due_orders in cells.items():
        known = [is_in_time for is_in_time in due_orders if is_in_time is not None]
        answer = ratio(
            Fraction(known.count(True)),
            Fraction(len(known)),
            [share(Fraction(len(known)), Fraction(len(due_orders)))],
            catalogue["pm_compliance_ratio"].floor,
        )
        yield "pm_compliance_ratio", scope, period, answer


def planned(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    if all(row["is_planned"] is None for row in floor.raw.feed("maintenance_orders")):
        return
    for (scope, period), cell in finished_orders(floor).items():
        told = [r for r in cell if r["is_planned"] is not None and r["labour_s"] is not None]
        answer = ratio(
            worked([row for row in told if row["is_planned"]]),
            worked(told),
            [share(Fraction(len(told)), Fraction(len(cell)))],
            catalogue["planned_work_ratio"].floor,
        )
        yield "planned_work_ratio", scope, period, answer


def worked(orders: list[Row], column: str = "labour_s") -> Fraction:
    """Hours, of the orders that state them."""
    return sum((exact(row[column]) or NOTHING for row in orders), NOTHING) / HOUR


def backlog(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw, calendar = floor.raw, Calendar(floor.raw)
    orders = raw.feed("maintenance_orders")
    if all(row["planned_labour_s"] is None for row in orders):
        return
    first = min(calendar.local_date(row["reported_at"]) for row in orders)
    newest = raw.known_until("maintenance_orders")
    assert newest is not None
    last_days: dict[Period, date] = {}
    day = first
    # The running period is told as of the newest export.
    while day <= calendar.local_date(newest):
        for period in periods(day):
            last_days[period] = day
        day += timedelta(days=1)
    for period, last in last_days.items():
        finished = [
            row
            for row in orders
            if row["finished_at"] is not None
            and last - FOUR_WEEKS < calendar.local_date(row["finished_at"]) <= last
        ]
        still_open = [
            row
            for row in orders
            if calendar.local_date(row["reported_at"]) <= last
            and (row["finished_at"] is None or last < calendar.local_date(row["finished_at"]))
        ]
        shares = [
            Fraction(min((last - first).days + 1, FOUR_WEEKS.days), FOUR_WEEKS.days),
            stated(still_open, "planned_labour_s"),
            stated(finished, "labour_s"),
        ]
        answer = ratio(
            worked(still_open, "planned_labour_s"),
            worked(finished) / WEEKS,
            shares,
            catalogue["maintenance_backlog_weeks"].floor,
        )
        yield "maintenance_backlog_weeks", Scope("plant", raw.plant_id), period, answer


def stated(orders: list[Row], column: str) -> Fraction | None:
    """The share of orders that state it."""
    return share(Fraction(sum(row[column] is not None for row in orders)), Fraction(len(orders)))
