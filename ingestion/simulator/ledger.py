"""What really happened: the simulation writes it down here, and only here.

The exports are written from these records, each system with its own gaps and habits; the truth
files are written from the same records without them. Quantities of stock are thousandths of
the item's unit, amounts are cents, instants are UTC seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ingestion.simulator.clock import Shift
from ingestion.simulator.plant import Defect, Item, MachineSpec, Reason

# Activities, by their number in the MES.
NO_ORDER, PRODUCTION, SETUP, REWORK, PLANNED_DOWN = 1, 2, 3, 4, 5


@dataclass(slots=True)
class Order:
    """A production order."""

    order_id: str
    item: Item
    line_no: int
    planned_qty: int
    created_at: int
    due_date: date
    released_at: int | None = None
    cancelled_at: int | None = None
    started_at: int | None = None
    completed_at: int | None = None
    completed_qty: int = 0
    number: int = 0  # Id_his_of, given at release
    operations: list[Operation] = field(default_factory=list)


@dataclass(slots=True)
class Operation:
    """One step of an order's route; its quantity is known when the batch arrives."""

    order: Order
    sequence: int
    machine: MachineSpec
    number: int  # Id_his_fase
    qty: int = 0


@dataclass(slots=True)
class Booking:
    """Units that a run reported at one instant."""

    at: int
    good: int
    scrap: int
    rework: int


@dataclass(slots=True)
class Activity:
    """What a machine was there for between two shift changes: one row of his_prod."""

    machine: MachineSpec
    kind: int
    operation: Operation | None
    start_at: int
    shift: Shift | None
    production_date: date
    is_observed: bool
    cycle_ms: int | None
    operator: int
    end_at: int | None = None
    bookings: list[Booking] = field(default_factory=list)
    row_id: str = ""

    def counts(self, until: int) -> tuple[int, int, int]:
        """Good, scrap and rework units reported so far."""
        good = scrap = rework = 0
        for booking in self.bookings:
            if booking.at <= until:
                good += booking.good
                scrap += booking.scrap
                rework += booking.rework
        return good, scrap, rework


@dataclass(slots=True)
class Stop:
    """A stop of a machine inside an activity; it may outlast the activity."""

    machine: MachineSpec
    activity: Activity
    reason: Reason | None
    start_at: int
    is_observed: bool
    end_at: int | None = None
    row_id: str = ""


@dataclass(slots=True)
class Rejection:
    """Units that a run rejected for one reason."""

    activity: Activity
    defect: Defect
    qty: int
    at: int
    row_id: str = ""


@dataclass(slots=True)
class Piece:
    """One stretch of a machine's time in one state."""

    machine: MachineSpec
    state: str
    reason: Reason | None
    start_at: int
    is_observed: bool
    end_at: int | None = None


@dataclass(slots=True)
class MaintenanceOrder:
    """An order of the maintenance department."""

    machine: MachineSpec
    is_corrective: bool
    is_breakdown: bool
    text: str
    failure_code: str | None
    reported_at: int
    started_at: int | None = None
    finished_at: int | None = None
    due_date: date | None = None
    labour_h: Decimal | None = None
    cost_cents: int | None = None
    order_id: str = ""


@dataclass(slots=True)
class Movement:
    """One line of a stock document."""

    document: str
    line: int
    code: str
    item: Item
    location: str
    qty: int  # signed thousandths
    amount_cents: int  # signed
    posting_date: date
    entered_at: int
    order: Order | None
    movement_class: str
    is_reversal: bool = False
    is_owned: bool = True

    @property
    def movement_id(self) -> str:
        return f"{self.posting_date.year}-{self.document}-{self.line}"


@dataclass(frozen=True, slots=True)
class PlantedDefect:
    """A fault that was put into an exported file on purpose."""

    file: str  # below the landing directory
    line_no: int | None  # line in the file, the header being line 1; None: the whole file
    rule: str  # the rule that finds it
    column_name: str | None
    value: str | None
    row_id: str | None
    what: str
    is_quarantined: bool
    repaired_in: str | None  # the file that delivers the right row, where one does


@dataclass(slots=True)
class Ledger:
    """Everything that happened."""

    activities: list[Activity] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    maintenance: list[MaintenanceOrder] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    opening: dict[tuple[str, str], int] = field(default_factory=dict)

    def close(self, end_at: int) -> None:
        """Forget what had no duration before the last extraction, and number the rest.

        Ids are given here, in the order of time over all machines, as a system that numbers
        rows as they come in would have done.
        """
        self.activities = [a for a in self.activities if _lasted(a.start_at, a.end_at, end_at)]
        self.stops = [s for s in self.stops if _lasted(s.start_at, s.end_at, end_at)]
        self.pieces = [p for p in self.pieces if _lasted(p.start_at, p.end_at, end_at)]
        self.maintenance = [m for m in self.maintenance if m.reported_at < end_at]
        self.movements = [m for m in self.movements if m.entered_at <= end_at]
        self.orders = [o for o in self.orders if o.created_at < end_at]

        self.activities.sort(key=lambda a: (a.start_at, a.machine.index))
        self.stops.sort(key=lambda s: (s.start_at, s.machine.index))
        self.rejections.sort(key=lambda r: (r.at, r.activity.machine.index, r.defect.number))
        self.pieces.sort(key=lambda p: (p.machine.index, p.start_at))
        self.maintenance.sort(key=lambda m: (m.reported_at, m.machine.index, m.is_corrective))
        _number(self.activities, [a.is_observed for a in self.activities], 5_000_001)
        _number(self.stops, [s.is_observed for s in self.stops], 8_000_001)
        _number(self.rejections, [r.activity.is_observed for r in self.rejections], 3_000_001)
        for n, order in enumerate(self.maintenance):
            order.order_id = str(4_000_001 + n)


def _lasted(start_at: int, end_at: int | None, horizon: int) -> bool:
    return start_at < horizon and (end_at is None or end_at > start_at)


def _number(
    records: Sequence[Activity | Stop | Rejection], observed: list[bool], first: int
) -> None:
    """What the collector missed never got an id in the MES; its own series keeps it apart."""
    given = missed = 0
    for record, is_observed in zip(records, observed, strict=True):
        if is_observed:
            record.row_id = str(first + given)
            given += 1
        else:
            missed += 1
            record.row_id = f"unobserved-{missed}"
