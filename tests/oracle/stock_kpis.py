"""Inventory turns: usage over daily stock, both at standard cost.

Stock starts at the first list of the plant's stock and is carried day by day through every owned
movement, whether or not anything moved on the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from plant_calendar import Calendar
from raw_rows import RawPlant, Row
from shop_floor import exact

KPIS = frozenset(
    {
        "inventory_turns",
        "inventory_turns_by_quantity",
        "days_on_hand",
        "average_stock_amount",
    }
)
YEAR = 365
NOTHING = Fraction(0)
Pile = tuple[str, str]


@dataclass(frozen=True)
class ItemDay:
    """One item at one location on one day."""

    item_id: str
    item_type: str | None
    stock_date: date
    #: None: nobody listed the stock to start from.
    closing: Fraction | None
    sold: Fraction
    issued: Fraction
    #: None: no standard cost on the day.
    unit_cost: Fraction | None

    def at_cost(self, quantity: Fraction | None) -> Fraction | None:
        return None if quantity is None or self.unit_cost is None else quantity * self.unit_cost


def total(parts: list[Fraction | None]) -> Fraction | None:
    """The sum of what is known; where nothing is, unknown and not zero."""
    known = [part for part in parts if part is not None]
    return sum(known, NOTHING) if known else None


class Stock:
    """The stock ledger of one plant."""

    def __init__(self, raw: RawPlant) -> None:
        self.raw = raw
        self.calendar = Calendar(raw)
        documents = {
            (row["source"], row["document_id"]): row for row in raw.feed("stock_documents")
        }
        self.movements: dict[tuple[Pile, date], list[Row]] = defaultdict(list)
        for row in raw.feed("stock_movements"):
            document = documents.get((row["source"], row["document_id"]), {})
            day = row["posting_date"] or document.get("posting_date")
            if row["is_owned"] and day is not None:
                self.movements[self.pile(row), day].append(row)
        self.lists: dict[tuple[Pile, date], Fraction] = {
            (self.pile(row), row["snapshot_date"]): Fraction(str(row["on_hand_qty"]))
            for row in raw.feed("stock_snapshots")
        }
        self.types = {
            raw.business_id("item", row, "item_id"): row["item_type"] for row in raw.feed("items")
        }

    def pile(self, row: Row) -> Pile:
        return self.raw.business_id("item", row, "item_id") or "", row["location_id"] or ""

    def unit_cost(self, item_id: str, day: date) -> Fraction | None:
        """The standard cost that is valid on the day."""
        valid = [
            row
            for row in self.raw.feed("item_costs")
            if self.raw.business_id("item", row, "item_id") == item_id
            and row["valid_from"] <= day
            and (row["valid_to"] is None or day < row["valid_to"])
        ]
        best = max(valid, key=lambda row: row["valid_from"], default=None)
        return exact(best["unit_cost_amount"]) if best else None

    def days(self) -> list[date]:
        """From the first list or movement to the last day that was over at the last export."""
        dates = [day for _, day in [*self.movements, *self.lists]]
        known_until = self.raw.known_until("stock_movements", "stock_snapshots")
        day = min(dates, default=None)
        days = []
        while day is not None and known_until and self.calendar.is_over(day, known_until):
            days.append(day)
            day += timedelta(days=1)
        return days

    def item_days(self) -> Iterator[ItemDay]:
        """Every item at every location on every day."""
        days = self.days()
        piles = {pile for pile, _ in [*self.movements, *self.lists]}
        first_list = min((day for _, day in self.lists), default=None)
        for pile in sorted(piles):
            # Before the first list, the ledger runs backwards from it.
            before = sum(
                (
                    Fraction(str(row["moved_qty"]))
                    for (moved, day), rows in self.movements.items()
                    if moved == pile and first_list is not None and day < first_list
                    for row in rows
                ),
                NOTHING,
            )
            on_hand = None
            if first_list is not None:
                on_hand = self.lists.get((pile, first_list), NOTHING) - before
            begin = min(day for known, day in [*self.movements, *self.lists] if known == pile)
            for day in days:
                if first_list is None and day < begin:
                    continue  # nobody says what there was of it
                rows = self.movements.get((pile, day), [])
                moved = sum((Fraction(str(row["moved_qty"])) for row in rows), NOTHING)
                on_hand = None if on_hand is None else on_hand + moved
                yield ItemDay(
                    pile[0],
                    self.types.get(pile[0]),
                    day,
                    on_hand,
                    used(rows, "sale"),
                    used(rows, "issue"),
                    self.unit_cost(pile[0], day),
                )


def used(rows: list[Row], movement_class: str) -> Fraction:
    """What left the stock in this way, less what came back."""
    return -sum(
        (Fraction(str(r["moved_qty"])) for r in rows if r["movement_class"] == movement_class),
        NOTHING,
    )


def answers(raw: RawPlant, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    cells: dict[tuple[Scope, Period], list[ItemDay]] = defaultdict(list)
    for day in Stock(raw).item_days():
        scopes = [Scope("plant", raw.plant_id), Scope("item", day.item_id)]
        if day.item_type is not None:
            scopes.append(Scope("item_type", day.item_type))
        for scope in scopes:
            for period in periods(day.stock_date):
                cells[scope, period].append(day)
    for (scope, period), cell in cells.items():
        for kpi_id, answer in of_cell(scope, cell, catalogue):
            known = catalogue[kpi_id]
            if scope.scope_type in known.scope_types and period.period_type in known.period_types:
                yield Place(raw.plant_id, kpi_id, *scope, *period), answer


def usage(scope: Scope, day: ItemDay) -> Fraction:
    """Sales, of the plant and of finished goods; what production took, of what goes into them."""
    if scope.scope_type == "plant" or day.item_type == "finished":
        return day.sold
    return day.issued


def of_cell(
    scope: Scope, cell: list[ItemDay], catalogue: dict[str, Definition]
) -> Iterator[tuple[str, Answer]]:
    used_value = total([day.at_cost(usage(scope, day)) for day in cell])
    stock_value = total([day.at_cost(day.closing) for day in cell])
    used_qty = total([usage(scope, day) for day in cell])
    stock_qty = total([day.closing for day in cell])
    valued = [day for day in cell if day.unit_cost is not None and day.closing is not None]
    counted = [day for day in cell if day.closing is not None]
    of_value = share(Fraction(len(valued)), Fraction(len(cell)))
    of_quantity = share(Fraction(len(counted)), Fraction(len(cell)))
    dates = Fraction(len({day.stock_date for day in cell}))

    def figure(
        kpi_id: str, above: Fraction | None, below: Fraction | None, known: Fraction | None
    ) -> tuple[str, Answer]:
        return kpi_id, ratio(above, below, [known], catalogue[kpi_id].floor)

    a_year = Fraction(1, YEAR)
    turned = None if stock_value is None else stock_value * a_year
    turned_qty = None if stock_qty is None else stock_qty * a_year
    yield figure("inventory_turns", used_value, turned, of_value)
    yield figure("inventory_turns_by_quantity", used_qty, turned_qty, of_quantity)
    yield figure("days_on_hand", stock_value, used_value, of_value)
    yield figure("average_stock_amount", stock_value, dates, of_value)
