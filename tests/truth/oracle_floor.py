"""What machines did and made, computed from the ledger piece by piece.

Straightforward rather than fast: every rule is a loop over seconds that a person can follow.
The definitions are ISO 22400-2's: a scheduled shift consists of production (APT), setup (AUST),
delay (ADET), rework, time without an order (ADOT), planned down time (PDOT) and time that nobody
observed; planned busy time (PBT) is what is left of it without the last two.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from plant_truth import PlantTruth, State, seconds

#: State of a machine to the time element it is, inside a shift.
ELEMENT = {
    "producing": "apt_s",
    "setup": "aust_s",
    "delay": "adet_s",
    "rework": "rework_s",
    "no_order": "adot_s",
    "planned_down": "pdot_s",
}
#: States in which a machine stands still: a changeover is a stop like any other.
STOP_STATES = ("delay", "no_order", "planned_down", "setup")
#: A delay that is no failure is minor up to this length; the plant's own limit.
MINOR_STOP_LIMIT_S = 300
MICROSECOND = timedelta(microseconds=1)
Sums = dict[str, Fraction]


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of plant time: one shift instance, or the time between shifts of one day."""

    start_at: datetime
    end_at: datetime
    production_date: date
    shift_code: str | None

    @property
    def length_s(self) -> int:
        return seconds(self.start_at, self.end_at)


def windows(truth: PlantTruth) -> list[Window]:
    """Every production day from the first to the last extraction, cut into its shifts."""
    tiles: list[Window] = []
    day = truth.local_date(truth.starts_at)
    while (day_start := truth.local_instant(day, 6)) < truth.known_until:
        day_end = min(truth.local_instant(day + timedelta(days=1), 6), truth.known_until)
        at = day_start
        for shift in truth.shifts:
            if shift.production_date != day or shift.start_at >= truth.known_until:
                continue
            if at < shift.start_at:
                tiles.append(Window(at, shift.start_at, day, None))
            at = min(shift.end_at, truth.known_until)
            tiles.append(Window(shift.start_at, at, day, shift.shift_code))
        if at < day_end:
            tiles.append(Window(at, day_end, day, None))
        day += timedelta(days=1)
    return tiles


def window_of(tiles: list[Window], instant: datetime) -> Window:
    """The window that holds an instant."""
    return next(tile for tile in tiles if tile.start_at <= instant < tile.end_at)


@dataclass(frozen=True)
class Stop:
    """A machine standing for one reason, without interruption, as far as it was observed."""

    machine_id: str
    state: str
    reason_code: str | None
    is_failure: bool
    start_at: datetime
    end_at: datetime


def stops(truth: PlantTruth) -> list[Stop]:
    """Stops as the systems can know them.

    Where the data collector was down, a stop begins or ends at the edge of what was observed;
    one that goes on behind such a gap is seen as a second one. That is lost to every reader of
    the exports and therefore not asked of the marts.
    """
    found: list[Stop] = []
    for machine_id in truth.machines:
        last: Stop | None = None
        for piece in _pieces(truth, machine_id):
            if piece.state not in STOP_STATES or not piece.is_observed:
                last = None
                continue
            goes_on = (
                last is not None
                and last.end_at == piece.start_at
                and (last.state, last.reason_code) == (piece.state, piece.reason_code)
            )
            if goes_on:
                assert last is not None
                found.pop()
                start_at = last.start_at
            else:
                start_at = piece.start_at
            last = Stop(
                machine_id,
                piece.state,
                piece.reason_code,
                piece.is_failure,
                start_at,
                piece.end_at,
            )
            found.append(last)
    return found


def is_minor(truth: PlantTruth, stop: Stop) -> bool:
    """A delay, no failure, and short in its whole length: as far as it was seen to last."""
    length_s = seconds(stop.start_at, min(stop.end_at, truth.known_until))
    return stop.state == "delay" and not stop.is_failure and length_s <= MINOR_STOP_LIMIT_S


def delays_by_kind(truth: PlantTruth, tiles: list[Window]) -> list[tuple[Stop, Window, str, int]]:
    """Every delay with every window it lies in, its kind, and the seconds of it that do."""
    parts = []
    first, machine_id = 0, ""
    for stop in stops(truth):
        if stop.machine_id != machine_id:
            first, machine_id = 0, stop.machine_id
        if stop.state != "delay":
            continue
        kind = "other_delay_s"
        if stop.is_failure:
            kind = "breakdown_s"
        elif is_minor(truth, stop):
            kind = "minor_stop_s"
        while tiles[first].end_at <= stop.start_at:
            first += 1
        for tile in tiles[first:]:
            if tile.start_at >= stop.end_at:
                break
            start_at, end_at = max(stop.start_at, tile.start_at), min(stop.end_at, tile.end_at)
            if start_at < end_at:
                parts.append((stop, tile, kind, seconds(start_at, end_at)))
    return parts


def _pieces(truth: PlantTruth, machine_id: str) -> list[State]:
    """A machine's states until the last extraction, in the order of time."""
    return sorted(
        (s for s in truth.states if s.machine_id == machine_id and s.start_at < truth.known_until),
        key=lambda s: s.start_at,
    )


def first_day(truth: PlantTruth, tiles: list[Window], machine_id: str) -> date:
    """The production day on which a machine was seen for the first time; before it, nobody can
    say that it was there."""
    seen = min(p.start_at for p in _pieces(truth, machine_id) if p.is_observed)
    return window_of(tiles, seen).production_date


