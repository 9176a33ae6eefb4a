"""The stores: what is on hand, how it is bought, issued, received, moved, counted and shipped.

On hand is what lies in the store; the documents are what somebody entered about it. They differ
for minutes when a document is wrong and reversed, and for a night when it is entered late, but
never at the end of a posting day.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import simpy

from ingestion.simulator.clock import DAY_S, HOUR_S, SUNDAY
from ingestion.simulator.ledger import Ledger, Movement, Order
from ingestion.simulator.plant import (
    FINISHED_STORE,
    ITEM,
    ITEMS,
    RAW_STORE,
    SHIPPING_STORE,
    Item,
    Plant,
    stream,
)

Process = Generator[simpy.Event, Any, None]

CENT = Decimal("0.01")
OPENING_DAYS, REORDER_DAYS, LOT_DAYS = 8.0, 8.0, 6.0


@dataclass(slots=True)
class Line:
    """One line of a document about to be entered."""

    code: str
    item: Item
    location: str
    qty: int  # signed thousandths
    movement_class: str
    order: Order | None = None
    is_reversal: bool = False
    is_owned: bool = True


@dataclass(slots=True)
class _Waiting:
    needs: dict[str, int]
    event: simpy.Event


class Stock:
    """The stores of the plant."""

    def __init__(self, env: simpy.Environment, plant: Plant, ledger: Ledger) -> None:
        self.env, self.plant, self.ledger = env, plant, ledger
        self.clock = plant.calendar.clock
        self.rng = stream(plant.seed, "stock")
        self.on_hand: dict[tuple[str, str], int] = {}
        self.on_order = {item.item_id: 0 for item in ITEMS}
        self.daily_use: dict[str, float] = {}
        self._waiting: list[_Waiting] = []
        self._documents = 4_900_000_000

    def open(self, daily_use: dict[str, float]) -> None:
        """Fill the stores for the first day."""
        self.daily_use = daily_use
        rng = stream(self.plant.seed, "opening")
        for item in ITEMS:
            if item.kind == "raw":
                days = OPENING_DAYS * rng.uniform(0.8, 1.2)
                self.on_hand[item.item_id, RAW_STORE] = _lot(item, daily_use[item.item_id] * days)
            else:
                self.on_hand[item.item_id, FINISHED_STORE] = rng.randrange(150, 500) * 1_000
                self.on_hand[item.item_id, SHIPPING_STORE] = rng.randrange(20, 200) * 1_000
        self.ledger.opening = dict(self.on_hand)
        for process in (
            self._buying(),
            self._shipping(),
            self._counting(),
            self._writing_off(),
            self._consignment(),
        ):
            self.env.process(process)

    # Documents

    def _enter(self, lines: Iterable[Line], happened_at: int | None = None) -> None:
        """Enter one document now, for the day on which it happened."""
        now = int(self.env.now)
        day = self.clock.date(now if happened_at is None else happened_at)
        self._documents += 1
        for n, line in enumerate(lines, start=1):
            amount = (
                Decimal(line.qty) / 1_000 * self.plant.cost_at(line.item.item_id, day).unit_cost
            )
            cents = int(amount.quantize(CENT, ROUND_HALF_UP) * 100) if line.is_owned else 0
            self.ledger.movements.append(
                Movement(
                    document=str(self._documents),
                    line=n,
                    code=line.code,
                    item=line.item,
                    location=line.location,
                    qty=line.qty,
                    amount_cents=cents,
                    posting_date=day,
                    entered_at=now,
                    order=line.order,
                    movement_class=line.movement_class,
                    is_reversal=line.is_reversal,
                    is_owned=line.is_owned,
                )
            )

    def _move(self, item: Item, location: str, qty: int) -> None:
        self.on_hand[item.item_id, location] += qty

    # Production

    def material_for(self, order: Order) -> simpy.Event:
        """Succeeds, and takes the material, as soon as all of it is on hand."""
        needs = {raw: each * order.planned_qty for raw, each in order.item.bom}
        waiting = _Waiting(needs, self.env.event())
        self._waiting.append(waiting)
        self._serve()
        return waiting.event

    def _serve(self) -> None:
        for waiting in list(self._waiting):
            if all(
                self.on_hand[item_id, RAW_STORE] >= qty for item_id, qty in waiting.needs.items()
            ):
                self._waiting.remove(waiting)
                for item_id, qty in waiting.needs.items():
                    self.on_hand[item_id, RAW_STORE] -= qty
                waiting.event.succeed()

    def issue(self, order: Order, rng: Random) -> None:
        """Issue what `material_for` took; now and then the first entry is wrong."""
        lines = [
            Line("261", ITEM[raw], RAW_STORE, -each * order.planned_qty, "issue", order)
            for raw, each in order.item.bom
        ]
        first = lines[0]
        extra = -first.qty // 10
        if rng.random() < 0.03 and self.on_hand[first.item.item_id, RAW_STORE] > 2 * extra:
            wrong = Line("261", first.item, first.location, first.qty - extra, "issue", order)
            self._enter([wrong, *lines[1:]])
            self.env.process(self._correct(wrong, "262", first, rng.randrange(20, 90) * 60))
        else:
            self._enter(lines)

    def receive(self, order: Order, rng: Random) -> None:
        """Receive a finished order; now and then the first entry is wrong."""
        qty = order.completed_qty * 1_000
        self._move(order.item, FINISHED_STORE, qty)
        right = Line("101", order.item, FINISHED_STORE, qty, "receipt_production", order)
        if rng.random() < 0.03:
            wrong = Line(
                "101", order.item, FINISHED_STORE, qty + 10_000, "receipt_production", order
            )
            self._enter([wrong])
            self.env.process(self._correct(wrong, "102", right, rng.randrange(10, 90) * 60))
        else:
            self._enter([right])

    def _correct(self, wrong: Line, code: str, right: Line, after_s: int) -> Process:
        happened_at = int(self.env.now)
        yield self.env.timeout(after_s)
        undo = Line(
            code,
            wrong.item,
            wrong.location,
            -wrong.qty,
            wrong.movement_class,
            wrong.order,
            is_reversal=True,
        )
        # Both count for the day of the mistake, so that the day's closing stock is right.
        self._enter([undo], happened_at)
        self._enter([right], happened_at)

    # The daily life of the stores

    def _next_workday(self, hour: int, *, saturdays: bool = True) -> int:
        """The next time the wall clock shows this hour on a working day."""
        now = int(self.env.now)
        day = self.clock.date(now)
        while True:
            at = self.clock.utc(day, hour)
            if at > now and day.weekday() != SUNDAY and (saturdays or day.weekday() < 5):
                return at
            day += timedelta(days=1)

    def _until(self, instant: int) -> simpy.Timeout:
        return self.env.timeout(instant - int(self.env.now))

    def _buying(self) -> Process:
        raws = [item for item in ITEMS if item.kind == "raw"]
        while True:
            yield self._until(self._next_workday(9, saturdays=False))
            for item in raws:
                use = self.daily_use[item.item_id]
                position = self.on_hand[item.item_id, RAW_STORE] + self.on_order[item.item_id]
                if position < use * REORDER_DAYS:
                    qty = _lot(item, use * LOT_DAYS)
                    self.on_order[item.item_id] += qty
                    self.env.process(self._delivery(item, qty))

    def _delivery(self, item: Item, qty: int) -> Process:
        # A supplier is late now and then; that is where material shortages come from.
        days = self.rng.choice((2, 2, 3, 3, 4, 7))
        yield self.env.timeout(days * DAY_S - HOUR_S)
        yield self._until(self._next_workday(self.rng.randrange(7, 15), saturdays=False))
        self.on_order[item.item_id] -= qty
        self._move(item, RAW_STORE, qty)
        self._enter([Line("101", item, RAW_STORE, qty, "receipt_purchase")])
        self._serve()

    def _shipping(self) -> Process:
        finished = [item for item in ITEMS if item.kind == "finished" and self._is_made(item)]
        while True:
            yield self._until(self._next_workday(12))
            lines = []
            for item in finished:
                qty = _share(self.on_hand[item.item_id, FINISHED_STORE], self.rng.uniform(0.3, 0.8))
                if qty and self.rng.random() < 0.8:
                    self._move(item, FINISHED_STORE, -qty)
                    self._move(item, SHIPPING_STORE, qty)
                    lines.append(Line("311", item, FINISHED_STORE, -qty, "transfer"))
                    lines.append(Line("311", item, SHIPPING_STORE, qty, "transfer"))
            if lines:
                self._enter(lines)
            yield self.env.timeout(4 * HOUR_S)
            for item in finished:
                qty = _share(self.on_hand[item.item_id, SHIPPING_STORE], self.rng.uniform(0.3, 0.9))
                if qty and self.rng.random() < 0.75:
                    self._ship(item, qty)

    def _is_made(self, item: Item) -> bool:
        return item.line_no in self.plant.lines

    def _ship(self, item: Item, qty: int) -> None:
        self._move(item, SHIPPING_STORE, -qty)
        line = Line("601", item, SHIPPING_STORE, -qty, "sale")
        roll = self.rng.random()
        now = int(self.env.now)
        tomorrow = self.clock.date(now) + timedelta(days=1)
        if roll < 0.02:
            wrong = Line("601", item, SHIPPING_STORE, -(qty // 2_000 * 1_000), "sale")
            if wrong.qty:
                self._enter([wrong])
                self.env.process(self._correct(wrong, "602", line, 1_800))
                return
        # A late entry stays in its month: stock at the start of a month is counted by what had
        # been entered until then.
        if roll > 0.92 and tomorrow.day != 1:
            self.env.process(self._enter_late(line, now))
        else:
            self._enter([line])

    def _enter_late(self, line: Line, happened_at: int) -> Process:
        yield self.env.timeout(self.rng.randrange(14 * HOUR_S, 17 * HOUR_S))
        self._enter([line], happened_at)

    def _counting(self) -> Process:
        """A cycle count finds a little more or less than the books say, twice a week."""
        while True:
            yield self._until(self._next_workday(10))
            if self.clock.date(int(self.env.now)).weekday() not in (2, 5):
                continue
            item_id, location = self.rng.choice(sorted(self.on_hand))
            item = ITEM[item_id]
            have = self.on_hand[item_id, location]
            diff = _share(have, self.rng.uniform(0.002, 0.02))
            if item.uom == "KG":
                diff += 125  # quantities that are not whole exist
            if diff == 0 or diff > have:
                continue
            if self.rng.random() < 0.6:
                diff = -diff
            self._move(item, location, diff)
            # 702 is a difference downwards, not the reversal of a 701.
            self._enter([Line("701" if diff > 0 else "702", item, location, diff, "count")])
            if diff > 0:
                self._serve()

    def _writing_off(self) -> Process:
        while True:
            yield self._until(self._next_workday(11))
            if self.rng.random() > 0.25:
                continue
            item_id, location = self.rng.choice(sorted(self.on_hand))
            qty = min(_share(self.on_hand[item_id, location], 0.03), 40_000)
            if qty:
                self._move(ITEM[item_id], location, -qty)
                self._enter([Line("551", ITEM[item_id], location, -qty, "scrap")])

    def _consignment(self) -> Process:
        """Film that still belongs to its supplier: it lies here, but is not owned stock."""
        yield self._until(self._next_workday(10) + DAY_S)
        film = ITEM["RM-1003"]
        self._enter([Line("101", film, RAW_STORE, 2_500_000, "receipt_purchase", is_owned=False)])


def _share(qty: int, share: float) -> int:
    """A share of a quantity, in whole units."""
    return int(qty * share) // 1_000 * 1_000


def _lot(item: Item, qty: float) -> int:
    """A quantity as it is bought: whole hundreds of units, at least one."""
    return max(100, round(qty / 100_000) * 100) * 1_000
