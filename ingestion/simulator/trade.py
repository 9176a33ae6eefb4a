"""Customers and suppliers: what was ordered, what was promised for when, and what became of it.

Both offices keep their lines by hand, beside the shop floor: the stores neither wait for these
lines nor know them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from ingestion.simulator.clock import DAY_S, HOUR_S, SUNDAY
from ingestion.simulator.plant import ITEMS, Item, Plant, stream

CUSTOMERS = tuple(f"C{n:03d}" for n in range(1, 8))
SUPPLIERS = tuple(f"V{n:03d}" for n in range(1, 5))


@dataclass(slots=True)
class OrderLine:
    """One line of an order, to a supplier or from a customer; quantities in whole units."""

    line_id: str
    order_id: str
    partner_id: str | None
    item: Item
    ordered_qty: int
    ordered_at: int
    requested_date: date | None
    first_promised_date: date | None
    promised_date: date | None  # the one before it was promised anew
    promised_anew: tuple[int, date] | None = None  # when, and for which day
    #: When parts of it arrived, and how much each time.
    arrivals: list[tuple[int, int]] = field(default_factory=list)
    is_counted: bool = True  # False: it arrives, and nobody writes down how much
    is_undamaged: bool | None = None
    is_documented: bool | None = None
    cancelled_at: int | None = None

    def changes(self) -> list[int]:
        """Every instant at which somebody writes into the line."""
        found = [self.ordered_at, *(at for at, _ in self.arrivals)]
        if self.promised_anew:
            found.append(self.promised_anew[0])
        if self.cancelled_at is not None:
            found.append(self.cancelled_at)
        return found

    def promised(self, until: int) -> date | None:
        """The day that was promised last, as of an instant."""
        if self.promised_anew and self.promised_anew[0] <= until:
            return self.promised_anew[1]
        return self.promised_date

    def arrived(self, until: int) -> tuple[int | None, int | None]:
        """How much had arrived by an instant, and when the last of it did; nothing where nothing
        had, or where nobody says."""
        parts = [(at, qty) for at, qty in self.arrivals if at <= until]
        if not parts:
            return None, None
        return (sum(qty for _, qty in parts) if self.is_counted else None), parts[-1][0]

    def is_over(self, until: int) -> bool:
        """True where nothing will be written into the line any more."""
        return max(self.changes()) <= until


@dataclass(slots=True)
class Trade:
    """All lines of the horizon."""

    sales: list[OrderLine] = field(default_factory=list)
    purchases: list[OrderLine] = field(default_factory=list)


def trade(plant: Plant) -> Trade:
    """What customers and suppliers do in the plant's horizon."""
    found = Trade()
    finished = [item for item in ITEMS if item.kind == "finished"]
    raw = [item for item in ITEMS if item.kind == "raw"]
    sales = stream(plant.seed, "sales")
    for n, (order_id, ordered_at) in enumerate(_orders(plant, sales, 600_001, (1, 2, 3))):
        customer = sales.choice(CUSTOMERS) if n % 40 else None
        for position in range(1, sales.choice((1, 1, 2, 3, 4)) + 1):
            qty = sales.randrange(20, 400, 10)
            line = _line(plant, sales, order_id, position, customer, finished, qty, ordered_at)
            if line.arrivals:
                line.is_undamaged = _answer(sales, 0.96, unknown=0.02)
                line.is_documented = _answer(sales, 0.95, unknown=0.04)
            found.sales.append(line)
    purchases = stream(plant.seed, "purchases")
    for order_id, ordered_at in _orders(plant, purchases, 450_001, (0, 1, 1, 2)):
        supplier = purchases.choice(SUPPLIERS)
        for position in range(1, purchases.choice((1, 1, 2)) + 1):
            qty = purchases.randrange(500, 9_000, 100)
            line = _line(plant, purchases, order_id, position, supplier, raw, qty, ordered_at)
            line.requested_date = None
            found.purchases.append(line)
    return found


def _orders(
    plant: Plant, rng: Random, number: int, per_day: tuple[int, ...]
) -> list[tuple[str, int]]:
    """Numbers and instants of the orders of every working day."""
    calendar = plant.calendar
    found = []
    for n in range(calendar.days + 1):
        day = calendar.start + timedelta(days=n)
        if day.weekday() == SUNDAY:
            continue
        for _ in range(rng.choice(per_day)):
            at = calendar.clock.utc(day, rng.randrange(8, 17), rng.randrange(60), rng.randrange(60))
            if calendar.start_at <= at < calendar.end_at:
                found.append(at)
    return [(str(number + n), at) for n, at in enumerate(sorted(found))]


def _line(
    plant: Plant,
    rng: Random,
    order_id: str,
    position: int,
    partner_id: str | None,
    items: list[Item],
    qty: int,
    ordered_at: int,
) -> OrderLine:
    clock = plant.calendar.clock
    ordered_on = clock.date(ordered_at)
    promised = ordered_on + timedelta(days=rng.randrange(2, 9))
    line = OrderLine(
        line_id=f"{order_id}-{position * 10}",
        order_id=order_id,
        partner_id=partner_id,
        item=rng.choice(items),
        ordered_qty=qty,
        ordered_at=ordered_at,
        requested_date=promised - timedelta(days=rng.choice((0, 0, 1, 2))),
        first_promised_date=promised if rng.random() > 0.04 else None,
        promised_date=promised,
    )
    if line.first_promised_date is None and rng.random() < 0.5:
        line.promised_date = None  # nobody promised anything
    elif rng.random() < 0.1:
        anew = promised + timedelta(days=rng.randrange(1, 5))
        line.promised_anew = (ordered_at + rng.randrange(HOUR_S, DAY_S), anew)
    fate = rng.random()
    if fate < 0.04:
        line.cancelled_at = ordered_at + rng.randrange(HOUR_S, 2 * DAY_S)
    elif fate > 0.07:  # else nothing ever comes
        first_on = promised + timedelta(days=rng.choice((-2, -1, 0, 0, 0, 0, 0, 0, 1, 3)))
        first_at = _working_hour(plant, rng, max(first_on, ordered_on + timedelta(days=1)))
        if fate < 0.19:
            part = max(1, qty * rng.randrange(2, 9) // 10)
            line.arrivals.append((first_at, part))
            if fate > 0.11:  # else the rest never comes
                rest_on = clock.date(first_at) + timedelta(days=rng.randrange(1, 5))
                line.arrivals.append((_working_hour(plant, rng, rest_on), qty - part))
        else:
            line.arrivals.append((first_at, qty + (rng.random() < 0.05) * qty // 20))
        line.is_counted = rng.random() > 0.02
    return line


def _working_hour(plant: Plant, rng: Random, day: date) -> int:
    """Some time in the afternoon of the day, or of Monday where it is a Sunday."""
    if day.weekday() == SUNDAY:
        day += timedelta(days=1)
    return plant.calendar.clock.utc(
        day, rng.randrange(12, 18), rng.randrange(60), rng.randrange(60)
    )


def _answer(rng: Random, yes: float, *, unknown: float) -> bool | None:
    """What somebody ticked, or forgot to."""
    roll = rng.random()
    return None if roll < unknown else roll < unknown + (1 - unknown) * yes
