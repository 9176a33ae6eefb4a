"""What machines did and made, worked out moment by moment.

Time is cut at every boundary there is: starts and ends of states, shifts, planned stops and
production days. Within one such segment nothing changes, so what holds at its start holds for all
of it, and of the states that cover it one is found by comparing them all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise

from counters import COUNTERS, counter_runs
from plant_calendar import Calendar, Window
from raw_rows import LONG_AGO, RawPlant, Row

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class State:
    """One delivered state of a machine, its reason looked up."""

    machine_id: str
    layer: int
    start_at: datetime
    end_at: datetime
    extracted_at: datetime
    key: tuple[str, str]
    state: str | None
    #: Whether master data knows its reason.
    has_reason: bool
    #: Source and id of the reason, where it is a failure's.
    failure: tuple[str, str] | None
    #: Source and id of the operation it served.
    operation: tuple[str, str] | None

    @property
    def rank(self) -> tuple[object, ...]:
        """Higher layer, later start, earlier end, later delivery; the greatest rank holds."""
        return self.layer, self.start_at, -self.end_at.timestamp(), self.extracted_at, self.key


@dataclass(frozen=True)
class Segment:
    """A stretch of one machine's time in which nothing changes."""

    machine_id: str
    window: Window
    start_at: datetime
    end_at: datetime
    #: None: nobody delivered anything.
    state: str | None
    operation: tuple[str, str] | None
    #: Whether a reason that master data knows was delivered.
    has_reason: bool
    is_failure: bool
    #: Failures that begin here.
    failures: int

    @property
    def seconds(self) -> Fraction:
        return seconds(self.end_at - self.start_at)


@dataclass(frozen=True)
class FailureStop:
    """One failure of a machine, from its first to its last moment."""

    machine_id: str
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True)
class Output:
    """What one run made, or a piece of it, in the window that it is booked in."""

    machine_id: str
    item_id: str | None
    window: Window
    pass_no: int
    produced: Fraction | None
    good: Fraction | None
    scrap: Fraction | None
    rework: Fraction | None
    ideal_cycle_s: Fraction | None
    #: The standard that is valid today.
    current_cycle_s: Fraction | None
    #: Of the run.
    row: Row
    #: The pieces of a run in the order of time, from 1.
    piece_no: int = 1


@dataclass(frozen=True)
class Piece:
    """What of a run belongs to a window: shares of it, counted up from its start."""

    window: Window
    from_share: Fraction
    to_share: Fraction

    def of(self, quantity: Fraction | None) -> Fraction | None:
        """Rounded to a millionth as it is counted up, so that no millionth is lost in between."""
        if quantity is None:
            return None
        return round(quantity * self.to_share, 6) - round(quantity * self.from_share, 6)


def exact(number: object) -> Fraction | None:
    """A decimal of the warehouse as a fraction."""
    return None if number is None else Fraction(str(number))


