"""Small random plants, and the same plants told in another way.

A twin holds the same facts as its plant: cut, shuffled, counted in another unit, or on other
clocks. So its figures must be the same.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from vector import Vector

MONDAY = datetime(2026, 3, 2, 6)
DAYS = 3
#: Two shifts, and a night without one.
SHIFTS = (("M", "06:00", "14:00"), ("T", "14:00", "22:00"))
STATES = ("producing", "rework", "setup", "delay", "no_order", "planned_down")
ITEMS = ("i1", "i2")


@dataclass(frozen=True)
class State:
    """A state of a machine."""

    machine_id: str
    layer: int
    start_at: datetime
    end_at: datetime
    state: str
    reason_id: str = ""


@dataclass(frozen=True)
class Run:
    """A run of a machine."""

    machine_id: str
    item_id: str
    pass_no: int
    start_at: datetime
    end_at: datetime
    good_qty: Decimal
    scrap_qty: Decimal
    rework_qty: Decimal
    ideal_cycle_s: Decimal


@dataclass(frozen=True)
class Plant:
    """What happened in a plant."""

    states: tuple[State, ...]
    runs: tuple[Run, ...]
    time_zone: str = "UTC"
    shifts: tuple[tuple[str, str, str], ...] = SHIFTS
    shift_days: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    run_booking: str = "end"

    def vector(self, name: str) -> Vector:
        """The plant as typed exports."""
        states = [
            f"s{number},{s.machine_id},{s.layer},{s.start_at},{s.end_at},{s.state},{s.reason_id}"
            for number, s in enumerate(self.states)
        ]
        runs = [
            f"r{number},{r.machine_id},{r.item_id},{r.pass_no},{r.start_at},{r.end_at},"
            f"{r.good_qty + r.scrap_qty + r.rework_qty},{r.good_qty},{r.scrap_qty},"
            f"{r.rework_qty},{r.ideal_cycle_s}"
            for number, r in enumerate(self.runs)
        ]
        return Vector(
            name=name,
            shows="",
            time_zone=self.time_zone,
            shifts=self.shifts,
            shift_days=self.shift_days,
            plants_toml=f'run_booking = "{self.run_booking}"',
            files={
                "machines": "machine_id,line_id\nm1,l1\nm2,l1\n",
                "reasons": "reason_kind,reason_id,state,is_failure\n"
                "stop,broken,delay,true\nstop,jam,delay,false\n",
                "machine_states": "\n".join(
                    ["state_id,machine_id,layer,start_at,end_at,state,reason_id", *states]
                )
                + "\n",
                "production_counts": "\n".join(
                    [
                        "run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,"
                        "scrap_qty,rework_qty,ideal_cycle_s",
                        *runs,
                    ]
                )
                + "\n",
            },
        )


# --- plants ---------------------------------------------------------------------------------------


@st.composite
def plants(draw: st.DrawFn, run_booking: str = "end") -> Plant:
    """Two machines over three days: activities with gaps, stops inside them, and runs.

    Runs reach over shifts and days where they are spread over them.
    """
    longest_run_h = 4 if run_booking == "end" else 30
    states: list[State] = []
    runs: list[Run] = []
    for machine_id in ("m1", "m2"):
        states += draw(_activities(machine_id))
        states += draw(_stops(machine_id))
        runs += draw(_runs(machine_id, longest_run_h))
    return Plant(tuple(states), tuple(runs), run_booking=run_booking)


@st.composite
def _activities(draw: st.DrawFn, machine_id: str) -> list[State]:
    states = []
    at = MONDAY
    while at < MONDAY + timedelta(days=DAYS) and len(states) < 25:
        # To the quarter of a second, up to nine hours: over shifts and midnights.
        length = timedelta(seconds=draw(st.integers(240, 4 * 9 * 3600)) / 4)
        # One in five times nobody delivered anything.
        if draw(st.integers(0, 4)):
            states.append(State(machine_id, 0, at, at + length, draw(st.sampled_from(STATES))))
        at += length
    return states


@st.composite
def _stops(draw: st.DrawFn, machine_id: str) -> list[State]:
    stops = []
    at = MONDAY
    for _ in range(draw(st.integers(0, 12))):
        at += timedelta(seconds=draw(st.integers(60, 6 * 3600)))
        length = timedelta(seconds=draw(st.integers(1, 5400)))
        reason_id = draw(st.sampled_from(("broken", "jam", "")))
        stops.append(State(machine_id, 1, at, at + length, "delay", reason_id))
        at += length
    return stops


@st.composite
def _runs(draw: st.DrawFn, machine_id: str, longest_run_h: int) -> list[Run]:
    runs = []
    for hour in range(0, 24 * DAYS, 4):
        if draw(st.booleans()):
            start = MONDAY + timedelta(hours=hour)
            quantities = [Decimal(draw(st.integers(0, 60))) for _ in range(3)]
            runs.append(
                Run(
                    machine_id,
                    draw(st.sampled_from(ITEMS)),
                    draw(st.sampled_from((1, 1, 1, 2))),
                    start,
                    start + timedelta(minutes=draw(st.integers(10, 60 * longest_run_h))),
                    *quantities,
                    Decimal(draw(st.integers(5, 1200))) / 10,
                )
            )
    return runs


# --- twins ----------------------------------------------------------------------------------------


def cut_states(plant: Plant, chance: random.Random) -> Plant:
    """Every interval in two or three, each cut anywhere."""
    pieces = []
    for state in plant.states:
        length = (state.end_at - state.start_at) // timedelta(microseconds=1)
        cuts = sorted(chance.sample(range(1, length), chance.choice((1, 2))))
        bounds = [0, *cuts, length]
        pieces += [
            replace(
                state,
                start_at=state.start_at + timedelta(microseconds=first),
                end_at=state.start_at + timedelta(microseconds=last),
            )
            for first, last in itertools.pairwise(bounds)
        ]
    return replace(plant, states=tuple(pieces))


def cut_runs(plant: Plant, chance: random.Random) -> Plant:
    """Every run in two that share its interval and its quantities."""
    pieces = []
    for run in plant.runs:
        shares = [
            Decimal(chance.randint(0, int(quantity)))
            for quantity in (run.good_qty, run.scrap_qty, run.rework_qty)
        ]
        names = ("good_qty", "scrap_qty", "rework_qty")
        first = dict(zip(names, shares, strict=True))
        pieces.append(replace(run, **first))
        pieces.append(
            replace(run, **{name: getattr(run, name) - share for name, share in first.items()})
        )
    return replace(plant, runs=tuple(pieces))


def shuffled(plant: Plant, chance: random.Random) -> Plant:
    """The same rows in another order."""
    states, runs = list(plant.states), list(plant.runs)
    chance.shuffle(states)
    chance.shuffle(runs)
    return replace(plant, states=tuple(states), runs=tuple(runs))


def in_thousandths(plant: Plant, chance: random.Random) -> Plant:
    """Quantities in a unit a thousand times smaller (grams for kilograms), standards too."""
    runs = [
        replace(
            run,
            good_qty=run.good_qty * 1000,
            scrap_qty=run.scrap_qty * 1000,
            rework_qty=run.rework_qty * 1000,
            ideal_cycle_s=run.ideal_cycle_s / 1000,
        )
        for run in plant.runs
    ]
    return replace(plant, runs=tuple(runs))


def in_tokyo(plant: Plant, chance: random.Random) -> Plant:
    """The same clock times in another zone, its calendar with it."""
    return replace(plant, time_zone="Asia/Tokyo")


def with_empty_shifts(plant: Plant, chance: random.Random) -> Plant:
    """Night shifts around the days that there is data of, one of them up to its first moment.

    A shift is planned time: on a day with data it would be time that nobody observed.
    """
    nights = ("N", "22:00", "06:00")
    return replace(plant, shifts=(*SHIFTS, nights), shift_days={"N": ("fri", "sat", "sun")})


def spread(plant: Plant, chance: random.Random) -> Plant:
    """Runs spread over their run time: no run of a plant that books at the end leaves its shift."""
    return replace(plant, run_booking="run_time")


TWINS: dict[str, Callable[[Plant, random.Random], Plant]] = {
    "cut_states": cut_states,
    "cut_runs": cut_runs,
    "shuffled": shuffled,
    "in_thousandths": in_thousandths,
    "in_tokyo": in_tokyo,
    "with_empty_shifts": with_empty_shifts,
    "spread": spread,
}
