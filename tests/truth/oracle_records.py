"""People, meters and gauges, computed from the ledger record by record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import sqrt

from oracle_floor import Window, window_of, windows
from oracle_kpis import ONE, Cell, Kpis, Value, cells, machine_scopes, plant_scope
from oracle_quality import observed_runs
from plant_truth import LabourEntry, Measurement, PlantTruth, once, seconds

NOTHING = Fraction(0)


# People


@dataclass
class Hours:
    """Seconds of people: present, at work, at work while present."""

    present_s: Fraction = NOTHING
    work_s: Fraction = NOTHING
    attended_s: Fraction = NOTHING


def together(entries: list[LabourEntry]) -> Iterator[list[LabourEntry]]:
    """One person's entries, in groups between which the person does nothing."""
    group: list[LabourEntry] = []
    for entry in sorted(entries, key=lambda entry: entry.start_at):
        if group and entry.start_at >= max(other.end_at for other in group):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


@once
def labour_time(truth: PlantTruth) -> dict[tuple[str | None, Window], Hours]:
    """Time of people by machine (attendance has none) and shift; who works on two machines at
    once gives each half of the time."""
    tiles = windows(truth)
    people: dict[str, list[LabourEntry]] = defaultdict(list)
    for entry in truth.labour:
        people[entry.worker_id].append(entry)
    found: dict[tuple[str | None, Window], Hours] = defaultdict(Hours)
    for entries in people.values():
        for group in together(entries):
            first, last = min(e.start_at for e in group), max(e.end_at for e in group)
            cuts = {at for entry in group for at in (entry.start_at, entry.end_at)}
            tile = window_of(tiles, first)
            while tile.end_at < last:
                cuts.add(tile.end_at)
                tile = window_of(tiles, tile.end_at)
            for start_at, end_at in pairwise(sorted(cuts)):
                tile, length = window_of(tiles, start_at), Fraction(seconds(start_at, end_at))
                now = [e for e in group if e.start_at <= start_at and end_at <= e.end_at]
                work = [entry for entry in now if entry.kind == "work"]
                is_present = len(work) < len(now)
                if is_present:
                    found[None, tile].present_s += length
                for entry in work:
                    hours = found[entry.machine_id, tile]
                    hours.work_s += length / len(work)
                    hours.attended_s += length / len(work) if is_present else 0
    return dict(found)


def labour_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """How much of the time they were there people worked. What they worked without being logged
    in is not known to belong to it."""
    totals: dict[Cell, Hours] = defaultdict(Hours)
    for (_, tile), hours in labour_time(truth).items():
        for cell in cells([plant_scope(truth)], tile.production_date, tile.shift_code):
            total = totals[cell]
            total.present_s += hours.present_s
            total.work_s += hours.work_s
            total.attended_s += hours.attended_s
    found: Kpis = {}
    for cell, total in totals.items():
        coverage = total.attended_s / total.work_s if total.work_s else ONE
        withheld = coverage < floors["worker_efficiency"] or not total.present_s
        value = None if withheld else total.attended_s / total.present_s
        found["worker_efficiency", cell] = Value(
            total.attended_s, total.present_s, value, coverage, withheld
        )
    return found


# Meters


@once
def metered(truth: PlantTruth) -> dict[tuple[str, date], tuple[int, Fraction]]:
    """Seconds and kilowatt hours of every reading by production day, as if it had been counted
    evenly."""
    found: dict[tuple[str, date], tuple[int, Fraction]] = {}
    for reading in truth.energy:
        whole = seconds(reading.start_at, reading.end_at)
        day = truth.local_date(reading.start_at) - timedelta(days=1)
        while (day_start := truth.day_starts_at(day)) < reading.end_at:
            day_end = truth.day_starts_at(day + timedelta(days=1))
            start_at, end_at = max(reading.start_at, day_start), min(reading.end_at, day_end)
            if start_at < end_at:
                length = seconds(start_at, end_at)
                found[reading.reading_id, day] = (length, reading.energy_kwh * length / whole)
            day += timedelta(days=1)
    return found


@dataclass
class Metered:
    """Energy of a scope and period, what was made with it, and how much of that a meter saw."""

    energy_kwh: Fraction | None = None
    produced: Fraction = NOTHING
    seen: Fraction = NOTHING
    has_runs: bool = False


