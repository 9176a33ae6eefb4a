"""Orders, stock and maintenance, computed from the ledger record by record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from oracle_floor import MICROSECOND, Sums, window_of, windows
from plant_truth import Move, PlantTruth, once, seconds

HOUR_S = 3600
DAY = timedelta(days=1)


@once
def rejections(truth: PlantTruth) -> dict[tuple[str, date, str, str, str], Fraction]:
    """Units rejected by machine, production date of the run, item, reason and disposition."""
    tiles = windows(truth)
    runs = {run.run_id: run for run in truth.runs if run.is_observed}
    found: dict[tuple[str, date, str, str, str], Fraction] = defaultdict(Fraction)
    for rejection in truth.rejections:
        run = runs.get(rejection.run_id)
        if run is None:
            continue  # its run was never observed, and so was the rejection
        day = window_of(tiles, run.end_at - MICROSECOND).production_date
        key = (run.machine_id, day, run.item_id, rejection.reason_code, rejection.disposition)
        found[key] += rejection.qty
    return found


@dataclass(frozen=True)
class LeadTime:
    """A finished order and how long it took from release, on the calendar's clock."""

    order_id: str
    item_id: str
    completed_on: date
    hours: Fraction
    #: Of these, the hours in which the plant was planned to work.
    working_hours: Fraction


@once
def lead_times(truth: PlantTruth) -> list[LeadTime]:
    """Every order that was finished before the last extraction."""
    found = []
    for order in truth.orders:
        done = order.completed_at
        if order.is_cancelled or done is None:
            continue
        assert order.released_at is not None, "an order is finished after its release"
        hours = Fraction(seconds(order.released_at, done), HOUR_S)
        worked = sum(
            max(0, seconds(max(s.start_at, order.released_at), min(s.end_at, done)))
            for s in truth.shifts
            if s.start_at < done and s.end_at > order.released_at
        )
        found.append(
            LeadTime(
                order.order_id,
                order.item_id,
                truth.local_date(done),
                hours,
                Fraction(worked, HOUR_S),
            )
        )
    return found


@dataclass(frozen=True)
class Released:
    """A released order: the hours until it was done, or for how long it has been under way."""

    item_id: str
    released_on: date
    hours: Fraction
    is_done: bool


def released_orders(truth: PlantTruth) -> list[Released]:
    """Every order that was released before the last extraction and not cancelled."""
    found = []
    for order in truth.orders:
        if order.is_cancelled or order.released_at is None:
            continue
        if order.released_at >= truth.known_until:
            continue
        until = order.completed_at or truth.known_until
        found.append(
            Released(
                order.item_id,
                truth.local_date(order.released_at),
                Fraction(seconds(order.released_at, until), HOUR_S),
                order.completed_at is not None,
            )
        )
    return found


def still_open(orders: list[Released]) -> list[tuple[Fraction, Fraction]]:
    """The share of orders still open after each time that one was done or last seen, by the
    product-limit estimate of Kaplan and Meier."""
    share, curve = Fraction(1), []
    for hours in sorted({order.hours for order in orders}):
        at_risk = sum(order.hours >= hours for order in orders)
        done = sum(order.hours == hours and order.is_done for order in orders)
        share *= Fraction(at_risk - done, at_risk)
        curve.append((hours, share))
    return curve


def quantile(values: list[Fraction], share: Fraction) -> Fraction:
    """The value that a share of the others does not exceed, between two where it falls between."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = place.__floor__()
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@once
def inventory_daily(truth: PlantTruth) -> dict[tuple[str, str, date], Sums]:
    """Owned stock of every item, location and day: opening, movements by class, closing, value.

    Days without a movement are there as well. COGS is what left at standard cost: sales of
    finished goods, issues of the rest.
    """
    # The day of the last extraction is not over: it has no closing stock yet.
    last_day = truth.local_date(truth.known_until) - DAY
    by_day: dict[tuple[str, str, date], list[Move]] = defaultdict(list)
    for move in truth.moves:
        if move.is_owned:
            by_day[move.item_id, move.location_id, move.posting_date].append(move)
    places = sorted({*truth.opening, *((item, place) for item, place, _ in by_day)})
    found: dict[tuple[str, str, date], Sums] = {}
    for item_id, location_id in places:
        on_hand = truth.opening.get((item_id, location_id), Fraction(0))
        day = truth.opening_date
        while day <= last_day:
            counted = truth.later_counts.get((item_id, location_id, day))
            assert counted in (None, on_hand), "the ledger contradicts its own count"
            part: Sums = defaultdict(Fraction)
            part["opening_qty"] = on_hand
            cost = truth.cost_on(item_id, day)
            usage = "sale" if truth.item_types[item_id] == "finished" else "issue"
            for move in by_day[item_id, location_id, day]:
                on_hand += move.qty
                part[f"{move.movement_class}_qty"] += move.qty
                if move.movement_class == usage:
                    part["cogs_amount"] -= move.qty * cost
                if move.movement_class == "sale":
                    part["sales_cogs_amount"] -= move.qty * cost
            part["closing_qty"] = on_hand
            part["closing_amount"] = on_hand * cost
            found[item_id, location_id, day] = part
            day += DAY
    return found


@dataclass(frozen=True)
class Work:
    """A finished maintenance order, its time from start to finish, and what was written down."""

    machine_id: str
    kind: str
    is_breakdown: bool
    finished_on: date
    work_s: Fraction
    labour_s: Fraction
    cost_amount: Fraction


def finished_work(truth: PlantTruth) -> list[Work]:
    """Every maintenance order that was finished before the last extraction."""
    found = []
    for repair in truth.repairs:
        if repair.finished_at is None:
            continue
        assert repair.started_at is not None, "work is finished after it was started"
        found.append(
            Work(
                repair.machine_id,
                repair.kind,
                repair.is_breakdown,
                truth.local_date(repair.finished_at),
                Fraction(seconds(repair.started_at, repair.finished_at)),
                repair.labour_s,
                repair.cost_amount,
            )
        )
    return found
