"""The simulated plant's ledger of what really happened, as plain Python records.

Nothing here knows the exports, the raw tables or the models: what the marts are held to must not
be able to share a mistake with them. Instants are naive UTC, numbers are exact fractions.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import polars as pl

SECOND = timedelta(seconds=1)
Answer = TypeVar("Answer")


def seconds(start_at: datetime, end_at: datetime) -> int:
    """Whole seconds between two instants; the ledger knows no finer ones."""
    length = end_at - start_at
    assert length % SECOND == timedelta(0), f"{start_at} to {end_at} is not whole seconds"
    return length // SECOND


@dataclass(frozen=True)
class State:
    """A stretch of a machine's time in one state."""

    machine_id: str
    start_at: datetime
    end_at: datetime
    state: str
    reason_code: str | None
    is_failure: bool
    is_observed: bool


@dataclass(frozen=True)
class Run:
    """What a machine made of one operation between two shift changes."""

    run_id: str
    machine_id: str
    order_id: str
    item_id: str
    operation_no: int
    pass_no: int
    start_at: datetime
    end_at: datetime
    good_qty: Fraction
    scrap_qty: Fraction
    rework_qty: Fraction
    ideal_cycle_s: Fraction
    is_observed: bool

    @property
    def produced_qty(self) -> Fraction:
        return self.good_qty + self.scrap_qty + self.rework_qty


@dataclass(frozen=True)
class Activity:
    """A stretch in which a machine was there for one operation of an order."""

    machine_id: str
    order_id: str
    operation_no: int
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True)
class Rejection:
    """Units of a run that were rejected for one reason."""

    run_id: str
    reason_code: str
    disposition: str
    qty: Fraction


@dataclass(frozen=True)
class Order:
    """A production order."""

    order_id: str
    item_id: str
    created_at: datetime
    released_at: datetime | None
    completed_at: datetime | None
    planned_qty: Fraction
    completed_qty: Fraction
    is_cancelled: bool


@dataclass(frozen=True)
class Move:
    """One line of a stock document."""

    movement_id: str
    item_id: str
    location_id: str
    posting_date: date
    qty: Fraction
    movement_class: str
    is_owned: bool
    order_id: str | None


@dataclass(frozen=True)
class Repair:
    """A maintenance order."""

    order_id: str
    machine_id: str
    kind: str
    is_breakdown: bool
    reported_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    due_date: date | None
    labour_s: Fraction
    cost_amount: Fraction


@dataclass(frozen=True)
class OrderLine:
    """A line of a customer's order, or of one to a supplier, as of the last extraction."""

    line_id: str
    order_id: str
    partner_id: str | None
    item_id: str
    ordered_qty: Fraction
    ordered_at: datetime
    requested_date: date | None
    first_promised_date: date | None
    promised_date: date | None
    #: Null where nothing arrived, or where nobody wrote down how much.
    arrived_qty: Fraction | None
    arrived_at: datetime | None
    is_undamaged: bool | None
    is_documented: bool | None
    is_cancelled: bool


@dataclass(frozen=True)
class LabourEntry:
    """A stretch in which a person was present, or worked on a machine."""

    entry_id: str
    worker_id: str
    kind: str
    machine_id: str | None
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True)
class Reading:
    """What a meter of a machine, a line or the plant counted between two readings."""

    reading_id: str
    meter_id: str
    machine_id: str | None
    line_id: str | None
    start_at: datetime
    end_at: datetime
    energy_kwh: Fraction


@dataclass(frozen=True)
class Measurement:
    """A measured value, in a sample or alone."""

    measurement_id: str
    characteristic_id: str
    machine_id: str
    item_id: str | None
    subgroup_id: str | None
    measured_at: datetime
    value: Fraction
    lower_limit: Fraction | None
    upper_limit: Fraction | None


@dataclass(frozen=True)
class Shift:
    """A shift instance."""

    production_date: date
    shift_code: str
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True)
class Defect:
    """A fault that was put into an exported file on purpose."""

    file: str
    line_no: int | None
    rule: str
    column_name: str | None
    value: str | None
    what: str
    is_quarantined: bool
    repaired_in: str | None