def cut(truth: PlantTruth, tiles: list[Window]) -> list[tuple[State, Window, int]]:
    """Every state with every window it lies in, and the seconds of it that do."""
    parts = []
    for machine_id in truth.machines:
        first, since = 0, first_day(truth, tiles, machine_id)
        for piece in _pieces(truth, machine_id):
            while tiles[first].end_at <= piece.start_at:
                first += 1
            for tile in tiles[first:]:
                if tile.start_at >= piece.end_at:
                    break
                start_at = max(piece.start_at, tile.start_at)
                end_at = min(piece.end_at, tile.end_at)
                if start_at < end_at and tile.production_date >= since:
                    parts.append((piece, tile, seconds(start_at, end_at)))
    return parts


def machine_windows(truth: PlantTruth) -> dict[tuple[str, Window], Sums]:
    """The additive parts of every machine and window: time elements, counts, quantities."""
    tiles = windows(truth)
    sums: dict[tuple[str, Window], Sums] = {}
    for machine_id in truth.machines:
        since = first_day(truth, tiles, machine_id)
        for tile in tiles:
            if tile.production_date >= since:
                sums[machine_id, tile] = defaultdict(Fraction)
    for piece, tile, length_s in cut(truth, tiles):
        part = sums[piece.machine_id, tile]
        is_scheduled = tile.shift_code is not None
        if not piece.is_observed or piece.state == "not_scheduled":
            part["not_observed_s" if is_scheduled else "unscheduled_not_observed_s"] += length_s
        else:
            if piece.state in ("delay", "planned_down", "no_order"):
                part["stop_s"] += length_s
                part["labelled_stop_s"] += length_s if piece.reason_code else 0
            element = ELEMENT[piece.state]
            part[element if is_scheduled else f"unscheduled_{element}"] += length_s
    for stop in stops(truth):
        part = sums[stop.machine_id, window_of(tiles, stop.start_at)]
        part["stop_qty"] += 1
        part["failure_qty"] += stop.is_failure
        part["minor_stop_qty"] += is_minor(truth, stop)
    for stop, tile, kind, length_s in delays_by_kind(truth, tiles):
        if tile.shift_code is not None:
            sums[stop.machine_id, tile][kind] += length_s
    for run in truth.runs:
        if not run.is_observed:
            continue  # units made while nobody was looking are lost to every system
        tile = window_of(tiles, run.end_at - MICROSECOND)
        part = sums[run.machine_id, tile]
        part["run_qty"] += 1
        part["produced_qty"] += run.produced_qty
        part["good_qty"] += run.good_qty
        part["scrap_qty"] += run.scrap_qty
        part["rework_qty"] += run.rework_qty
        if run.pass_no == 1:
            part["first_pass_produced_qty"] += run.produced_qty
            part["first_pass_good_qty"] += run.good_qty
            part["first_pass_rework_qty"] += run.rework_qty
            part["ideal_s"] += run.produced_qty * run.ideal_cycle_s
            part["good_ideal_s"] += run.good_qty * run.ideal_cycle_s
            part["rework_ideal_s"] += run.rework_qty * run.ideal_cycle_s
            today_s = truth.cycle_today(run.item_id, run.machine_id)
            part["current_ideal_s"] += run.produced_qty * today_s
            part["good_current_ideal_s"] += run.good_qty * today_s
            part["run_s"] += seconds(run.start_at, run.end_at)
            day_start_at = truth.local_instant(tile.production_date, 6)
            for name, since in (("shift", tile.start_at), ("day", day_start_at)):
                if tile.shift_code is None or run.start_at < since:
                    part[f"outside_{name}_ideal_s"] += run.produced_qty * run.ideal_cycle_s
    for (_, tile), part in sums.items():
        busy = part["apt_s"] + part["aust_s"] + part["adet_s"] + part["rework_s"]
        part["aubt_s"] = busy
        part["aupt_s"] = part["apt_s"] + part["aust_s"]
        part["pbt_s"] = busy + part["adot_s"]
        part["pot_s"] = Fraction(tile.length_s if tile.shift_code is not None else 0)
        part["window_s"] = Fraction(tile.length_s)
        part["unscheduled_busy_s"] = sum(
            (part[f"unscheduled_{name}"] for name in ("apt_s", "aust_s", "adet_s", "rework_s")),
            Fraction(0),
        )
        part["operating_s"] = sum(
            (part[f"{when}{name}"] for when in ("", "unscheduled_") for name in OPERATING),
            Fraction(0),
        )
    return sums


#: Time in which something can fail (IEC 60050): production, setup and rework, any schedule.
OPERATING = ("apt_s", "aust_s", "rework_s")


@dataclass(frozen=True)
class ParetoKey:
    """What a machine stood for on one production day."""

    machine_id: str
    production_date: date
    schedule: str
    state: str
    reason_code: str | None


def stop_pareto(truth: PlantTruth) -> dict[ParetoKey, Sums]:
    """How long each machine stood for each reason, and how often it began to.

    Time that nobody observed is a row of its own, without a number of stops.
    """
    tiles = windows(truth)
    sums: dict[ParetoKey, Sums] = {}

    def part(machine_id: str, tile: Window, state: str, reason: str | None) -> Sums:
        schedule = "not_scheduled" if tile.shift_code is None else "scheduled"
        key = ParetoKey(machine_id, tile.production_date, schedule, state, reason)
        return sums.setdefault(key, defaultdict(Fraction))

    for piece, tile, length_s in cut(truth, tiles):
        if not piece.is_observed:
            part(piece.machine_id, tile, "not_observed", None)["duration_s"] += length_s
        elif piece.state in STOP_STATES:
            found = part(piece.machine_id, tile, piece.state, piece.reason_code)
            found["duration_s"] += length_s
    for stop in stops(truth):
        tile = window_of(tiles, stop.start_at)
        found = part(stop.machine_id, tile, stop.state, stop.reason_code)
        found["stop_qty"] += 1
        found["failure_qty"] += stop.is_failure
    return sums