def seconds(length: timedelta) -> Fraction:
    return Fraction(length // INSTANT, 1_000_000)


class ShopFloor:
    """The machines of one plant."""

    def __init__(self, raw: RawPlant) -> None:
        self.raw = raw
        self.calendar = Calendar(raw)
        self.last_export = raw.known_until("machine_states")

    @cached_property
    def lines(self) -> dict[str, str | None]:
        """The line of each machine that master data knows."""
        return {
            self.raw.business_id("machine", row, "machine_id") or "": row["line_id"]
            for row in self.raw.feed("machines")
        }

    @cached_property
    def runs(self) -> dict[tuple[str, str], Row]:
        """What systems say of runs, and what machines counted where no system says it."""
        told = self.raw.feed("production_counts")
        counted = [row for row in counter_runs(self.raw) if not self._is_told(row, told)]
        return {(row["source"], row["run_id"]): row for row in told + counted}

    def _is_told(self, counted: Row, told: list[Row]) -> bool:
        """Whether a run with a quantity overlaps what a machine's counters say."""
        machine_id = self.raw.business_id("machine", counted, "machine_id")
        return any(
            row["start_at"] < counted["end_at"]
            and counted["start_at"] < self.end_of(row)
            and self.raw.business_id("machine", row, "machine_id") == machine_id
            and any(row[f"{kind}_qty"] is not None for kind in COUNTERS)
            for row in told
        )

    def end_of(self, row: Row) -> datetime:
        end: datetime = row["end_at"] or self.raw.open_until(row)
        return end

    @cached_property
    def _starts(self) -> dict[tuple[str | None, int], list[datetime]]:
        """When each machine began something, by layer."""
        found: dict[tuple[str | None, int], list[datetime]] = defaultdict(list)
        for row in self.raw.feed("machine_states"):
            found[self.machine_of(row), row["layer"]].append(row["start_at"])
        return found

    def end_of_state(self, row: Row) -> datetime:
        end = self.end_of(row)
        if row["end_at"] is None:
            # What the machine did next, it did in its place.
            started = self._starts[self.machine_of(row), row["layer"]]
            end = min([end, *(at for at in started if at > row["start_at"])])
        return end

    @cached_property
    def _ends_of_open_states(self) -> dict[tuple[str, str | None, datetime], datetime]:
        """The end of the open states of each run, by their start."""
        found: dict[tuple[str, str | None, datetime], datetime] = {}
        for row in self.raw.feed("machine_states"):
            if row["end_at"] is None:
                key = (row["source"], row["run_id"], row["start_at"])
                found[key] = max(self.end_of_state(row), found.get(key, LONG_AGO))
        return found

    def end_of_run(self, row: Row) -> datetime:
        """An open run is over when its machine does something else."""
        own = (row["source"], row["run_id"], row["start_at"])
        if row["end_at"] is None and own in self._ends_of_open_states:
            return self._ends_of_open_states[own]
        return self.end_of(row)

    def machine_of(self, row: Row) -> str | None:
        """The machine a row names, or the one of the run it names."""
        if row["machine_id"] is not None:
            return self.raw.business_id("machine", row, "machine_id")
        return self._machine_of_run.get((row["source"], row["run_id"]))

    @cached_property
    def _machine_of_run(self) -> dict[tuple[str, str], str | None]:
        """A run is counted, or is an activity that made nothing: setup, waiting for an order."""
        named = self.raw.feed("machine_states") + self.raw.feed("production_counts")
        return {
            (row["source"], row["run_id"]): self.raw.business_id("machine", row, "machine_id")
            for row in named
            if row["machine_id"] is not None
        }

    def operation_of(self, row: Row) -> tuple[str, str] | None:
        """Source and id of the operation a row names, or the one of the run it names."""
        if row["operation_id"] is not None:
            return row["source"], row["operation_id"]
        return self._operation_of_run.get((row["source"], row["run_id"]))

    @cached_property
    def _operation_of_run(self) -> dict[tuple[str, str], tuple[str, str]]:
        named = self.raw.feed("machine_states") + self.raw.feed("production_counts")
        return {
            (row["source"], row["run_id"]): (row["source"], row["operation_id"])
            for row in named
            if row["run_id"] is not None and row["operation_id"] is not None
        }

    @cached_property
    def states(self) -> list[State]:
        reasons = {
            (row["source"], row["reason_id"]): row
            for row in self.raw.feed("reasons")
            if row["reason_kind"] == "stop"
        }
        found = []
        for row in self.raw.feed("machine_states"):
            machine_id = self.machine_of(row)
            reason = reasons.get((row["source"], row["reason_id"]), {})
            end_at = self.end_of_state(row)
            if machine_id is None or end_at <= row["start_at"]:
                continue
            state = row["state"] or reason.get("state")
            if state is None and row["layer"] > 0:
                state = "delay"  # the machine stopped, whatever the reason
            found.append(
                State(
                    machine_id,
                    row["layer"],
                    row["start_at"],
                    end_at,
                    self.raw.extracted_at(row),
                    (row["source"], row["state_id"]),
                    state,
                    bool(reason),
                    (row["source"], row["reason_id"]) if reason.get("is_failure") else None,
                    self.operation_of(row),
                )
            )
        return found

    @cached_property
    def machines(self) -> list[str]:
        """Machines that somebody watched."""
        return sorted({state.machine_id for state in self.states})

    @cached_property
    def segments(self) -> list[Segment]:
        return [segment for machine in self.machines for segment in self._segments_of(machine)]

    def _segments_of(self, machine_id: str) -> list[Segment]:
        states = [state for state in self.states if state.machine_id == machine_id]
        entries = self.calendar.entries(machine_id, self.lines.get(machine_id))
        # A night that counts for the day before is watched from its first whole day on.
        first_day = self.calendar.production_date(min(state.start_at for state in states))
        begin, end = self.calendar.day_start(first_day), self.last_export
        assert end is not None
        cuts = {begin, end}
        for row in [*states, *entries]:
            interval = (
                (row.start_at, row.end_at)
                if isinstance(row, State)
                else (
                    row["start_at"],
                    row["end_at"],
                )
            )
            cuts.update(interval)
        cuts.update(day["production_start_at"] for day in self.calendar.days)
        inside = sorted(cut for cut in cuts if begin <= cut <= end)
        before: State | None = None
        segments = []
        for start, stop in pairwise(inside):
            holding = [s for s in states if s.start_at <= start and stop <= s.end_at]
            winner = max(holding, key=lambda s: s.rank, default=None)
            # A failure lasts while the machine stands for it without a break.
            goes_on = (
                winner is not None
                and before is not None
                and (before.failure, before.state) == (winner.failure, winner.state)
            )
            is_failure = winner is not None and winner.failure is not None
            before = winner
            segments.append(
                Segment(
                    machine_id,
                    self.calendar.window(entries, start),
                    start,
                    stop,
                    winner.state if winner else None,
                    winner.operation if winner else None,
                    bool(winner and winner.has_reason),
                    is_failure,
                    int(is_failure and not goes_on),
                )
            )
        return segments

    @cached_property
    def failure_stops(self) -> list[FailureStop]:
        stops: list[FailureStop] = []
        for segment in self.segments:
            if segment.failures:
                stops.append(FailureStop(segment.machine_id, segment.start_at, segment.end_at))
            elif segment.is_failure:
                stops[-1] = replace(stops[-1], end_at=segment.end_at)
        return stops

    @cached_property
    def outputs(self) -> list[Output]:
        """Every run: whole in the shift of its last instant, or where it ran, as the plant says."""
        found = []
        (plant,) = self.raw.of_plant("plants")
        newest = self.raw.known_until("machine_states", "production_counts")
        for row in self.runs.values():
            machine_id = self.raw.business_id("machine", row, "machine_id")
            assert machine_id is not None
            entries = self.calendar.entries(machine_id, self.lines.get(machine_id))
            item_id = self.item_of(row)
            last = max(self.end_of_run(row) - INSTANT, row["start_at"])
            pieces = [Piece(self.calendar.window(entries, last), Fraction(0), Fraction(1))]
            if plant["run_booking"] == "run_time" and self.end_of_run(row) > row["start_at"]:
                pieces = self._pieces(row, machine_id, entries)
            produced, good, scrap, rework = (
                exact(row[f"{kind}_qty"]) for kind in ("produced", "good", "scrap", "rework")
            )
            for piece_no, piece in enumerate(pieces, start=1):
                parts = [piece.of(good), piece.of(scrap), piece.of(rework)]
                known = [part for part in parts if part is not None]
                adds_up = len(known) == 3 and produced == sum(
                    quantity for quantity in (good, scrap, rework) if quantity is not None
                )
                found.append(
                    Output(
                        machine_id,
                        item_id,
                        piece.window,
                        row["pass_no"],
                        sum(known, Fraction(0)) if adds_up else piece.of(produced),
                        *parts,
                        exact(row["ideal_cycle_s"])
                        or self.standard(machine_id, item_id, row["start_at"]),
                        self.standard(machine_id, item_id, newest),
                        row,
                        piece_no,
                    )
                )
        return found

    def _pieces(self, row: Row, machine_id: str, entries: list[Row]) -> list[Piece]:
        """A run moment by moment: it ran unless somebody saw the machine do something else."""
        begin, end = row["start_at"], self.end_of_run(row)
        segments = [s for s in self.segments if s.machine_id == machine_id]
        cuts = {begin, end} | {day["production_start_at"] for day in self.calendar.days}
        cuts |= {at for entry in entries for at in (entry["start_at"], entry["end_at"])}
        cuts |= {at for segment in segments for at in (segment.start_at, segment.end_at)}
        stretches = []
        for start, stop in pairwise(sorted(cut for cut in cuts if begin <= cut <= end)):
            seen = [s.state for s in segments if s.start_at <= start and stop <= s.end_at]
            ran = all(state in (None, "producing", "rework") for state in seen)
            length = seconds(stop - start)
            stretches.append((self.calendar.window(entries, start), length, length * ran))
        by_run_time = any(ran for _, _, ran in stretches)
        total = sum(ran if by_run_time else length for _, length, ran in stretches)
        pieces, share = [], Fraction(0)
        for window, group in groupby(stretches, key=lambda stretch: stretch[0]):
            here = sum(ran if by_run_time else length for _, length, ran in group)
            if here:
                pieces.append(Piece(window, share, share + Fraction(here) / total))
                share = pieces[-1].to_share
        return pieces

    def item_of(self, run: Row) -> str | None:
        """The item of a run: its own, its operation's, or its order's."""
        if run["item_id"] is not None:
            return self.raw.business_id("item", run, "item_id")
        operation = self._operations.get((run["source"], run["operation_id"]))
        if operation and operation["item_id"] is not None:
            return self.raw.business_id("item", operation, "item_id")
        order_id = self.raw.business_id("order", run, "order_id")
        if order_id is None and operation:
            order_id = self.raw.business_id("order", operation, "order_id")
        if order_id is None:
            return None
        items = [
            self.raw.business_id("item", order, "item_id")
            for order in self.raw.feed("production_orders")
            if self.raw.business_id("order", order, "order_id") == order_id
        ]
        return next((item for item in items if item is not None), None)

    @cached_property
    def _operations(self) -> dict[tuple[str, str], Row]:
        return {
            (row["source"], row["operation_id"]): row for row in self.raw.feed("order_operations")
        }

    def standard(
        self, machine_id: str, item_id: str | None, moment: datetime | None
    ) -> Fraction | None:
        """The standard valid at a moment, as when a run began; one for the machine goes first."""
        assert moment is not None
        valid = [
            rate
            for rate in self.raw.feed("standard_rates")
            if self.raw.business_id("item", rate, "item_id") == item_id
            and self.raw.business_id("machine", rate, "machine_id") in (None, machine_id)
            and rate["valid_from"] <= moment
            and (rate["valid_to"] is None or moment < rate["valid_to"])
        ]
        best = max(
            valid, key=lambda r: (r["machine_id"] is not None, r["valid_from"]), default=None
        )
        return exact(best["ideal_cycle_s"]) if best else None
