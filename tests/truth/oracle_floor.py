"""What machines did and made, computed from the ledger piece by piece.

Straightforward rather than fast: every rule is a loop over seconds that a person can follow.
The definitions are ISO 22400-2's: a scheduled shift consists of production (APT), setup (AUST),
delay (ADET), rework, time without an order (ADOT), planned down time (PDOT) and time that nobody
observed; planned busy time (PBT) is what is left of it without the last two.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from plant_truth import PlantTruth, State, once, seconds

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


@once
def windows(truth: PlantTruth) -> list[Window]:
    """All time from the first to the last extraction, cut into shifts and what lies between.

    A shift counts whole for its production day, also where it reaches into the next one; the time
    between shifts counts for the day in which it lies.
    """
    tiles: list[Window] = []
    for shift in truth.shifts:
        start_at, end_at = (
            max(shift.start_at, truth.starts_at),
            min(shift.end_at, truth.known_until),
        )
        if start_at < end_at:
            tiles.append(Window(start_at, end_at, shift.production_date, shift.shift_code))
    day = truth.local_date(truth.starts_at)
    assert truth.day_starts_at(day) == truth.starts_at, "the ledger begins with a production day"
    in_shifts = sorted(tiles)
    while (day_start := truth.day_starts_at(day)) < truth.known_until:
        day_end = min(truth.day_starts_at(day + timedelta(days=1)), truth.known_until)
        at = day_start
        for tile in in_shifts:
            if tile.end_at <= at:
                continue
            if tile.start_at >= day_end:
                break
            if at < tile.start_at:
                tiles.append(Window(at, tile.start_at, day, None))
            at = tile.end_at
        if at < day_end:
            tiles.append(Window(at, day_end, day, None))
        day += timedelta(days=1)
    tiles.sort()
    assert all(a.end_at == b.start_at for a, b in pairwise(tiles)), "time has holes or overlaps"
    return tiles


def window_of(tiles: list[Window], instant: datetime) -> Window:
    """The window that holds an instant."""
    tile = tiles[bisect_right(tiles, instant, key=lambda tile: tile.start_at) - 1]
    assert tile.start_at <= instant < tile.end_at, f"{instant} lies in no window"
    return tile


@dataclass(frozen=True)
class Stop:
    """A machine standing for one reason, without interruption, as far as it was observed."""

    machine_id: str
    state: str
    reason_code: str | None
    is_failure: bool
    start_at: datetime
    end_at: datetime


@once
def stops(truth: PlantTruth) -> list[Stop]:
    """Stops as the systems can know them.

    Where the data collector was down, a stop begins or ends at the edge of what was observed;
    one that goes on behind such a gap is seen as a second one. That is lost to every reader of
    the exports and therefore not asked of the marts.
    """
    found: list[Stop] = []
    for machine_id in truth.machines:
        last: Stop | None = None
        for piece in truth.states_of[machine_id]:
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
    return stop.state == "delay" and not stop.is_failure and length_s <= truth.minor_stop_limit_s


@once
def delays_by_kind(truth: PlantTruth) -> list[tuple[Stop, Window, str, int]]:
    """Every delay with every window it lies in, its kind, and the seconds of it that do."""
    tiles, parts = windows(truth), []
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
        for place in range(first, len(tiles)):
            tile = tiles[place]
            if tile.start_at >= stop.end_at:
                break
            start_at, end_at = max(stop.start_at, tile.start_at), min(stop.end_at, tile.end_at)
            if start_at < end_at:
                parts.append((stop, tile, kind, seconds(start_at, end_at)))
    return parts


def watched_from(truth: PlantTruth, machine_id: str) -> datetime:
    """The start of the production day on which a machine was seen for the first time; before it,
    nobody can say that it was there."""
    seen = min(s.start_at for s in truth.states_of[machine_id] if s.is_observed)
    day = truth.local_date(seen)
    if seen < truth.day_starts_at(day):
        day -= timedelta(days=1)
    since = truth.day_starts_at(day)
    assert any(tile.start_at == since for tile in windows(truth)), "a shift was seen in part only"
    return since


@once
def cut(truth: PlantTruth) -> list[tuple[State, Window, int]]:
    """Every state with every window it lies in, and the seconds of it that do."""
    tiles, parts = windows(truth), []
    for machine_id in truth.machines:
        first, since = 0, watched_from(truth, machine_id)
        for piece in truth.states_of[machine_id]:
            while tiles[first].end_at <= piece.start_at:
                first += 1
            for place in range(first, len(tiles)):
                tile = tiles[place]
                if tile.start_at >= piece.end_at:
                    break
                start_at = max(piece.start_at, tile.start_at)
                end_at = min(piece.end_at, tile.end_at)
                if start_at < end_at and tile.start_at >= since:
                    parts.append((piece, tile, seconds(start_at, end_at)))
    return parts


@once
def machine_windows(truth: PlantTruth) -> dict[tuple[str, Window], Sums]:
    """The additive parts of every machine and window: time elements, counts, quantities."""
    tiles = windows(truth)
    sums: dict[tuple[str, Window], Sums] = {}
    for machine_id in truth.machines:
        since = watched_from(truth, machine_id)
        for tile in tiles:
            if tile.start_at >= since:
                sums[machine_id, tile] = defaultdict(Fraction)
    for piece, tile, length_s in cut(truth):
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
    for stop, tile, kind, length_s in delays_by_kind(truth):
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
            day_start_at = truth.day_starts_at(tile.production_date)
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

    for piece, tile, length_s in cut(truth):
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
