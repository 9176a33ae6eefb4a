"""Promises kept, computed from the ledger line by line: what customers ordered, and what suppliers
were asked for.

A line counts for the day that was promised first, once that day is over; how long it took, for the
day on which the last of it arrived. What nobody wrote down stays unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from oracle_kpis import (
    CALENDAR,
    HOUR_S,
    ONE,
    Cell,
    Kpis,
    Value,
    cells,
    divided,
    order_scopes,
    plant_scope,
)
from plant_truth import OrderLine, PlantTruth, seconds

Judgement = bool | None


def all_of(*parts: Judgement) -> Judgement:
    """True where all are; false as soon as one is; else nobody knows."""
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True


@dataclass(frozen=True)
class JudgedLine:
    """A line that was not cancelled, and what is known of it."""

    line: OrderLine
    due_on: date
    is_due: bool
    is_on_time: Judgement
    is_in_full: Judgement
    is_perfect: Judgement
    arrived_on: date | None
    hours: Fraction | None


def judged(truth: PlantTruth, lines: list[OrderLine]) -> list[JudgedLine]:
    """Every line that was not cancelled."""
    found = []
    for line in lines:
        if line.is_cancelled:
            continue
        arrived_on = truth.local_date(line.arrived_at) if line.arrived_at else None
        due_on = line.first_promised_date or line.promised_date or line.requested_date
        due_on = due_on or truth.local_date(line.ordered_at)
        day_is_over = truth.local_instant(due_on + timedelta(days=1), 0)
        on_time: Judgement = None
        if line.first_promised_date is not None:
            on_time = arrived_on is not None and arrived_on <= line.first_promised_date
        in_full: Judgement = False
        if arrived_on is not None:
            in_full = None if line.arrived_qty is None else line.arrived_qty >= line.ordered_qty
        hours = None
        if in_full and line.arrived_at is not None:
            hours = Fraction(seconds(line.ordered_at, line.arrived_at), HOUR_S)
        found.append(
            JudgedLine(
                line,
                due_on,
                day_is_over <= truth.known_until,
                on_time,
                in_full,
                all_of(on_time, in_full, line.is_undamaged, line.is_documented),
                arrived_on,
                hours,
            )
        )
    return found


@dataclass
class Promises:
    """Lines due, orders due, and lines that arrived, of one scope and period."""

    due: list[JudgedLine] = field(default_factory=list)
    orders: list[Judgement] = field(default_factory=list)
    arrived: list[JudgedLine] = field(default_factory=list)


def promises(truth: PlantTruth, lines: list[OrderLine], partner: str) -> dict[Cell, Promises]:
    """Of every partner, item and the plant."""
    found: dict[Cell, Promises] = defaultdict(Promises)

    def of_line(line: OrderLine) -> Iterator[tuple[str, str]]:
        yield plant_scope(truth)
        yield "item", line.item_id
        if line.partner_id is not None:
            yield partner, line.partner_id

    orders: dict[str, list[JudgedLine]] = defaultdict(list)
    for one in judged(truth, lines):
        orders[one.line.order_id].append(one)
        if one.is_due:
            for cell in cells(of_line(one.line), one.due_on):
                found[cell].due.append(one)
        # A part is not yet the line; where nobody says how much came, it may have been all.
        if one.arrived_on is not None and one.is_in_full is not False:
            for cell in cells(of_line(one.line), one.arrived_on):
                found[cell].arrived.append(one)
    for of_order in orders.values():
        if all(one.is_due for one in of_order):
            perfect = all_of(*(one.is_perfect for one in of_order))
            last_due_on = max(one.due_on for one in of_order)
            scopes = [s for s in of_line(of_order[0].line) if s[0] != "item"]
            for cell in cells(scopes, last_due_on):
                found[cell].orders.append(perfect)
    return found


def delivery_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """On time, in full, perfect, and how long it took."""
    found: Kpis = {}

    def share(kpi: str, cell: Cell, answers: list[Judgement]) -> None:
        known = [answer for answer in answers if answer is not None]
        coverage = Fraction(len(known), len(answers)) if answers else None
        found[kpi, cell] = divided(
            Fraction(sum(known)), Fraction(len(known)), coverage, floors[kpi]
        )

    def mean(kpi: str, cell: Cell, arrived: list[JudgedLine]) -> None:
        hours = [one.hours for one in arrived if one.hours is not None]
        coverage = Fraction(len(hours), len(arrived)) if arrived else None
        total = sum(hours, Fraction(0))
        found[kpi, cell] = divided(total, Fraction(len(hours)), coverage, floors[kpi])

    for cell, kept in promises(truth, truth.sales_lines, "customer").items():
        share("otd_ratio", cell, [one.is_on_time for one in kept.due])
        share("in_full_ratio", cell, [one.is_in_full for one in kept.due])
        share("otif_ratio", cell, [all_of(one.is_on_time, one.is_in_full) for one in kept.due])
        share("perfect_order_ratio", cell, kept.orders)
        mean("order_fulfilment_cycle_time_h", cell, kept.arrived)
    for cell, kept in promises(truth, truth.purchase_lines, "supplier").items():
        share("supplier_otd_ratio", cell, [one.is_on_time for one in kept.due])
        mean("supplier_lead_time_h", cell, kept.arrived)
    return found


def demand_days(truth: PlantTruth) -> Iterator[tuple[date, int, dict[str, Fraction]]]:
    """Every day that is over since customers asked for something: the plant's working seconds, by
    the production day in which they pass, and how much of each item was asked for."""
    asked: dict[date, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for one in judged(truth, truth.sales_lines):
        day = one.line.requested_date or one.due_on
        asked[day][one.line.item_id] += one.line.ordered_qty
    day = min(asked, default=date.max - timedelta(days=2))
    while truth.local_instant(day + timedelta(days=1), 0) <= truth.known_until:
        begins_at, ends_at = (truth.day_starts_at(day + timedelta(days=n)) for n in (0, 1))
        working_s = sum(
            seconds(max(shift.start_at, begins_at), min(shift.end_at, ends_at))
            for shift in truth.shifts
            if shift.start_at < ends_at and shift.end_at > begins_at
        )
        yield day, working_s, asked[day]
        day += timedelta(days=1)


def takt_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """The plant's working time over what customers asked for, on days that are over."""
    worked: dict[tuple[str, date], Fraction] = defaultdict(Fraction)
    wanted: dict[Cell, Fraction] = defaultdict(Fraction)
    for day, working_s, asked in demand_days(truth):
        for period_type, start_of in CALENDAR.items():
            worked[period_type, start_of(day)] += working_s
        for item_id, qty in asked.items():
            for cell in cells(order_scopes(truth, item_id), day):
                wanted[cell] += qty
    return {
        ("takt_time_s", cell): divided(
            worked[cell.period_type, cell.period_start_date], qty, ONE, floors["takt_time_s"]
        )
        for cell, qty in wanted.items()
    }


