"""Capability of machines and processes, over measured values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import sqrt

from answers import Answer, Definition, Period, Place, Scope, periods, share
from raw_rows import Row
from shop_floor import ShopFloor

KPIS = frozenset(
    {
        "machine_capability_cm",
        "machine_capability_cmk",
        "process_capability_cp",
        "process_capability_cpk",
    }
)
LEAST_VALUES, LEAST_SAMPLES = 50, 25
D2 = Fraction(1128, 1000)
NOTHING = Fraction(0)


def values_of(rows: list[Row]) -> list[Fraction]:
    return [Fraction(str(row["measured_value"])) for row in rows]


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    raw = floor.raw
    rows = [
        row | {"machine_id": raw.business_id("machine", row, "machine_id")}
        for row in raw.feed("measurements")
    ]
    rows.sort(key=lambda row: (row["measured_at"], row["measurement_id"]))
    samples = samples_of(rows)
    of_machine: dict[tuple[Scope, Period], list[Row]] = defaultdict(list)
    for sample in samples.values():
        machine_id = sample[0]["machine_id"]
        if machine_id is None:
            continue
        entries = floor.calendar.entries(machine_id, floor.lines.get(machine_id))
        window = floor.calendar.window(entries, sample[0]["measured_at"])
        scope = Scope("characteristic", f"{sample[0]['characteristic_id']}@{machine_id}")
        for period in periods(window.production_date, window.shift_id):
            of_machine[scope, period] += sample
    figures = [
        (scope, period, figure)
        for (scope, period), cell in of_machine.items()
        for figure in machine_capability(cell)
    ]
    figures += [
        (scope, period, figure)
        for (scope, period), cell in processes(floor, samples).items()
        for figure in process_capability(cell)
    ]
    for scope, period, (kpi_id, rows_of, needed, answer) in figures:
        # Values without limits say less the more there are of them.
        told = share(Fraction(sum(map(needed, rows_of))), Fraction(len(rows_of)))
        if told is not None and told < catalogue[kpi_id].floor:
            answer = Answer(answer.numerator, answer.denominator, None)
        if period.period_type in catalogue[kpi_id].period_types:
            yield Place(raw.plant_id, kpi_id, *scope, *period), answer


def has_both(row: Row) -> bool:
    return row["lower_limit"] is not None and row["upper_limit"] is not None


def has_one(row: Row) -> bool:
    return row["lower_limit"] is not None or row["upper_limit"] is not None


def limits(rows: list[Row]) -> tuple[Fraction | None, Fraction | None] | None:
    """Lower and upper limit of the values that state them; None where there are several."""
    lower, upper = ({row[name] for row in rows} - {None} for name in ("lower_limit", "upper_limit"))
    if len(lower) > 1 or len(upper) > 1:
        return None
    return (
        Fraction(str(next(iter(lower)))) if lower else None,
        Fraction(str(next(iter(upper)))) if upper else None,
    )


def capability(rows: list[Row], variance: Fraction | None) -> tuple[Fraction | None, ...]:
    """Tolerance and nearer distance over six and three standard deviations."""
    between = limits(rows)
    if between is None or not variance:
        return None, None
    lower, upper = between
    sigma = Fraction(sqrt(variance))
    values = values_of(rows)
    mean = sum(values, NOTHING) / len(values)
    distances = [] if lower is None else [mean - lower]
    distances += [] if upper is None else [upper - mean]
    both = None if lower is None or upper is None else (upper - lower) / (6 * sigma)
    return both, min(distances) / (3 * sigma) if distances else None


Figure = tuple[str, list[Row], Callable[[Row], bool], Answer]


def machine_capability(rows: list[Row]) -> Iterator[Figure]:
    values, qty = values_of(rows), Fraction(len(rows))
    variance = None
    if len(values) >= LEAST_VALUES:
        mean = sum(values, NOTHING) / len(values)
        variance = sum(((v - mean) ** 2 for v in values), NOTHING) / (len(values) - 1)
    cm, cmk = capability(rows, variance)
    yield "machine_capability_cm", rows, has_both, Answer(None, qty, cm)
    yield "machine_capability_cmk", rows, has_one, Answer(None, qty, cmk)


Samples = dict[object, list[Row]]


def samples_of(rows: list[Row]) -> Samples:
    """Every sample's values, in the order of time."""
    samples: Samples = defaultdict(list)
    before: dict[object, Row] = {}
    for row in rows:
        single = ("single", row["source"], row["measurement_id"])
        group = ("group", row["source"], row["characteristic_id"], row["subgroup_id"])
        samples[single if row["subgroup_id"] is None else group].append(row)
        if row["subgroup_id"] is None:
            stream = (row["source"], row["characteristic_id"], row["machine_id"])
            row["value_before"] = before.get(stream, {}).get("measured_value")
            before[stream] = row
    return samples


def processes(floor: ShopFloor, samples: Samples) -> dict[tuple[Scope, Period], Samples]:
    """The samples of each characteristic, each on the production day of its first value, as the
    plant's shifts have it."""
    shifts = [
        row
        for row in floor.calendar.all_entries
        if row["machine_id"] is None and row["line_id"] is None
    ]
    cells: dict[tuple[Scope, Period], Samples] = defaultdict(dict)
    for key, sample in samples.items():
        scope = Scope("characteristic", sample[0]["characteristic_id"])
        window = floor.calendar.window(shifts, sample[0]["measured_at"])
        for period in periods(window.production_date):
            cells[scope, period][key] = sample
    return cells


def process_capability(samples: Samples) -> Iterator[Figure]:
    groups = [sample for sample in samples.values() if len(sample) > 1]
    rows = [row for sample in samples.values() for row in sample]
    qty = Fraction(len(rows))
    cp = cpk = None
    if len(groups or samples) >= LEAST_SAMPLES:
        cp, cpk = capability(rows, within(groups) if groups else moving(rows))
    yield "process_capability_cp", rows, has_both, Answer(None, qty, cp)
    yield "process_capability_cpk", rows, has_one, Answer(None, qty, cpk)


def within(groups: list[list[Row]]) -> Fraction:
    """Pooled variance within subgroups."""
    deviations = NOTHING
    for group in groups:
        values = values_of(group)
        mean = sum(values, NOTHING) / len(values)
        deviations += sum(((value - mean) ** 2 for value in values), NOTHING)
    return deviations / sum(len(group) - 1 for group in groups)


def moving(rows: list[Row]) -> Fraction | None:
    """The variance that the mean moving range of single values tells."""
    ranges = [
        abs(Fraction(str(row["measured_value"])) - Fraction(str(row["value_before"])))
        for row in rows
        if row["value_before"] is not None
    ]
    if not ranges:
        return None
    return (sum(ranges, NOTHING) / len(ranges) / D2) ** 2
