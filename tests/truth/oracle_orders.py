"""Orders and their operations, step by step from the ledger.

An order's execution runs from its release to the end of its last operation. Everything that its
operations did is taken as the systems could see it: what ran while the data collector was down
is lost to them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from oracle_floor import Sums, windows
from plant_truth import PlantTruth, Run, once, seconds

#: States in which a machine is busy with an operation.
BUSY = ("producing", "setup", "delay", "rework")


@dataclass
class Step:
    """An operation of an order that was carried out."""

    operation_no: int
    runs: list[Run] = field(default_factory=list)
    #: Stretches in which a machine was busy with it, with their state.
    busy: list[tuple[datetime, datetime, str]] = field(default_factory=list)

    @property
    def start_at(self) -> datetime:
        return min([run.start_at for run in self.runs] + [start for start, _, _ in self.busy])

    @property
    def end_at(self) -> datetime:
        return max([run.end_at for run in self.runs] + [end for _, end, _ in self.busy])

    @property
    def scrap_qty(self) -> Fraction:
        return sum((run.scrap_qty for run in self.runs), Fraction(0))

    @property
    def first_pass_qty(self) -> Fraction | None:
        """Units of first passes; null where none was seen."""
        first = [run.produced_qty for run in self.runs if run.pass_no == 1]
        return sum(first, Fraction(0)) if first else None


def steps(truth: PlantTruth) -> dict[str, dict[int, Step]]:
    """Every order's operations, as far as they were observed."""
    found: dict[str, dict[int, Step]] = defaultdict(dict)

    def step(order_id: str, operation_no: int) -> Step:
        return found[order_id].setdefault(operation_no, Step(operation_no))

    for run in truth.runs:
        if run.is_observed:
            step(run.order_id, run.operation_no).runs.append(run)
    states = truth.states_of
    places: dict[str, int] = defaultdict(int)
    for activity in sorted(truth.activities, key=lambda a: a.start_at):
        of_machine = states[activity.machine_id]
        place = places[activity.machine_id]
        while place < len(of_machine) and of_machine[place].end_at <= activity.start_at:
            place += 1
        places[activity.machine_id] = place
        for number in range(place, len(of_machine)):
            state = of_machine[number]
            if state.start_at >= activity.end_at:
                break
            if not state.is_observed or state.state not in BUSY:
                continue
            start_at = max(state.start_at, activity.start_at)
            end_at = min(state.end_at, activity.end_at)
            if state.state == "delay":
                # A stop belongs whole to the operation that it stopped, also after the shift.
                if state.start_at < activity.start_at:
                    continue
                end_at = min(state.end_at, truth.known_until)
            busy = step(activity.order_id, activity.operation_no).busy
            busy.append((start_at, end_at, state.state))
    return found


def unseen(truth: PlantTruth) -> dict[str, list[tuple[datetime, datetime]]]:
    """Stretches of shifts in which nobody watched a machine."""
    shifts = [tile for tile in windows(truth) if tile.shift_code is not None]
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for machine_id, states in truth.states_of.items():
        for state in states:
            if state.is_observed and state.state != "not_scheduled":
                continue
            for tile in shifts:
                start_at = max(state.start_at, tile.start_at)
                end_at = min(state.end_at, tile.end_at)
                if start_at < end_at:
                    found[machine_id].append((start_at, end_at))
    return found


@dataclass(frozen=True)
class OrderRun:
    """A completed order: what it took and what came out."""

    item_id: str
    completed_on: date
    parts: Sums


def completed_orders(truth: PlantTruth) -> list[OrderRun]:
    """Every order that was completed before the last extraction."""
    of_orders, gaps = steps(truth), unseen(truth)
    found = []
    for order in truth.orders:
        if order.is_cancelled or order.completed_at is None:
            continue
        assert order.released_at is not None, "an order is completed after its release"
        route = [step for _, step in sorted(of_orders.get(order.order_id, {}).items())]
        parts: Sums = defaultdict(Fraction)
        parts["order_qty"] = Fraction(1)
        parts["operation_qty"] = Fraction(len(route))
        if route:
            parts["executed_qty"] = Fraction(1)
            done_until = order.released_at
            for step in route:
                if step.start_at > done_until:
                    parts["queue_s"] += seconds(done_until, step.start_at)
                done_until = max(done_until, step.end_at)
            parts["execution_s"] = Fraction(seconds(order.released_at, done_until))
            made, begun = route[-1].first_pass_qty, route[0].first_pass_qty
            if made is not None:
                parts["made_qty"] = Fraction(1)
                parts["produced_qty"] = made
                parts["made_h"] = parts["execution_s"] / 3600
            if begun is not None:
                parts["first_counted_qty"] = Fraction(1)
                parts["first_produced_qty"] = begun
                parts["first_scrap_qty"] = route[0].scrap_qty
        if route and all(step.busy for step in route):
            parts["busy_qty"] = Fraction(1)
            parts["busy_execution_s"] = parts["execution_s"]
            parts["lead_s"] = Fraction(seconds(order.released_at, order.completed_at))
            for step in route:
                for start_at, end_at, state in step.busy:
                    parts["aubt_s"] += seconds(start_at, end_at)
                    if state == "producing":
                        parts["apt_s"] += seconds(start_at, end_at)
                for machine_id in {run.machine_id for run in step.runs}:
                    for start_at, end_at in gaps[machine_id]:
                        start_at = max(start_at, step.start_at)
                        end_at = min(end_at, step.end_at)
                        if start_at < end_at:
                            parts["unseen_s"] += seconds(start_at, end_at)
        found.append(OrderRun(order.item_id, truth.local_date(order.completed_at), parts))
    return found


@dataclass(frozen=True)
class WipDay:
    """One day that is over: its length, and the orders under way on it by item."""

    day: date
    length_s: int
    items: dict[str, Sums]


@once
def wip_days(truth: PlantTruth) -> list[WipDay]:
    """Every day that is over, from the first release on.

    An order is under way from its release to its completion, or until it was last seen open.
    """
    orders = [o for o in truth.orders if not o.is_cancelled and o.released_at is not None]
    releases = [o.released_at for o in orders if o.released_at is not None]
    day = truth.local_date(min(releases))
    found = []
    while (end_at := truth.local_instant(day + timedelta(days=1), 0)) <= truth.known_until:
        start_at = truth.local_instant(day, 0)
        items: dict[str, Sums] = {}
        for order in orders:
            assert order.released_at is not None
            until = order.completed_at or truth.known_until
            if order.released_at >= end_at or until < start_at:
                continue
            part = items.setdefault(order.item_id, defaultdict(Fraction))
            part["open_order_s"] += seconds(max(order.released_at, start_at), min(until, end_at))
            part["released_order_qty"] += order.released_at >= start_at
            if until >= end_at:
                age = end_at - order.released_at
                part["open_order_qty"] += 1
                part["open_qty"] += order.planned_qty
                part["open_up_to_7_days_order_qty"] += age <= timedelta(days=7)
                part["open_8_to_30_days_order_qty"] += timedelta(days=7) < age <= timedelta(days=30)
                part["open_over_30_days_order_qty"] += age > timedelta(days=30)
            else:
                part["completed_order_qty"] += 1
                part["lead_time_s"] += seconds(order.released_at, until)
        found.append(WipDay(day, seconds(start_at, end_at), items))
        day += timedelta(days=1)
    return found
