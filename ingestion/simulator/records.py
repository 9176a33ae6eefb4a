"""What people and instruments write down beside the machines: who was there and worked where, what
meters counted, what gauges measured.

The shop floor neither waits for these records nor knows them; each has its own random numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random

from ingestion.simulator.clock import (
    BREAK_AFTER_S,
    BREAK_S,
    HOUR_S,
    LINE_BREAK_OFFSET_S,
    MINUTE_S,
    Shift,
)
from ingestion.simulator.ledger import PRODUCTION, Ledger
from ingestion.simulator.plant import Item, MachineSpec, Plant, stream

PEOPLE_PER_LINE = 2
ATTENDANCE, WORK = "attendance", "work"

#: The hours at which somebody reads the meters of the machines.
READING_HOURS = (5, 13, 21)
#: What a meter counts in one step. A production day begins in the middle of a reading of seven,
#: eight or nine hours; the part of each hour is a whole number of watt hours, so that every system
#: can divide it without rounding.
STEP_KWH = Decimal("0.504")

SAMPLE_SIZE = 4
STUDY_SAMPLES, STUDY_SAMPLE_SIZE = 12, 5
TORQUE = "TORQUE"
TORQUE_LIMIT = Decimal("11.500")


@dataclass(slots=True)
class LabourEntry:
    """One interval in which a person was present, or worked on a machine."""

    worker_id: str
    kind: str
    machine_id: str | None
    start_at: int
    end_at: int
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter counted between two readings; it stands at a machine, a line or the plant."""

    reading_id: str
    meter_id: str
    carrier: str
    machine_id: str | None
    line_id: str | None
    start_at: int
    end_at: int
    energy_kwh: Decimal


@dataclass(slots=True)
class Measurement:
    """One value of one characteristic; without a subgroup it is a sample of its own."""

    characteristic_id: str
    machine_id: str
    item_id: str | None
    subgroup_id: str | None
    measured_at: int
    value: Decimal
    lower_limit: Decimal | None
    upper_limit: Decimal | None
    uom: str
    measurement_id: str = ""


@dataclass(slots=True)
class Records:
    """All records of the horizon, each kind in the order of time."""

    labour: list[LabourEntry] = field(default_factory=list)
    energy: list[Reading] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)


def records(plant: Plant, ledger: Ledger) -> Records:
    """What is written down in the plant's horizon; what was measured was made there."""
    labour = sorted(_labour(plant), key=lambda e: (e.start_at, e.worker_id, e.kind, e.end_at))
    for n, entry in enumerate(labour):
        entry.entry_id = str(7_000_001 + n)
    energy = sorted(_energy(plant), key=lambda r: (r.end_at, r.meter_id))
    measurements = [
        *_samples(plant, _Making(ledger)),
        *_single_values(plant),
    ]
    measurements.sort(key=lambda m: (m.measured_at, m.characteristic_id, m.machine_id))
    for n, measurement in enumerate(measurements):
        measurement.measurement_id = str(9_000_001 + n)
    return Records(labour, energy, measurements)


# People


def _labour(plant: Plant) -> Iterator[LabourEntry]:
    """Log-ins, and what people worked on while they were there: two people a line and shift."""
    rng = stream(plant.seed, "people")
    for shift in plant.calendar.shifts:
        for line_no, machines in plant.lines.items():
            for n in range(1, PEOPLE_PER_LINE + 1):
                if rng.random() > 0.03:  # else somebody is ill, and nobody fills in
                    worker_id = f"W{line_no}{shift.code}{n}"
                    yield from _shift_of(plant, rng, shift, machines, worker_id)


