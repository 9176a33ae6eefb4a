"""The shop floor: what machines, orders and technicians do, as SimPy processes.

A machine is one process that works towards the end of an operation and, on its way, meets
whatever comes first: a failure, a minor stop, a break, maintenance that is due, the end of the
shift, a change of the data collector. Orders queue in front of the machines of their line and
move on as whole batches.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import simpy

from ingestion.simulator.clock import DAY_S, HOUR_S, MINUTE_S, SUNDAY
from ingestion.simulator.ledger import (
    NO_ORDER,
    PLANNED_DOWN,
    PRODUCTION,
    REWORK,
    SETUP,
    Activity,
    Booking,
    Ledger,
    MaintenanceOrder,
    Operation,
    Order,
    Piece,
    Rejection,
    Stop,
)
from ingestion.simulator.plant import (
    BREAK,
    FAILURES,
    ITEMS,
    MINOR_STOPS,
    NO_MATERIAL,
    PREVENTIVE,
    REWORK_DEFECTS,
    SCRAP_DEFECTS,
    Defect,
    Item,
    MachineSpec,
    Plant,
    Reason,
    stream,
)
from ingestion.simulator.stock import Stock

Process = Generator[simpy.Event, Any, None]

#: Share of the capacity of a line's slowest station that orders ask for.
LOAD = 0.95
LOT_SIZES = range(120, 520, 20)
REWORK_FACTOR = 1.6
REWORK_FAILS = 0.12
RUNS_THROUGH_BREAK = 0.12
FOREVER = 1 << 60


@dataclass(slots=True)
class _Tally:
    """How far one pass of an operation has come."""

    qty: int
    cycle_ms: int
    is_rework: bool = False
    made: int = 0
    good: int = 0
    rework: int = 0

    @property
    def seconds(self) -> int:
        """What the whole pass takes, in whole seconds."""
        return -(-self.qty * self.cycle_ms // 1_000)

    def made_after(self, done_s: int) -> int:
        return min(self.qty, done_s * 1_000 // self.cycle_ms)


@dataclass(slots=True)
class _PreventiveOrder:
    due_at: int
    length_s: int
    order: MaintenanceOrder


class Floor:
    """All processes of the plant, over one environment."""

    def __init__(self, plant: Plant, ledger: Ledger) -> None:
        self.plant, self.ledger, self.calendar = plant, ledger, plant.calendar
        self.clock = plant.calendar.clock
        self.env = simpy.Environment(initial_time=self.calendar.start_at)
        self.stock = Stock(self.env, plant, ledger)
        self.technicians = simpy.Resource(
            self.env, capacity=max(1, math.ceil(len(plant.machines) / 5))
        )
        self.machines = [Machine(self, spec) for spec in plant.machines]
        self._order_no = 1_000_000
        self._mes_order_no = 70_000
        self._phase_no = 90_000
        self._on_the_floor = {line_no: 0 for line_no in plant.lines}

    def run(self, progress: Callable[[float], None]) -> None:
        """Let the plant live until its last extraction."""
        self.stock.open(self._daily_use())
        for line_no in self.plant.lines:
            self.env.process(self._planning(line_no))
        for machine in self.machines:
            self.env.process(machine.live())
            self.env.process(self._small_repairs(machine.spec))
        for n, instant in enumerate(self.calendar.extractions, start=1):
            # One second further, so that what ends at the extraction itself has ended.
            self.env.run(until=instant + 1)
            progress(n / len(self.calendar.extractions))
        self.ledger.close(self.calendar.end_at)

    # Orders

    def _hours_per_order(self, line_no: int) -> float:
        """What an average order takes on the slowest station of a line, stops included."""
        lot = sum(LOT_SIZES) / len(LOT_SIZES)
        slowest = 0.0
        for spec in self.plant.cells(line_no)[0]:
            rates = [
                self.plant.rates[i.item_id, spec.index][0] for i in self.plant.items_of(line_no)
            ]
            cycle_s = sum(r.cycle_ms for r in rates) / len(rates) / 1_000 * spec.slow_factor
            setup_s = sum(r.setup_min for r in rates) / len(rates) * 60
            slowest = max(slowest, (cycle_s * lot / 0.84 + setup_s) / HOUR_S)
        return slowest

    def _orders_per_day(self, line_no: int) -> float:
        scheduled_h_per_day = self.plant.site.scheduled_h_per_week / 7
        rows = len(self.plant.cells(line_no))
        return LOAD * rows * scheduled_h_per_day / self._hours_per_order(line_no)

    def _daily_use(self) -> dict[str, float]:
        """Raw material that an average day takes, in thousandths."""
        use = {item.item_id: 0.0 for item in ITEMS}
        lot = sum(LOT_SIZES) / len(LOT_SIZES)
        for line_no in self.plant.lines:
            items = self.plant.items_of(line_no)
            pieces = self._orders_per_day(line_no) * lot / len(items)
            for item in items:
                for raw, each in item.bom:
                    use[raw] += pieces * each
        return use

    def _planning(self, line_no: int) -> Process:
        rng = stream(self.plant.seed, f"planning/{line_no}")
        items = self.plant.items_of(line_no)
        start = self.calendar.start_at
        per_day = self._orders_per_day(line_no)

        def new_order(created_at: int) -> Order:
            self._order_no += 1
            order = Order(
                order_id=str(self._order_no),
                item=rng.choice(items),
                line_no=line_no,
                planned_qty=rng.choice(LOT_SIZES),
                created_at=created_at,
                due_date=self.clock.date(created_at) + timedelta(days=rng.randrange(5, 12)),
            )
            self.ledger.orders.append(order)
            return order

        # A plant does not start empty: some orders are waiting on the first morning.
        for n in range(2 + len(self.plant.lines[line_no]) // 2):
            order = new_order(start - rng.randrange(30 * HOUR_S, 90 * HOUR_S))
            self._release(order, start - (3 - min(n, 2)) * HOUR_S + rng.randrange(HOUR_S))
        for _ in range(math.ceil(per_day * 2)):
            order = new_order(start - rng.randrange(4 * HOUR_S, 60 * HOUR_S))
            self.env.process(
                self._release_later(order, rng.randrange(2 * HOUR_S, 40 * HOUR_S), cancelled=False)
            )

        def plan() -> Process:
            # What is asked for outside office hours is planned the next morning.
            if wait_s := self._to_office_hours():
                yield self.env.timeout(wait_s + rng.randrange(3 * HOUR_S))
            order = new_order(int(self.env.now))
            yield from self._release_later(
                order, int(rng.uniform(16, 60) * HOUR_S), cancelled=rng.random() < 0.03
            )

        while True:
            yield self.env.timeout(1 + int(rng.expovariate(per_day / DAY_S)))
            self.env.process(plan())

    def _to_office_hours(self) -> int:
        """Seconds until somebody is in the planning office."""
        now = int(self.env.now)
        day = self.clock.date(now)
        while True:
            opens, closes = self.clock.utc(day, 7), self.clock.utc(day, 18)
            if day.weekday() < 5 and now < closes:
                return max(0, opens - now)
            day += timedelta(days=1)

    def _release_later(self, order: Order, after_s: int, *, cancelled: bool) -> Process:
        yield self.env.timeout(after_s)
        if cancelled:
            order.cancelled_at = int(self.env.now)
            return
        # More orders on the floor than this only wait longer.
        limit = 3 * len(self.plant.lines[order.line_no]) + 2
        while self._on_the_floor[order.line_no] >= limit:
            yield self.env.timeout(2 * HOUR_S)
        self._release(order, int(self.env.now))

    def _release(self, order: Order, released_at: int) -> None:
        order.released_at = released_at
        self._on_the_floor[order.line_no] += 1
        self._mes_order_no += 1
        order.number = self._mes_order_no
        cells = self.plant.cells(order.line_no)
        for n, spec in enumerate(cells[order.number % len(cells)], start=1):
            self._phase_no += 1
            order.operations.append(Operation(order, n * 10, spec, self._phase_no))
        first = order.operations[0]
        first.qty = order.planned_qty
        self.machines[first.machine.index].queue.put(first)

    def hand_on(self, operation: Operation, good: int, rng: Any) -> None:
        """The whole batch moves on; after the last station the order is finished."""
        order = operation.order
        position = order.operations.index(operation) + 1
        if position < len(order.operations) and good:
            following = order.operations[position]
            following.qty = good
            self.machines[following.machine.index].queue.put(following)
            return
        order.completed_at = int(self.env.now)
        self._on_the_floor[order.line_no] -= 1
        order.completed_qty = good
        if good:
            self.stock.receive(order, rng)

    # Maintenance

    def _small_repairs(self, spec: MachineSpec) -> Process:
        """Corrective work that does not stop the machine: a leak, a loose guard."""
        rng = stream(self.plant.seed, f"repairs/{spec.index}")
        while True:
            yield self.env.timeout(1 + int(rng.expovariate(1 / (12 * DAY_S))))
            yield self.env.timeout(self._to_office_hours())
            order = MaintenanceOrder(
                machine=spec,
                is_corrective=True,
                is_breakdown=False,
                text=rng.choice(("Fuga leve de aceite", "Ruido en guía", "Protección suelta")),
                failure_code="GEN01",
                reported_at=int(self.env.now),
            )
            self.ledger.maintenance.append(order)
            yield self.env.timeout(rng.randrange(20, 600) * MINUTE_S)
            order.started_at = int(self.env.now)
            yield self.env.timeout(rng.randrange(1_200, 7_200))
            finish(order, int(self.env.now), rng)


def finish(order: MaintenanceOrder, finished_at: int, rng: Any) -> None:
    """Close a maintenance order with the hours and costs somebody wrote down."""
    assert order.started_at is not None
    order.finished_at = finished_at
    people = rng.choice((1, 1, 2))
    hours = (finished_at - order.started_at) * people / HOUR_S
    order.labour_h = Decimal(max(1, round(hours * 100))) / 100
    parts = rng.randrange(0, 150_000) if rng.random() < 0.4 else 0
    order.cost_cents = int(order.labour_h * 4_200) + parts
    if rng.random() < 0.02:
        order.cost_cents = -rng.randrange(2_000, 60_000)  # a warranty credit


class Machine:
    """One machine and its operator."""

    def __init__(self, floor: Floor, spec: MachineSpec) -> None:
        self.floor, self.spec, self.env = floor, spec, floor.env
        self.ledger, self.calendar = floor.ledger, floor.calendar
        self.rng = stream(floor.plant.seed, f"machine/{spec.index}")
        self.queue: simpy.Store = simpy.Store(self.env)
        self._next: Any = None  # the pending get of the queue

        self.outages = floor.plant.outages.get(spec.index, [])
        borders = [at for window in self.outages for at in window]
        self.cuts = sorted({*self.calendar.changes, *borders})
        self.breaks = self.calendar.breaks(spec.line_no)
        self._break_ends = [end for _, end in self.breaks]
        self._skipped_break = -1
        self.preventive = self._plan_preventive()

        self.item: Item | None = None  # what the machine is set up for
        self.intent: tuple[int, Operation | None] | None = None
        self.row: Activity | None = None
        self.stop: Stop | None = None
        self.piece: Piece | None = None
        self.to_failure = self._draw(spec.breakdown_mean_s)
        self.to_minor = self._draw(spec.minor_mean_s)
        self.to_reject = self._units_to_reject()

    # Chance

    def _draw(self, mean_s: float) -> int:
        # Never at once: two stops for the same reason always have some work between them.
        return 30 + int(self.rng.expovariate(1 / mean_s))

    def _units_to_reject(self) -> int:
        share = self.spec.scrap_share + self.spec.rework_share
        return 1 + int(math.log(1 - self.rng.random()) / math.log(1 - share))

    def _defect(self, *, is_rework: bool) -> Defect:
        kinds = REWORK_DEFECTS if is_rework else SCRAP_DEFECTS
        return self.rng.choices(kinds, [d.weight for d in kinds])[0]

    def _plan_preventive(self) -> list[_PreventiveOrder]:
        """Every two weeks, either during a morning shift or on a Sunday."""
        rng = stream(self.floor.plant.seed, f"preventive/{self.spec.index}")
        clock = self.calendar.clock
        day = self.calendar.start + timedelta(days=rng.randrange(1, 13))
        plan = []
        while day < self.calendar.end + timedelta(days=14):
            on = day
            if rng.random() < 0.4:
                on += timedelta(days=SUNDAY - day.weekday())
            elif day.weekday() == SUNDAY:
                on += timedelta(days=1)
            due_at = clock.utc(on, rng.randrange(8, 11), rng.choice((0, 15, 30)))
            order = MaintenanceOrder(
                machine=self.spec,
                is_corrective=False,
                is_breakdown=False,
                text=rng.choice(("Engrase y revisión", "Cambio de filtros", "Revisión eléctrica")),
                failure_code=None,
                reported_at=clock.utc(on - timedelta(days=7), 9),
                due_date=on + timedelta(days=rng.choice((-1, 0, 0, 0, 1, 2))),
            )
            self.ledger.maintenance.append(order)
            plan.append(_PreventiveOrder(due_at, rng.randrange(50, 170) * MINUTE_S, order))
            day += timedelta(days=14)
        plan.sort(key=lambda p: p.due_at)
        return plan

    # Writing down

    @property
    def now(self) -> int:
        return int(self.env.now)

    def _is_observed(self) -> bool:
        return not any(start <= self.now < end for start, end in self.outages)

    def begin(self, kind: int, operation: Operation | None, *, force: bool = False) -> None:
        """Change what the machine is there for."""
        self._close_row()
        self.intent = (kind, operation)
        self._open_row(force=force)

    def _open_row(self, *, force: bool = False) -> None:
        shift = self.calendar.shift_at(self.now)
        if self.intent is None or (shift is None and not force):
            return
        kind, operation = self.intent
        cycle_ms = None
        if operation and kind in (PRODUCTION, REWORK):
            cycle_ms = self.floor.plant.rate_at(
                operation.order.item.item_id, self.spec, self.now
            ).cycle_ms
        self.row = Activity(
            machine=self.spec,
            kind=kind,
            operation=operation,
            start_at=self.now,
            shift=shift,
            production_date=self.calendar.production_date(self.now),
            is_observed=self._is_observed(),
            cycle_ms=cycle_ms,
            operator=101 + (shift.number if shift else 0) * 20 + self.spec.index,
        )
        self.ledger.activities.append(self.row)

    def _close_row(self) -> None:
        if self.row:
            self.row.end_at = self.now
            self.row = None

    def mark(self, state: str, reason: Reason | None = None, *, fresh: bool = False) -> None:
        """Note the state of the machine from now on."""
        observed = self._is_observed() and state != "not_scheduled"
        piece = self.piece
        if piece:
            same = piece.state == state and piece.reason is reason
            if same and piece.is_observed == observed and not fresh:
                return
            piece.end_at = self.now
        self.piece = Piece(self.spec, state, reason, self.now, observed)
        self.ledger.pieces.append(self.piece)

    def _cut(self) -> None:
        """A shift or the data collector changed: rows end here and go on as new ones."""
        index = bisect_left(self.cuts, self.now)
        if index == len(self.cuts) or self.cuts[index] != self.now:
            return
        collector_changed = any(self.now in window for window in self.outages)
        self._close_row()
        self._open_row()
        if not collector_changed:
            return
        if self.stop and self.row:
            # The collector lost sight of the stop, or sees it for the first time.
            self._close_stop()
            self._open_stop(self.piece.reason if self.piece else None)
        if self.piece:
            self.mark(self.piece.state, self.piece.reason)

    def _open_stop(self, reason: Reason | None) -> None:
        assert self.row is not None
        self.stop = Stop(self.spec, self.row, reason, self.now, self.row.is_observed)
        self.ledger.stops.append(self.stop)

    def _close_stop(self) -> None:
        if self.stop:
            self.stop.end_at = self.now
            self.stop = None

    # Letting time pass

    def _next_cut(self) -> int:
        index = bisect_right(self.cuts, self.now)
        return self.cuts[index] if index < len(self.cuts) else FOREVER

    def _pass(self, until: int = FOREVER, event: simpy.Event | None = None) -> Process:
        """Let time pass, cutting rows on the way, until an instant or an event."""
        while self.now < until and not (event and event.triggered):
            step = min(until, self._next_cut()) - self.now
            if event is None:
                yield self.env.timeout(step)
            elif step >= FOREVER // 2:
                yield event
            else:
                yield event | self.env.timeout(step)
            self._cut()

    def halt(
        self, reason: Reason | None, until: int = FOREVER, event: simpy.Event | None = None
    ) -> Process:
        """One stop, from now until an instant or an event."""
        self._open_stop(reason)
        self.mark(reason.state if reason else "delay", reason, fresh=True)
        yield from self._pass(until, event)
        self._close_stop()

    # What the calendar asks for

    def _pending_break(self) -> tuple[int, int] | None:
        """The break that is on now or comes next."""
        index = bisect_right(self._break_ends, self.now)
        if index == self._skipped_break:
            index += 1
        return self.breaks[index] if index < len(self.breaks) else None

    def _next_call(self) -> int:
        """The next instant at which the calendar may ask for something."""
        pending = self._pending_break()
        calls = [self._next_cut()]
        if pending and pending[0] > self.now:
            calls.append(pending[0])
        if self.preventive and self.preventive[0].due_at > self.now:
            calls.append(self.preventive[0].due_at)
        return min(calls)

    def _heed_calendar(self) -> Process:
        """Everything that comes before work: the plant is closed, maintenance, the break."""
        while True:
            if self.preventive and self.preventive[0].due_at <= self.now:
                yield from self._maintain(self.preventive.pop(0))
            elif self.calendar.shift_at(self.now) is None:
                self.mark("not_scheduled")
                self._close_row()
                yield from self._pass(self._next_call())
            else:
                pending = self._pending_break()
                if pending is None or pending[0] > self.now:
                    return
                if pending[0] == self.now and self.rng.random() < RUNS_THROUGH_BREAK:
                    self._skipped_break = bisect_right(self._break_ends, self.now)
                    return
                yield from self.halt(BREAK, pending[1])

    def _maintain(self, due: _PreventiveOrder) -> Process:
        before = self.intent
        self.begin(PLANNED_DOWN, None, force=True)
        due.order.started_at = self.now
        yield from self.halt(PREVENTIVE, self.now + due.length_s)
        finish(due.order, self.now, self.rng)
        self._close_row()
        self.intent = before
        self._open_row()

    # Work

    def live(self) -> Process:
        """The machine's life: wait for an order, set up, run, rework, hand on."""
        while True:
            operation = yield from self._wait_for_order()
            yield from self._heed_calendar()
            if operation.order.started_at is None:
                operation.order.started_at = self.now
            item = operation.order.item
            if item is not self.item:
                self.begin(SETUP, operation)
                planned = self.floor.plant.rate_at(item.item_id, self.spec, self.now).setup_min
                length_s = int(planned * 60 * self.rng.lognormvariate(0.08, 0.25))
                yield from self._work(length_s, "setup")
                self.item = item
            yield from self._produce(operation)

    def _wait_for_order(self) -> Generator[simpy.Event, Any, Operation]:
        if self._next is None:
            self._next = self.queue.get()
        if not self._next.triggered:
            self.begin(NO_ORDER, None)
        while not self._next.triggered:
            yield from self._heed_calendar()
            if self._next.triggered:
                break
            self.mark("no_order")
            yield self._next | self.env.timeout(self._next_call() - self.now)
            self._cut()
        operation: Operation = self._next.value
        self._next = None
        return operation

    def _produce(self, operation: Operation) -> Process:
        rng, plant = self.rng, self.floor.plant
        item_id = operation.order.item.item_id
        self.begin(PRODUCTION, operation)
        if operation.sequence == 10:
            yield from self._heed_calendar()
            material = self.floor.stock.material_for(operation.order)
            if not material.triggered:
                yield from self.halt(NO_MATERIAL, event=material)
            self.floor.stock.issue(operation.order, rng)

        ideal_ms = plant.rate_at(item_id, self.spec, self.now).cycle_ms
        slow = max(1.0, rng.gauss(self.spec.slow_factor, 0.03))
        cycle_ms = int(ideal_ms * slow)
        first = _Tally(operation.qty, cycle_ms)
        yield from self._work(first.seconds, "producing", lambda done: self._book(first, done))
        good = first.good
        if first.rework:
            # Parts that failed once are not new production: their own run, their own time.
            self.begin(REWORK, operation)
            second = _Tally(first.rework, int(cycle_ms * REWORK_FACTOR), is_rework=True)
            yield from self._work(second.seconds, "rework", lambda done: self._book(second, done))
            good += second.good
        self.floor.hand_on(operation, good, rng)

    def _book(self, tally: _Tally, done_s: int) -> None:
        """Report the units made since the last time to the row that is open."""
        units = tally.made_after(done_s) - tally.made
        if units <= 0:
            return
        assert self.row is not None
        found = self._inspect(units, is_rework=tally.is_rework)
        scrap = sum(n for defect, n in found.items() if defect.is_scrap)
        rework = sum(n for defect, n in found.items() if not defect.is_scrap)
        good = units - scrap - rework
        self.row.bookings.append(Booking(self.now, good, scrap, rework))
        for defect, n in found.items():
            self.ledger.rejections.append(Rejection(self.row, defect, n, self.now))
        tally.made += units
        tally.good += good
        tally.rework += rework

    def _inspect(self, units: int, *, is_rework: bool) -> dict[Defect, int]:
        """The defects found in so many units."""
        rng, found = self.rng, dict[Defect, int]()
        if is_rework:
            for _ in range(units):
                if rng.random() < REWORK_FAILS:
                    defect = self._defect(is_rework=False)
                    found[defect] = found.get(defect, 0) + 1
            return found
        # The units up to the next reject are drawn, not each unit: a year has millions.
        left = units
        while self.to_reject <= left:
            left -= self.to_reject
            self.to_reject = self._units_to_reject()
            share = self.spec.rework_share / (self.spec.rework_share + self.spec.scrap_share)
            defect = self._defect(is_rework=rng.random() < share)
            found[defect] = found.get(defect, 0) + 1
        self.to_reject -= left
        return found

    def _work(
        self, need_s: int, state: str, book: Callable[[int], object] | None = None
    ) -> Process:
        """Do so many seconds of work, through everything that interrupts it."""
        done_s = 0
        extractions = self.calendar.extractions
        while done_s < need_s:
            yield from self._heed_calendar()
            step = min(need_s - done_s, self._next_call() - self.now)
            if state != "setup":
                step = min(step, self.to_failure, self.to_minor)
            # Counters are read when the systems are extracted.
            index = bisect_right(extractions, self.now)
            if index < len(extractions):
                step = min(step, extractions[index] - self.now)
            self.mark(state)
            yield self.env.timeout(step)
            done_s += step
            if book:
                book(done_s)
            self._cut()
            if state == "setup":
                continue
            self.to_failure -= step
            self.to_minor -= step
            if self.row is None:
                continue  # the week ended in this second; nothing can fail any more
            if self.to_failure <= 0:
                yield from self._fail()
            elif self.to_minor <= 0:
                yield from self._minor_stop()

    def _fail(self) -> Process:
        """A breakdown: reported at once, repaired when a technician is free."""
        rng = self.rng
        reason = rng.choices(FAILURES, (5, 3, 2))[0]
        order = MaintenanceOrder(
            machine=self.spec,
            is_corrective=True,
            is_breakdown=True,
            text=f"{reason.name} {rng.choice(('en husillo', 'en armario', 'en prensa'))}",
            failure_code=f"{reason.code[2:]}{rng.randrange(1, 6):02d}",
            reported_at=self.now,
        )
        self.ledger.maintenance.append(order)
        self._open_stop(reason)
        self.mark(reason.state, reason, fresh=True)
        with self.floor.technicians.request() as request:
            yield from self._pass(event=request)
            yield from self._pass(self.now + rng.randrange(60, 600))  # to the machine
            order.started_at = self.now
            repair_s = int(self.spec.repair_median_s * rng.lognormvariate(0, 0.7))
            yield from self._pass(self.now + max(180, repair_s))
        finish(order, self.now, rng)
        self._close_stop()
        self.to_failure = self._draw(self.spec.breakdown_mean_s)
        self.to_minor = max(self.to_minor, 30)

    def _minor_stop(self) -> Process:
        reason, _, shortest, longest = self.rng.choices(
            MINOR_STOPS, [weight for _, weight, _, _ in MINOR_STOPS]
        )[0]
        length_s = int(self.rng.triangular(shortest, longest, shortest))
        yield from self.halt(reason, self.now + max(1, length_s))
        self.to_minor = self._draw(self.spec.minor_mean_s)
        self.to_failure = max(self.to_failure, 30)