@dataclass
class Pace:
    """What the demand of a period takes of one machine."""

    run_s: Fraction = Fraction(0)
    #: Item to its setup, by the latest standard.
    setups: dict[str, Fraction] = field(default_factory=dict)


def planned_interval_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """One setup of every item asked for, over what running it leaves of a working day. An item is
    made on every machine that has a standard for it, as valid when the day begins; every item of
    this plant has standards, and each states a setup."""
    free_s: dict[tuple[str, date], int] = defaultdict(int)
    day_qty: dict[tuple[str, date], int] = defaultdict(int)
    paces: dict[Cell, Pace] = defaultdict(Pace)
    for day, working_s, asked in demand_days(truth):
        for period_type, start_of in CALENDAR.items():
            free_s[period_type, start_of(day)] += working_s
            day_qty[period_type, start_of(day)] += working_s > 0
        begins_at = truth.day_starts_at(day)
        for (item_id, machine_id), rates in truth.rates.items():
            if item_id not in asked:
                continue
            setups = truth.setups[item_id, machine_id]
            for cell in cells([("machine", machine_id)], day):
                pace = paces[cell]
                pace.run_s += asked[item_id] * _latest(rates, begins_at)
                pace.setups[item_id] = _latest(setups, begins_at)
    found: Kpis = {}
    for cell, pace in paces.items():
        period = (cell.period_type, cell.period_start_date)
        setup_s, left_s = sum(pace.setups.values(), Fraction(0)), free_s[period] - pace.run_s
        per_day_s = left_s / day_qty[period] if left_s > 0 else None
        value = None if per_day_s is None else setup_s / per_day_s
        found["epei_planned_days", cell] = Value(setup_s, per_day_s, value, ONE, value is None)
    return found


def _latest(standards: list[tuple[datetime, Fraction]], at: datetime) -> Fraction:
    return [standard for since, standard in standards if since <= at][-1]
