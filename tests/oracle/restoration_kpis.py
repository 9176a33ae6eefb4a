"""Phases of restorations: detect, respond, wait, repair; by the day the machine was restored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from answers import Answer, Definition, Place, ratio, share
from maintenance_kpis import finished_orders, is_breakdown
from raw_rows import Row
from shop_floor import FailureStop, ShopFloor, seconds

KPIS = frozenset({"time_to_detect_h", "time_to_respond_h", "waiting_time_h", "repair_time_h"})
#: A stop that misses its order by this much still belongs to it.
NEAR = timedelta(minutes=15)
NO_TIME = timedelta(0)
HOUR = 3600


def in_hours(length: timedelta) -> Fraction:
    return seconds(length) / HOUR


def stop_of(
    stops: list[FailureStop], reported_at: datetime, finished_at: datetime
) -> FailureStop | None:
    """The failure that an order is about: the one nearest to the report."""

    def distance(stop: FailureStop) -> timedelta:
        return max(stop.start_at - reported_at, reported_at - stop.end_at, NO_TIME)

    near = [
        stop
        for stop in stops
        if stop.start_at <= finished_at + NEAR and reported_at - NEAR <= stop.end_at
    ]
    return min(near, key=lambda stop: (distance(stop), stop.start_at), default=None)


def phases(floor: ShopFloor, row: Row) -> dict[str, Fraction | None]:
    """Hours of one finished breakdown order, by KPI; None where it does not say."""
    machine_id = floor.raw.business_id("machine", row, "machine_id")
    reported_at, started_at, finished_at = (
        row["reported_at"],
        row["started_at"],
        row["finished_at"],
    )
    arrived_at = row["responded_at"] or started_at
    detect = respond = wait = repair = None
    stops = [stop for stop in floor.failure_stops if stop.machine_id == machine_id]
    if stop := stop_of(stops, reported_at, finished_at):
        detect = in_hours(max(reported_at - stop.start_at, NO_TIME))
    # Moments that contradict one another tell nothing.
    if arrived_at is not None and reported_at <= arrived_at:
        respond = in_hours(arrived_at - reported_at)
    if started_at is not None and arrived_at <= started_at and row["parts_waiting_s"] is not None:
        for_parts = Fraction(str(row["parts_waiting_s"])) / HOUR
        work = in_hours(finished_at - started_at)
        if for_parts <= work:
            wait, repair = in_hours(started_at - arrived_at) + for_parts, work - for_parts
    return {
        "time_to_detect_h": detect,
        "time_to_respond_h": respond,
        "waiting_time_h": wait,
        "repair_time_h": repair,
    }


def told(floor: ShopFloor) -> set[str]:
    """The phases that the plant delivers anything of."""
    states_waiting = any(
        row["parts_waiting_s"] is not None for row in floor.raw.feed("maintenance_orders")
    )
    return {
        "time_to_respond_h",
        *(["time_to_detect_h"] if floor.failure_stops else []),
        *(["waiting_time_h", "repair_time_h"] if states_waiting else []),
    }


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    wanted = told(floor)
    for (scope, period), cell in finished_orders(floor).items():
        breakdowns = [phases(floor, row) for row in cell if is_breakdown(row)]
        for kpi_id in wanted:
            known = [hours for phase in breakdowns if (hours := phase[kpi_id]) is not None]
            qty = Fraction(len(known))
            yield (
                Place(floor.raw.plant_id, kpi_id, *scope, *period),
                ratio(
                    sum(known, Fraction(0)),
                    qty,
                    [share(qty, Fraction(len(breakdowns)))],
                    catalogue[kpi_id].floor,
                ),
            )
