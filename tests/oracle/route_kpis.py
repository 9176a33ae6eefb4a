"""KPIs of completed orders on their routes: how long they took, waited, and kept machines busy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from order_kpis import orders
from plant_calendar import Calendar
from raw_rows import Row
from shop_floor import Output, Segment, ShopFloor, exact, seconds

KPIS = frozenset(
    {
        "allocation_ratio",
        "throughput_rate",
        "production_process_ratio",
        "actual_to_planned_scrap_ratio",
        "fall_off_ratio",
        "queue_ratio",
        "process_cycle_efficiency",
    }
)
NOTHING = Fraction(0)
HOUR = 3600


@dataclass
class Operation:
    """One operation of an order, and everything that was done for it."""

    sequence_no: int
    planned_scrap: Fraction | None
    segments: list[Segment] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    run_ends: list[datetime] = field(default_factory=list)

    @property
    def busy(self) -> list[Segment]:
        states = ("producing", "setup", "delay", "rework")
        return [segment for segment in self.segments if segment.state in states]

    @property
    def start_at(self) -> datetime | None:
        moments = [s.start_at for s in self.busy] + [o.row["start_at"] for o in self.outputs]
        return min(moments, default=None)

    @property
    def end_at(self) -> datetime | None:
        return max([s.end_at for s in self.busy] + self.run_ends, default=None)

    @property
    def first_passes(self) -> list[Output]:
        return [output for output in self.outputs if output.pass_no == 1]


@dataclass
class Order:
    """One completed order."""

    row: Row
    operations: list[Operation]
    #: Seconds of its machines, while it was on them, that nobody watched.
    unobserved: Fraction = NOTHING

    @property
    def carried_out(self) -> list[Operation]:
        return [operation for operation in self.operations if operation.start_at is not None]

    @property
    def execution_time(self) -> Fraction | None:
        """AOET: release to the end of the last operation."""
        ends = [o.end_at for o in self.operations if o.end_at is not None]
        if self.row["released_at"] is None or not ends:
            return None
        length = seconds(max(ends) - self.row["released_at"])
        return length if length > 0 else None

    @property
    def lead_time(self) -> Fraction | None:
        released = self.row["released_at"]
        return None if released is None else seconds(self.row["completed_at"] - released)

    @property
    def has_times(self) -> bool:
        """Whether states tell of every operation that made something."""
        return all(operation.busy for operation in self.carried_out)

    def seconds(self, *states: str) -> Fraction:
        found = [s for o in self.operations for s in o.segments if s.state in states]
        return sum((segment.seconds for segment in found), NOTHING)

    @property
    def queue_time(self) -> Fraction:
        """AQT: from the end of everything in front of an operation to its first setup or run."""
        free_at, waited = self.row["released_at"], NOTHING
        for operation in self.carried_out:
            start_at, end_at = operation.start_at, operation.end_at
            assert start_at is not None and end_at is not None
            if start_at > free_at:
                waited += seconds(start_at - free_at)
            free_at = max(free_at, end_at)
        return waited


def completed_orders(floor: ShopFloor) -> Iterator[Order]:
    """Each completed order with the operations that were delivered for it."""
    raw = floor.raw
    operations: dict[tuple[str, str], Operation] = {}
    of_order: dict[str, list[Operation]] = defaultdict(list)
    for row in raw.feed("order_operations"):
        operation = Operation(row["sequence_no"] or 0, exact(row["planned_scrap_qty"]))
        operations[row["source"], row["operation_id"]] = operation
        of_order[raw.business_id("order", row, "order_id") or ""].append(operation)
    for segment in floor.segments:
        if segment.operation in operations:
            operations[segment.operation].segments.append(segment)
    for output in floor.outputs:
        key = (output.row["source"], output.row["operation_id"])
        if key in operations:
            operations[key].outputs.append(output)
            operations[key].run_ends.append(floor.end_of_run(output.row))
    for order_id, row in orders(raw).items():
        if row["completed_at"] is not None and not row["is_cancelled"] and of_order[order_id]:
            order = Order(row, sorted(of_order[order_id], key=lambda o: o.sequence_no))
            order.unobserved = unobserved(floor, order)
            yield order


def unobserved(floor: ShopFloor, order: Order) -> Fraction:
    """Seconds in which an operation was on a machine that nobody watched, while it was or may have
    been meant to work."""
    total = NOTHING
    for operation in order.carried_out:
        start_at, end_at = operation.start_at, operation.end_at
        assert start_at is not None and end_at is not None
        machines = {s.machine_id for s in operation.busy}
        machines |= {output.machine_id for output in operation.outputs}
        for segment in floor.segments:
            is_gap = segment.state is None and segment.window.schedule != "not_scheduled"
            if is_gap and segment.machine_id in machines:
                overlap = min(segment.end_at, end_at) - max(segment.start_at, start_at)
                total += max(seconds(overlap), NOTHING)
    return total


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    raw, calendar = floor.raw, Calendar(floor.raw)
    cells: dict[tuple[Scope, Period], list[Order]] = defaultdict(list)
    for order in completed_orders(floor):
        scopes = [Scope("plant", raw.plant_id)]
        item_id = raw.business_id("item", order.row, "item_id")
        if item_id is not None:
            scopes.append(Scope("item", item_id))
        for scope in scopes:
            for period in periods(calendar.local_date(order.row["completed_at"])):
                cells[scope, period].append(order)
    for (scope, period), cell in cells.items():
        for kpi_id, answer in of_cell(cell, catalogue):
            yield Place(raw.plant_id, kpi_id, *scope, *period), answer


def of_cell(cell: list[Order], catalogue: dict[str, Definition]) -> Iterator[tuple[str, Answer]]:
    def figure(kpi_id: str, parts: list[tuple[Fraction, Fraction, Fraction]]) -> tuple[str, Answer]:
        """Of the orders that tell it: what is above the line, below it, and how much is known."""
        return kpi_id, ratio(
            sum((above for above, _, _ in parts), NOTHING),
            sum((below for _, below, _ in parts), NOTHING),
            [share(sum((known for _, _, known in parts), NOTHING), Fraction(len(cell)))],
            catalogue[kpi_id].floor,
        )

    executed = [(order, aoet) for order in cell if (aoet := order.execution_time) is not None]
    watched = [(o, aoet, 1 - o.unobserved / aoet) for o, aoet in executed if o.has_times]
    led = [(o, lead) for o in cell if o.has_times and o.carried_out and (lead := o.lead_time)]
    one = Fraction(1)
    yield figure(
        "allocation_ratio",
        [(o.seconds("producing", "setup", "delay", "rework"), aoet, k) for o, aoet, k in watched],
    )
    yield figure(
        "production_process_ratio", [(o.seconds("producing"), aoet, k) for o, aoet, k in watched]
    )
    yield figure(
        "process_cycle_efficiency",
        [(o.seconds("producing"), lead, 1 - o.unobserved / lead) for o, lead in led],
    )
    yield figure("queue_ratio", [(o.queue_time, aoet, one) for o, aoet in executed])
    yield figure(
        "throughput_rate",
        [
            (quantity(o.carried_out[-1].first_passes, "produced"), aoet / HOUR, one)
            for o, aoet in executed
            if o.operations[-1].first_passes
        ],
    )
    yield figure(
        "fall_off_ratio",
        [
            (
                quantity(o.carried_out[0].outputs, "scrap"),
                quantity(o.carried_out[0].first_passes, "produced"),
                one,
            )
            for o in cell
            if o.carried_out and o.carried_out[0].first_passes
        ],
    )
    planned = [
        (
            sum((quantity(op.outputs, "scrap") for op in with_plan), NOTHING),
            sum((op.planned_scrap or NOTHING for op in with_plan), NOTHING),
            Fraction(len(with_plan), len(order.operations)),
        )
        for order in cell
        if (with_plan := [op for op in order.operations if op.planned_scrap is not None])
    ]
    yield figure("actual_to_planned_scrap_ratio", planned)


def quantity(outputs: list[Output], name: str) -> Fraction:
    """The sum of what is known."""
    return sum((getattr(output, name) or NOTHING for output in outputs), NOTHING)