def _shift_of(
    plant: Plant, rng: Random, shift: Shift, machines: list[MachineSpec], worker_id: str
) -> Iterator[LabourEntry]:
    """One person's shift: there a little before or after it begins, out for the break, now and
    then longer than it lasts. Some forget to log in, some work through the break."""
    calendar = plant.calendar
    came_at = max(calendar.start_at, shift.start_at + rng.randrange(-8 * MINUTE_S, 6 * MINUTE_S))
    left_at = shift.end_at + rng.randrange(-9 * MINUTE_S, 4 * MINUTE_S)
    if rng.random() < 0.04:
        left_at += rng.randrange(HOUR_S // 2, 2 * HOUR_S)
    if came_at >= calendar.end_at:
        return
    break_at = shift.start_at + BREAK_AFTER_S + (machines[0].line_no - 1) * LINE_BREAK_OFFSET_S
    out_at = break_at + rng.randrange(-2 * MINUTE_S, 3 * MINUTE_S)
    back_at = out_at + BREAK_S + rng.randrange(-3 * MINUTE_S, 4 * MINUTE_S)
    stays = [(came_at, out_at), (back_at, left_at)]
    if rng.random() > 0.02:
        for start_at, end_at in stays:
            if start_at < min(end_at, calendar.end_at):
                yield LabourEntry(worker_id, ATTENDANCE, None, start_at, end_at)
    spells = [(came_at, left_at)] if rng.random() < 0.05 else stays
    for start_at, end_at in spells:
        at = start_at + rng.randrange(MINUTE_S, 12 * MINUTE_S)
        while at < min(end_at, calendar.end_at):
            until = min(at + rng.randrange(50 * MINUTE_S, 150 * MINUTE_S), end_at)
            machine = rng.choice(machines)
            yield LabourEntry(worker_id, WORK, machine.machine_id, at, until)
            others = [other for other in machines if other is not machine]
            if others and rng.random() < 0.3:
                # Two machines at once, the second for a part of the time.
                second_at = at + rng.randrange(MINUTE_S, 20 * MINUTE_S)
                if second_at < min(until, calendar.end_at):
                    other = rng.choice(others)
                    yield LabourEntry(worker_id, WORK, other.machine_id, second_at, until)
            at = until + rng.randrange(2 * MINUTE_S, 15 * MINUTE_S)


# Meters


def _energy(plant: Plant) -> Iterator[Reading]:
    """Every machine's meter three times a day, those of the lines and of the plant when the
    production day begins. Now and then nobody reads one."""
    calendar, rng = plant.calendar, stream(plant.seed, "meters")
    days = [calendar.start + timedelta(days=n) for n in range(calendar.days + 1)]
    three_a_day = [calendar.clock.utc(day, hour) for day in days for hour in READING_HOURS]
    daily = [calendar.clock.utc(day, plant.site.day_start) for day in days]
    for machine in plant.machines:
        meter_id = f"E-{machine.machine_id}"
        steps_per_h = rng.randrange(18, 70)
        for place in _intervals(plant, rng, three_a_day, meter_id, "electricity", steps_per_h):
            yield Reading(*place[:3], machine.machine_id, None, *place[3:])
    for line_no in plant.lines:
        meter_id = f"A-L{line_no}"
        for place in _intervals(plant, rng, daily, meter_id, "compressed_air", 12):
            yield Reading(*place[:3], None, f"L{line_no}", *place[3:])
    meter_id = f"G-{plant.site.plant_id}"
    for place in _intervals(plant, rng, daily, meter_id, "gas", 40):
        yield Reading(*place[:3], None, None, *place[3:])


def _intervals(
    plant: Plant, rng: Random, read_at: list[int], meter_id: str, carrier: str, steps_per_h: int
) -> Iterator[tuple[str, str, str, int, int, Decimal]]:
    """One meter's readings: ids, carrier, interval and what it counted."""
    calendar = plant.calendar
    since = calendar.start_at
    for n, at in enumerate(at for at in read_at if calendar.start_at < at <= calendar.end_at):
        hours = (at - since) / HOUR_S
        steps = round(steps_per_h * hours * rng.uniform(0.4, 1.1))
        if rng.random() > 0.015:
            yield f"{meter_id}-{n + 1}", meter_id, carrier, since, at, steps * STEP_KWH
        since = at


# Gauges


class _Making:
    """Which item a machine was making at an instant."""

    def __init__(self, ledger: Ledger) -> None:
        self._items: dict[int, list[Item]] = {}
        self._starts: dict[int, list[int]] = {}
        for activity in ledger.activities:
            if activity.kind == PRODUCTION and activity.operation is not None:
                machine = activity.machine.index
                self._starts.setdefault(machine, []).append(activity.start_at)
                self._items.setdefault(machine, []).append(activity.operation.order.item)

    def at(self, machine: MachineSpec, instant: int) -> Item | None:
        """The item it made last; nothing before the first."""
        place = bisect_right(self._starts.get(machine.index, []), instant) - 1
        return None if place < 0 else self._items[machine.index][place]


def _samples(plant: Plant, making: _Making) -> Iterator[Measurement]:
    """The length of what the last station of each line makes: an hourly sample, and once a week a
    study of the machine. From the change of standards on, one item's tolerance is narrower."""
    calendar, rng = plant.calendar, stream(plant.seed, "gauges")
    for shift in calendar.shifts:
        for line_no, machines in plant.lines.items():
            machine = machines[-1]
            hours = range(shift.start_at, min(shift.end_at, calendar.end_at), HOUR_S)
            for at in hours:
                item = making.at(machine, at)
                at += rng.randrange(10 * MINUTE_S, HOUR_S)
                if item is not None and rng.random() > 0.05:
                    yield from _sample(plant, rng, machine, item, at, SAMPLE_SIZE)
            if shift.production_date.weekday() == line_no and shift.number == 1:
                item = making.at(machine, shift.start_at)
                for n in range(STUDY_SAMPLES if item is not None else 0):
                    at = shift.start_at + 2 * HOUR_S + n * 10 * MINUTE_S
                    assert item is not None
                    yield from _sample(plant, rng, machine, item, at, STUDY_SAMPLE_SIZE)


def _sample(
    plant: Plant, rng: Random, machine: MachineSpec, item: Item, at: int, size: int
) -> Iterator[Measurement]:
    """Some pieces, one after the other; now and then nobody notes the limits."""
    calendar = plant.calendar
    nominal = Decimal(20 + item.number % 7 * 5)
    width = Decimal("0.150")
    is_changed = plant.rate_change is not None and calendar.clock.date(at) >= plant.rate_change
    if is_changed and item is plant.items_of(machine.line_no)[0]:
        width = Decimal("0.120")
    has_limits = rng.random() > 0.03
    drift = rng.gauss(0, 0.012)
    measured = [at + n * 70 + rng.randrange(60) for n in range(size)]
    if measured[0] < calendar.start_at or measured[-1] >= calendar.end_at:
        return
    for measured_at in measured:
        deviation = Decimal(f"{rng.gauss(0.01, 0.034) + drift:.3f}")
        yield Measurement(
            characteristic_id=f"{item.item_id}-LENGTH",
            machine_id=machine.machine_id,
            item_id=item.item_id,
            subgroup_id=f"{machine.machine_id}-{at}",
            measured_at=measured_at,
            value=nominal + deviation,
            lower_limit=nominal - width if has_limits else None,
            upper_limit=nominal + width if has_limits else None,
            uom="mm",
        )


def _single_values(plant: Plant) -> Iterator[Measurement]:
    """The torque at the first station of each line, one value at a time, with a lower limit."""
    calendar, rng = plant.calendar, stream(plant.seed, "torque")
    for shift in calendar.shifts:
        for machines in plant.lines.values():
            at = shift.start_at + rng.randrange(40 * MINUTE_S)
            while at < min(shift.end_at, calendar.end_at):
                if at >= calendar.start_at:
                    yield Measurement(
                        characteristic_id=TORQUE,
                        machine_id=machines[0].machine_id,
                        item_id=None,
                        subgroup_id=None,
                        measured_at=at,
                        value=Decimal(f"{rng.gauss(12.4, 0.21):.3f}"),
                        lower_limit=TORQUE_LIMIT,
                        upper_limit=None,
                        uom="Nm",
                    )
                at += rng.randrange(30 * MINUTE_S, 50 * MINUTE_S)