def energy_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Energy per unit: a machine's meter counts for its line and plant too, a line's for the
    plant, and each sees what the machines below it make while somebody reads it."""
    readings = {reading.reading_id: reading for reading in truth.energy}
    totals: dict[Cell, Metered] = defaultdict(Metered)
    seen_s: dict[tuple[str | None, str | None, date], int] = defaultdict(int)
    for (reading_id, day), (length_s, energy_kwh) in metered(truth).items():
        reading = readings[reading_id]
        seen_s[reading.machine_id, reading.line_id, day] += length_s
        if reading.machine_id is not None:
            scopes = machine_scopes(truth, reading.machine_id)
        else:
            own = [("line", reading.line_id)] if reading.line_id is not None else []
            scopes = [*own, plant_scope(truth)]
        for cell in cells(scopes, day):
            totals[cell].energy_kwh = (totals[cell].energy_kwh or NOTHING) + energy_kwh
    for run, tile in observed_runs(truth):
        day, line_id = tile.production_date, truth.line_of(run.machine_id)
        day_s = seconds(truth.day_starts_at(day), truth.day_starts_at(day + timedelta(days=1)))
        best = NOTHING
        for scope, meter in zip(
            machine_scopes(truth, run.machine_id),
            ((run.machine_id, None), (None, line_id), (None, None)),
            strict=True,
        ):
            best = max(best, Fraction(seen_s[*meter, day], day_s))
            for cell in cells([scope], day):
                total = totals[cell]
                total.has_runs = True
                if run.pass_no == 1:
                    total.produced += run.produced_qty
                    total.seen += run.produced_qty * best
    found: Kpis = {}
    for cell, total in totals.items():
        coverage = None
        if total.has_runs:
            coverage = total.seen / total.produced if total.produced else ONE
        floor = floors["comprehensive_energy_consumption"]
        value = None
        if total.energy_kwh is not None and total.produced and coverage and coverage >= floor:
            value = total.energy_kwh / total.produced
        found["comprehensive_energy_consumption", cell] = Value(
            total.energy_kwh, total.produced, value, coverage, value is None
        )
    return found


# Gauges


@dataclass
class Sample:
    """Values of one subgroup with the same limits, or a single one."""

    values: list[Measurement]
    #: The value before, of a single one.
    before: Fraction | None = None

    @property
    def first(self) -> Measurement:
        return self.values[0]

    @property
    def mean(self) -> Fraction:
        return sum((m.value for m in self.values), NOTHING) / len(self.values)

    def squares_about(self, centre: Fraction) -> Fraction:
        return sum(((m.value - centre) ** 2 for m in self.values), NOTHING)


@once
def samples(truth: PlantTruth) -> list[Sample]:
    """Every sample, in the order of time; what was measured of one piece after the other without
    a subgroup knows the value before of the same machine and limits."""
    found: dict[object, Sample] = {}
    last: dict[object, Fraction] = {}
    for one in sorted(truth.measurements, key=lambda m: (m.measured_at, m.measurement_id)):
        stream = (one.characteristic_id, one.machine_id, one.item_id)
        limits = (one.lower_limit, one.upper_limit)
        if one.subgroup_id is None:
            found[one.measurement_id] = Sample([one], last.get((stream, limits)))
            last[stream, limits] = one.value
        else:
            found.setdefault((stream, limits, one.subgroup_id), Sample([])).values.append(one)
    return list(found.values())


Cases = dict[Cell, list[Sample]]


def capability_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Cm and Cmk of one machine over a shift or a day, from at least 50 values; Cp and Cpk of a
    characteristic from at least 25 samples."""
    tiles = windows(truth)
    of_machine: Cases = defaultdict(list)
    of_process: Cases = defaultdict(list)
    for sample in samples(truth):
        tile = window_of(tiles, sample.first.measured_at)
        name = sample.first.characteristic_id
        machine = [("characteristic", f"{name}@{sample.first.machine_id}")]
        for cell in cells(machine, tile.production_date, tile.shift_code):
            of_machine[cell].append(sample)
        for cell in cells([("characteristic", name)], tile.production_date):
            of_process[cell].append(sample)
    found: Kpis = {}
    for cases, width, distance, short_term in (
        (of_machine, "machine_capability_cm", "machine_capability_cmk", True),
        (of_process, "process_capability_cp", "process_capability_cpk", False),
    ):
        for cell, cell_samples in cases.items():
            if short_term and cell.period_type not in ("shift", "day"):
                continue
            values = [m for sample in cell_samples for m in sample.values]
            sigma = _spread(cell_samples) if short_term else _within(cell_samples)
            tolerance, nearest = _limits(values)
            for kpi, qty, part, times in (
                (width, sum(None not in (m.lower_limit, m.upper_limit) for m in values), 0, 6),
                (distance, sum(_has_limit(m) for m in values), 1, 3),
            ):
                coverage = Fraction(qty, len(values))
                length = (tolerance, nearest)[part]
                value = None
                if sigma and length is not None and coverage >= floors[kpi]:
                    value = length / (times * sigma)
                found[kpi, cell] = Value(
                    None, Fraction(len(values)), value, coverage, value is None
                )
    return found


def _has_limit(one: Measurement) -> bool:
    return one.lower_limit is not None or one.upper_limit is not None


def _limits(values: list[Measurement]) -> tuple[Fraction | None, Fraction | None]:
    """Width of the tolerance and distance of the mean to the nearer limit; nothing where limits
    changed."""
    lower = {m.lower_limit for m in values} - {None}
    upper = {m.upper_limit for m in values} - {None}
    if len(lower) > 1 or len(upper) > 1:
        return None, None
    mean = sum((m.value for m in values), NOTHING) / len(values)
    low, high = next(iter(lower), None), next(iter(upper), None)
    both = None if low is None or high is None else high - low
    distances = [] if low is None else [mean - low]
    distances += [] if high is None else [high - mean]
    return both, min(distances, default=None)


def _root(variance: Fraction) -> Fraction:
    return Fraction(sqrt(variance))


def _spread(cell_samples: list[Sample]) -> Fraction | None:
    """The standard deviation of all values."""
    values = [m for sample in cell_samples for m in sample.values]
    if len(values) < 50:
        return None
    whole = Sample(values)
    return _root(whole.squares_about(whole.mean) / (len(values) - 1))


def _within(cell_samples: list[Sample]) -> Fraction | None:
    """The standard deviation within samples; of single values, from one to the next."""
    groups = [sample for sample in cell_samples if len(sample.values) > 1]
    if len(groups or cell_samples) < 25:
        return None
    if groups:
        squares = sum((group.squares_about(group.mean) for group in groups), NOTHING)
        return _root(squares / sum(len(group.values) - 1 for group in groups))
    ranges = [abs(s.first.value - s.before) for s in cell_samples if s.before is not None]
    return sum(ranges, NOTHING) / len(ranges) / Fraction("1.128") if ranges else None
