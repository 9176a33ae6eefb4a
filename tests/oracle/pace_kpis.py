"""The pace that customers set, and how often every item comes round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share, withheld
from order_kpis import planned_hours
from plant_calendar import Calendar
from raw_rows import Row
from shop_floor import ShopFloor, exact, seconds

KPIS = frozenset({"takt_time_s", "epei_days", "epei_planned_days"})
NOTHING = Fraction(0)
HOUR = 3600
DAY = 24 * HOUR
ONE_DAY = timedelta(days=1)


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    for part in (takt, epei, planned_epei):
        for kpi_id, scope, period, answer in part(floor, catalogue):
            known = catalogue[kpi_id]
            if scope.scope_type in known.scope_types and period.period_type in known.period_types:
                yield Place(floor.raw.plant_id, kpi_id, *scope, *period), answer


Figures = Iterator[tuple[str, Scope, Period, Answer]]


# --- takt -----------------------------------------------------------------------------------------


def takt(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw, calendar = floor.raw, floor.calendar
    # A day asked for before anything is known of the plant says nothing.
    asked_for = [
        (row, day)
        for row in raw.feed("sales_order_lines")
        if not row["is_cancelled"]
        and (day := demand_day(calendar, row)) >= calendar.days[0]["plant_date"]
    ]
    newest = raw.known_until("sales_order_lines")
    if newest is None or not asked_for:
        return
    first = min(day for _, day in asked_for)
    cells: dict[tuple[Scope, Period], list[Row]] = defaultdict(list)
    for row, day in asked_for:
        if calendar.is_over(day, newest):
            item_id = raw.business_id("item", row, "item_id") or ""
            for scope in (Scope("plant", raw.plant_id), Scope("item", item_id)):
                for period in periods(day):
                    cells[scope, period].append(row)
    working: dict[Period, list[Fraction | None]] = defaultdict(list)
    while calendar.is_over(first, newest):
        for period in periods(first):
            working[period].append(working_time(calendar, first))
        first += ONE_DAY
    for (scope, period), lines in cells.items():
        demand = sum((exact(row["ordered_qty"]) or NOTHING for row in lines), NOTHING)
        known = [time for time in working[period] if time is not None]
        time = sum(known, NOTHING) if len(known) == len(working[period]) else None
        answer = ratio(time, demand, [], catalogue["takt_time_s"].floor)
        if len({row["uom"] for row in lines}) > 1:
            answer = withheld(time, None)
        yield "takt_time_s", scope, period, answer


def demand_day(calendar: Calendar, row: Row) -> date:
    """The day the customer asked for, else one that was promised, else that of the order."""
    day: date = (
        row["requested_date"]
        or row["first_promised_date"]
        or row["promised_date"]
        or calendar.local_date(row["ordered_at"])
    )
    return day


def working_time(calendar: Calendar, day: date) -> Fraction | None:
    """Seconds in which the plant was to work on a production day; None where nobody says."""
    if not calendar.is_planned(day):
        return None
    (row,) = (row for row in calendar.days if row["plant_date"] == day)
    return planned_hours(calendar, row["production_start_at"], row["production_end_at"]) * HOUR


# --- every part every interval --------------------------------------------------------------------


def epei(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw = floor.raw
    first_passes = [o for o in floor.outputs if o.pass_no == 1 and o.piece_no == 1]
    # A run of an unknown item may have been a batch of any.
    is_known: dict[Period, list[bool]] = defaultdict(list)
    for run in first_passes:
        for period in periods(run.window.production_date):
            is_known[period].append(run.item_id is not None)
    cells: dict[tuple[Scope, Period], list[Fraction]] = defaultdict(list)
    runs = [run for run in first_passes if run.item_id is not None]
    runs.sort(key=lambda run: (run.machine_id, run.row["start_at"]))
    for machine_id, of_machine in groupby(runs, key=lambda run: run.machine_id):
        begun: dict[str, datetime] = {}
        for item_id, batch in groupby(of_machine, key=lambda run: run.item_id):
            assert item_id is not None
            first_run = next(batch)
            start_at: datetime = first_run.row["start_at"]
            came_back = [seconds(start_at - begun[item_id]) / DAY] if item_id in begun else []
            begun[item_id] = start_at
            for scope in (
                Scope("plant", raw.plant_id),
                Scope("machine", machine_id),
                Scope("item", item_id),
            ):
                for period in periods(first_run.window.production_date):
                    cells[scope, period] += came_back
    for (scope, period), intervals in cells.items():
        told = is_known[period]
        answer = ratio(
            sum(intervals, NOTHING),
            Fraction(len(intervals)),
            [share(Fraction(told.count(True)), Fraction(len(told)))],
            catalogue["epei_days"].floor,
        )
        yield "epei_days", scope, period, answer


def planned_epei(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    """What the run time for the demand leaves of a working day, against one setup of every item."""
    raw, calendar = floor.raw, floor.calendar
    newest = raw.known_until("sales_order_lines")
    first_known = calendar.days[0]["plant_date"]
    lines = [
        (raw.business_id("item", row, "item_id"), exact(row["ordered_qty"]) or NOTHING, day)
        for row in raw.feed("sales_order_lines")
        if not row["is_cancelled"] and (day := demand_day(calendar, row)) >= first_known
    ]
    if newest is None or not lines:
        return
    first = min(day for _, _, day in lines)
    of_period: dict[Period, list[tuple[str | None, Fraction, date]]] = defaultdict(list)
    for line in lines:
        if calendar.is_over(line[2], newest):
            for period in periods(line[2]):
                of_period[period].append(line)
    working: dict[Period, list[Fraction | None]] = defaultdict(list)
    while calendar.is_over(first, newest):
        for period in periods(first):
            working[period].append(working_time(calendar, first))
        first += ONE_DAY
    rates = [
        row
        | {
            "item_id": raw.business_id("item", row, "item_id"),
            "machine_id": raw.business_id("machine", row, "machine_id"),
        }
        for row in raw.feed("standard_rates")
    ]

    def standards(item_id: str | None, day: date) -> dict[str, Row]:
        """The standard of each machine that has one for the item when the day begins."""
        starts_at = calendar.day_start(day)
        valid = [
            row
            for row in rates
            if row["item_id"] == item_id
            and row["machine_id"] is not None
            and row["valid_from"] <= starts_at
            and (row["valid_to"] is None or starts_at < row["valid_to"])
        ]
        return {row["machine_id"]: row for row in sorted(valid, key=lambda row: row["valid_from"])}

    for period, of_days in of_period.items():
        run: dict[str, Fraction] = defaultdict(Fraction)
        setups: dict[str, dict[str | None, Fraction | None]] = defaultdict(dict)
        nowhere: set[str | None] = set()
        for item_id, qty, day in sorted(of_days, key=lambda line: line[2]):
            found = standards(item_id, day)
            if not found:
                nowhere.add(item_id)
            for machine_id, row in found.items():
                run[machine_id] += qty * (exact(row["ideal_cycle_s"]) or NOTHING)
                setups[machine_id][item_id] = exact(row["planned_setup_s"])
        items = {item_id for item_id, _, _ in of_days}
        times = working[period]
        days = sum(bool(time) for time in times)
        for machine_id, of_machine in setups.items():
            known = [setup for setup in of_machine.values() if setup is not None]
            free = None
            if None not in times:
                free = sum((time or NOTHING for time in times), NOTHING) - run[machine_id]
            answer = ratio(
                sum(known, NOTHING),
                free / days if free is not None and free > 0 and days else None,
                [
                    share(Fraction(len(items - nowhere)), Fraction(len(items))),
                    share(Fraction(len(known)), Fraction(len(of_machine))),
                ],
                catalogue["epei_planned_days"].floor,
            )
            yield "epei_planned_days", Scope("machine", machine_id), period, answer