@dataclass(frozen=True, eq=False)
class PlantTruth:
    """Everything that happened in the plant, until `known_until`."""

    plant_id: str
    zone: ZoneInfo
    #: The hour at which a production day begins.
    day_start: int
    minor_stop_limit_s: int
    starts_at: datetime
    known_until: datetime
    states: list[State]
    runs: list[Run]
    activities: list[Activity]
    rejections: list[Rejection]
    orders: list[Order]
    moves: list[Move]
    opening: dict[tuple[str, str], Fraction]
    opening_date: date
    later_counts: dict[tuple[str, str, date], Fraction]
    costs: dict[str, list[tuple[date, Fraction]]]
    item_types: dict[str, str]
    #: Item and machine to what is valid since when: cycle, and setup.
    rates: dict[tuple[str, str], list[tuple[datetime, Fraction]]]
    setups: dict[tuple[str, str], list[tuple[datetime, Fraction]]]
    repairs: list[Repair]
    sales_lines: list[OrderLine]
    purchase_lines: list[OrderLine]
    labour: list[LabourEntry]
    energy: list[Reading]
    measurements: list[Measurement]
    shifts: list[Shift]
    #: When each machine's data collector was down.
    outages: dict[str, list[tuple[datetime, datetime]]]
    defects: list[Defect]

    @cached_property
    def machines(self) -> list[str]:
        return sorted({state.machine_id for state in self.states})

    @cached_property
    def states_of(self) -> dict[str, list[State]]:
        """Every machine's states until the last extraction, in the order of time."""
        found: dict[str, list[State]] = defaultdict(list)
        for state in sorted(self.states, key=lambda s: s.start_at):
            if state.start_at < self.known_until:
                found[state.machine_id].append(state)
        return found

    @cached_property
    def repairs_of(self) -> dict[str, list[Repair]]:
        """Every machine's maintenance orders."""
        found: dict[str, list[Repair]] = defaultdict(list)
        for repair in self.repairs:
            found[repair.machine_id].append(repair)
        return found

    def line_of(self, machine_id: str) -> str:
        """The line is the first part of a machine's name, e.g. L1-M2."""
        return machine_id.split("-")[0]

    def local_date(self, instant: datetime) -> date:
        """The plant's calendar date at an instant."""
        return (
            instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(self.zone).replace(tzinfo=None)
        ).date()

    def local_instant(self, day: date, hour: int) -> datetime:
        """The instant at which the wall clock shows a full hour on a date."""
        local = datetime(day.year, day.month, day.day, hour, tzinfo=self.zone)
        return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)

    def day_starts_at(self, day: date) -> datetime:
        """The instant at which a production day begins."""
        return self.local_instant(day, self.day_start)

    def cost_on(self, item_id: str, day: date) -> Fraction:
        """The standard cost of one unit that is valid on a date."""
        return [cost for since, cost in self.costs[item_id] if since <= day][-1]

    def cycle_today(self, item_id: str, machine_id: str) -> Fraction:
        """The standard of an item on a machine that is valid at the last extraction."""
        rates = self.rates[item_id, machine_id]
        return [cycle_s for since, cycle_s in rates if since <= self.known_until][-1]


def once(compute: Callable[[PlantTruth], Answer]) -> Callable[[PlantTruth], Answer]:
    """Compute an answer about a plant once; who asks again gets the same object."""
    answers: WeakKeyDictionary[PlantTruth, Answer] = WeakKeyDictionary()

    def answer(truth: PlantTruth) -> Answer:
        if truth not in answers:
            answers[truth] = compute(truth)
        return answers[truth]

    answer.__name__, answer.__doc__ = compute.__name__, compute.__doc__
    return answer


def _known(instant: datetime | None, until: datetime) -> datetime | None:
    """An instant, as far as it lies before the last extraction."""
    return instant if instant is not None and instant <= until else None


def _fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return pl.read_parquet(folder / f"{name}.parquet").to_dicts()


def _order_lines(folder: Path, name: str) -> list[OrderLine]:
    return [
        OrderLine(
            row["order_line_id"],
            row["order_id"],
            row["partner_id"],
            row["item_id"],
            Fraction(row["ordered_qty"]),
            row["ordered_at"],
            row["requested_date"],
            row["first_promised_date"],
            row["promised_date"],
            None if row["arrived_qty"] is None else Fraction(row["arrived_qty"]),
            row["arrived_at"],
            row["is_undamaged"],
            row["is_documented"],
            row["is_cancelled"],
        )
        for row in _rows(folder, name)
    ]


