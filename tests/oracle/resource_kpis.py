"""What production takes: people, energy, material and the capacity of machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share, withheld
from plant_calendar import Window
from raw_rows import Row
from shop_floor import Output, Segment, ShopFloor, exact, seconds

MATERIAL = {
    "finished_goods_ratio": "good_qty",
    "integrated_goods_ratio": "integrated_good_qty",
    "production_loss_ratio": "production_loss_qty",
    "storage_transport_loss_ratio": "storage_transport_loss_qty",
    "other_loss_ratio": "other_loss_qty",
}
KPIS = frozenset(
    {
        "worker_efficiency",
        "comprehensive_energy_consumption",
        "equipment_load_ratio",
        *MATERIAL,
    }
)
NOTHING = Fraction(0)
HOUR = 3600


def total(quantities: list[Fraction | None]) -> Fraction:
    """The sum of what is known."""
    return sum((quantity for quantity in quantities if quantity is not None), NOTHING)


def scopes_of(floor: ShopFloor, machine_id: str | None) -> list[Scope]:
    """The plant, and the machine and its line where one is named."""
    scopes = [Scope("plant", floor.raw.plant_id)]
    if machine_id is not None:
        scopes.append(Scope("machine", machine_id))
        if line_id := floor.lines.get(machine_id):
            scopes.append(Scope("line", line_id))
    return scopes


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    for part in (people, energy, material, load):
        for kpi_id, scope, period, answer in part(floor, catalogue):
            known = catalogue[kpi_id]
            if scope.scope_type in known.scope_types and period.period_type in known.period_types:
                yield Place(floor.raw.plant_id, kpi_id, *scope, *period), answer


Figures = Iterator[tuple[str, Scope, Period, Answer]]


# --- people ---------------------------------------------------------------------------------------


@dataclass
class Hours:
    """Seconds of people: present, at work while present, at work at all."""

    present: Fraction = NOTHING
    working: Fraction = NOTHING
    all_work: Fraction = NOTHING


def people(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw, calendar = floor.raw, floor.calendar
    shifts = [
        row for row in calendar.all_entries if row["machine_id"] is None and row["line_id"] is None
    ]
    of_worker: dict[tuple[str, str], list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for row in raw.feed("labour_entries"):
        entry = (row["entry_kind"], row["start_at"], row["end_at"] or raw.open_until(row))
        of_worker[row["source"], row["worker_id"]].append(entry)
    records_work = any(kind == "work" for found in of_worker.values() for kind, _, _ in found)
    cells: dict[Period, Hours] = defaultdict(Hours)
    for entries in of_worker.values():
        cuts = {moment for _, start, end in entries for moment in (start, end)}
        cuts |= {row[name] for row in shifts for name in ("start_at", "end_at")}
        cuts |= {day["production_start_at"] for day in calendar.days}
        for start, end in pairwise(sorted(cuts)):
            kinds = {kind for kind, first, last in entries if first <= start and end <= last}
            if not kinds:
                continue
            window = calendar.window(shifts, start)
            for period in periods(window.production_date, window.shift_id):
                cell, length = cells[period], seconds(end - start)
                cell.present += length if "attendance" in kinds else 0
                cell.all_work += length if "work" in kinds else 0
                cell.working += length if kinds == {"attendance", "work"} else 0
    for period, cell in cells.items():
        answer = ratio(
            cell.working if records_work else None,
            cell.present,
            [share(cell.working, cell.all_work)],
            catalogue["worker_efficiency"].floor,
        )
        yield "worker_efficiency", Scope("plant", raw.plant_id), period, answer


# --- energy ---------------------------------------------------------------------------------------


@dataclass
class Metered:
    """Energy of a scope and period, and the output it went into."""

    energy: Fraction | None = None
    produced: Fraction = NOTHING
    seen: Fraction = NOTHING


def energy(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw, calendar = floor.raw, floor.calendar
    readings = [
        row | {"machine_id": raw.business_id("machine", row, "machine_id")}
        for row in raw.feed("energy_readings")
    ]
    if not readings:
        return
    cells: dict[tuple[Scope, Period], Metered] = defaultdict(Metered)
    for row in readings:
        scopes = scopes_of(floor, row["machine_id"])
        if row["machine_id"] is None and row["line_id"] is not None:
            scopes.append(Scope("line", row["line_id"]))
        whole = seconds(row["end_at"] - row["start_at"])
        for day in calendar.days:
            part = overlap(row, day)
            if part > 0:
                for scope in scopes:
                    for period in periods(day["plant_date"]):
                        cell = cells[scope, period]
                        kwh = Fraction(str(row["energy_kwh"])) * part / whole
                        cell.energy = (cell.energy or NOTHING) + kwh
    for output in floor.outputs:
        if output.pass_no > 1 or output.produced is None:
            continue
        for scope in scopes_of(floor, output.machine_id):
            seen = metered_share(floor, readings, scope, output)
            for period in periods(output.window.production_date):
                cells[scope, period].produced += output.produced
                cells[scope, period].seen += output.produced * seen
    for (scope, period), cell in cells.items():
        answer = ratio(
            cell.energy,
            cell.produced,
            [share(cell.seen, cell.produced)],
            catalogue["comprehensive_energy_consumption"].floor,
        )
        yield "comprehensive_energy_consumption", scope, period, answer


def overlap(row: Row, day: Row) -> Fraction:
    """Seconds of a reading in a production day."""
    start = max(row["start_at"], day["production_start_at"])
    end = min(row["end_at"], day["production_end_at"])
    return max(seconds(end - start), NOTHING)


def metered_share(floor: ShopFloor, readings: list[Row], scope: Scope, output: Output) -> Fraction:
    """For how much of the day of an output a meter of the scope saw its machine."""
    line_id = floor.lines.get(output.machine_id)

    def sees(row: Row) -> bool:
        if row["machine_id"] is not None:
            return bool(row["machine_id"] == output.machine_id)
        if scope.scope_type == "machine":
            return False
        if row["line_id"] is not None:
            return bool(row["line_id"] == line_id)
        return scope.scope_type == "plant"

    (day,) = (
        row for row in floor.calendar.days if row["plant_date"] == output.window.production_date
    )
    begin, end = day["production_start_at"], day["production_end_at"]
    seeing = [row for row in readings if sees(row)]
    cuts = {begin, end} | {row[name] for row in seeing for name in ("start_at", "end_at")}
    seen = sum(
        (
            seconds(last - first)
            for first, last in pairwise(sorted(cut for cut in cuts if begin <= cut <= end))
            if any(row["start_at"] <= first and last <= row["end_at"] for row in seeing)
        ),
        NOTHING,
    )
    return seen / seconds(end - begin)


# --- material -------------------------------------------------------------------------------------


def material(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw = floor.raw
    cells: dict[tuple[Scope, Period], list[Row]] = defaultdict(list)
    for row in raw.feed("material_balances"):
        scopes = scopes_of(floor, raw.business_id("machine", row, "machine_id"))
        if (item_id := raw.business_id("item", row, "item_id")) is not None:
            scopes.append(Scope("item", item_id))
        for scope in scopes:
            for period in periods(floor.calendar.production_date(row["balanced_at"])):
                cells[scope, period].append(row)
    for (scope, period), cell in cells.items():
        consumed = total([exact(row["consumed_qty"]) for row in cell])
        for kpi_id, column in MATERIAL.items():
            stated = [row for row in cell if row[column] is not None]
            below = total([exact(row["consumed_qty"]) for row in stated])
            answer = ratio(
                total([exact(row[column]) for row in stated]),
                below,
                [share(below, consumed)],
                catalogue[kpi_id].floor,
            )
            if not stated or len({row["uom"] for row in cell}) > 1:
                answer = withheld(None, None)
            yield kpi_id, scope, period, answer


# --- capacity -------------------------------------------------------------------------------------


@dataclass
class Load:
    """Output of rated machines, what they could have made, and planned time of all machines."""

    made: Fraction = NOTHING
    capacity: Fraction = NOTHING
    rated_pot: Fraction = NOTHING
    is_rated: bool = False
    pot: Fraction = NOTHING


def load(floor: ShopFloor, catalogue: dict[str, Definition]) -> Figures:
    raw = floor.raw
    rates = [
        row | {"machine_id": raw.business_id("machine", row, "machine_id")}
        for row in raw.feed("machine_capacities")
    ]
    if not rates:
        return

    def rate_at(machine_id: str, window: Window) -> Fraction | None:
        """Units per hour, as valid when the shift or, outside shifts, the day starts."""
        entries = floor.calendar.entries(machine_id, floor.lines.get(machine_id))
        starts = [row["start_at"] for row in entries if row["shift_id"] == window.shift_id]
        moment = starts[0] if starts else floor.calendar.day_start(window.production_date)
        valid = [
            row
            for row in rates
            if row["machine_id"] == machine_id
            and row["valid_from"] <= moment
            and (row["valid_to"] is None or moment < row["valid_to"])
        ]
        best = max(valid, key=lambda row: row["valid_from"], default=None)
        return exact(best["capacity_per_h_qty"]) if best else None

    cells: dict[tuple[Scope, Period], Load] = defaultdict(Load)

    def cells_of(piece: Segment | Output) -> Iterator[Load]:
        for scope in scopes_of(floor, piece.machine_id):
            for period in periods(piece.window.production_date, piece.window.shift_id):
                yield cells[scope, period]

    for segment in floor.segments:
        is_planned = segment.window.schedule in ("scheduled", "planned_stop")
        rate = rate_at(segment.machine_id, segment.window)
        for cell in cells_of(segment):
            cell.is_rated |= rate is not None
            if is_planned:
                cell.pot += segment.seconds
            if is_planned and rate is not None:
                cell.rated_pot += segment.seconds
                cell.capacity += rate * segment.seconds / HOUR
    for output in floor.outputs:
        rate = rate_at(output.machine_id, output.window)
        for cell in cells_of(output):
            cell.is_rated |= rate is not None
            if rate is not None and output.produced is not None:
                cell.made += output.produced
    for (scope, period), cell in cells.items():
        answer = ratio(
            cell.made,
            cell.capacity,
            [share(cell.rated_pot, cell.pot)],
            catalogue["equipment_load_ratio"].floor,
        )
        if not cell.is_rated:
            answer = withheld(None, None)
        yield "equipment_load_ratio", scope, period, answer