def read_truth(folder: Path) -> PlantTruth:
    """Read the ledger of one simulated plant."""
    about = json.loads((folder / "plant.json").read_text(encoding="utf-8"))
    known_until = {datetime.fromisoformat(at) for at in about["known_until"].values()}
    assert len(known_until) == 1, "every system is extracted to the same instant"
    end = known_until.pop()
    starts_at = datetime.fromisoformat(about["starts_at"])
    counts = {
        (row["item_id"], row["location_id"], row["date"]): Fraction(row["qty"])
        for row in _rows(folder, "opening_stock")
    }
    opening_date = min(day for _, _, day in counts)
    costs: dict[str, list[tuple[date, Fraction]]] = {}
    for row in sorted(_rows(folder, "costs"), key=lambda row: row["valid_from"]):
        costs.setdefault(row["item_id"], []).append((row["valid_from"], Fraction(row["unit_cost"])))
    rates: dict[tuple[str, str], list[tuple[datetime, Fraction]]] = {}
    setups: dict[tuple[str, str], list[tuple[datetime, Fraction]]] = {}
    for row in sorted(_rows(folder, "rates"), key=lambda row: row["valid_from"]):
        where, since = (row["item_id"], row["machine_id"]), row["valid_from"]
        rates.setdefault(where, []).append((since, Fraction(row["ideal_cycle_s"])))
        setups.setdefault(where, []).append((since, Fraction(row["planned_setup_s"])))
    outages: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in _rows(folder, "unobserved"):
        outages[row["machine_id"]].append((row["start_at"], row["end_at"]))
    return PlantTruth(
        plant_id=about["plant_id"],
        zone=ZoneInfo(about["time_zone"]),
        day_start=int(about["day_start"].removesuffix(":00")),
        minor_stop_limit_s=about["minor_stop_limit_s"],
        starts_at=starts_at,
        known_until=end,
        states=[
            State(
                row["machine_id"],
                row["start_at"],
                row["end_at"],
                row["state"],
                row["reason_code"],
                row["is_failure"],
                row["is_observed"],
            )
            for row in _rows(folder, "machine_time")
        ],
        runs=[
            Run(
                row["run_id"],
                row["machine_id"],
                row["order_id"],
                row["item_id"],
                row["operation_no"],
                row["pass_no"],
                row["start_at"],
                # A run that is still going on has been counted until the last extraction.
                row["end_at"] if row["end_at"] and row["end_at"] <= end else end,
                Fraction(row["good_qty"]),
                Fraction(row["scrap_qty"]),
                Fraction(row["rework_qty"]),
                Fraction(row["ideal_cycle_s"]),
                row["is_observed"],
            )
            for row in _rows(folder, "runs")
        ],
        activities=[
            Activity(
                row["machine_id"],
                row["order_id"],
                row["operation_no"],
                row["start_at"],
                min(row["end_at"], end),
            )
            for row in _rows(folder, "activities")
        ],
        rejections=[
            Rejection(row["run_id"], row["reason_code"], row["disposition"], Fraction(row["qty"]))
            for row in _rows(folder, "rejections")
        ],
        orders=[
            Order(
                row["order_id"],
                row["item_id"],
                row["created_at"],
                _known(row["released_at"], end),
                _known(row["completed_at"], end),
                Fraction(row["planned_qty"]),
                Fraction(row["completed_qty"]),
                row["is_cancelled"],
            )
            for row in _rows(folder, "orders")
        ],
        moves=[
            Move(
                row["movement_id"],
                row["item_id"],
                row["location_id"],
                row["posting_date"],
                Fraction(row["signed_qty"]),
                row["movement_class"],
                row["is_owned"],
                row["order_id"],
            )
            for row in _rows(folder, "stock_moves")
        ],
        opening={
            (item_id, location_id): qty
            for (item_id, location_id, day), qty in counts.items()
            if day == opening_date
        },
        opening_date=opening_date,
        later_counts={key: qty for key, qty in counts.items() if key[2] > opening_date},
        costs=costs,
        item_types={row["item_id"]: row["item_type"] for row in _rows(folder, "items")},
        rates=rates,
        setups=setups,
        repairs=[
            Repair(
                row["maintenance_order_id"],
                row["machine_id"],
                row["kind"],
                row["is_breakdown"],
                row["reported_at"],
                _known(row["started_at"], end),
                _known(row["finished_at"], end),
                row["due_date"],
                Fraction(row["labour_s"] or 0),
                Fraction(row["cost_amount"] or 0),
            )
            for row in _rows(folder, "maintenance")
        ],
        sales_lines=_order_lines(folder, "sales_order_lines"),
        purchase_lines=_order_lines(folder, "purchase_order_lines"),
        labour=[
            LabourEntry(
                row["entry_id"],
                row["worker_id"],
                row["entry_kind"],
                row["machine_id"],
                row["start_at"],
                row["end_at"],
            )
            for row in _rows(folder, "labour")
        ],
        energy=[
            Reading(
                row["reading_id"],
                row["meter_id"],
                row["machine_id"],
                row["line_id"],
                row["start_at"],
                row["end_at"],
                Fraction(row["energy_kwh"]),
            )
            for row in _rows(folder, "energy")
        ],
        measurements=[
            Measurement(
                row["measurement_id"],
                row["characteristic_id"],
                row["machine_id"],
                row["item_id"],
                row["subgroup_id"],
                row["measured_at"],
                Fraction(row["measured_value"]),
                _fraction(row["lower_limit"]),
                _fraction(row["upper_limit"]),
            )
            for row in _rows(folder, "measurements")
        ],
        shifts=[
            Shift(row["production_date"], row["shift_code"], row["start_at"], row["end_at"])
            for row in _rows(folder, "shifts")
        ],
        outages=outages,
        defects=[
            Defect(
                row["file"],
                row["line_no"],
                row["rule"],
                row["column_name"],
                row["value"],
                row["what"],
                row["is_quarantined"],
                row["repaired_in"],
            )
            for row in _rows(folder, "defects")
        ],
    )
