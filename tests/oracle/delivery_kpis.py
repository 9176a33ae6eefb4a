"""Promises kept: lines of customers' orders and of orders to suppliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from plant_calendar import Calendar
from raw_rows import RawPlant
from shop_floor import exact, seconds

KPIS = frozenset(
    {
        "otif_ratio",
        "otd_ratio",
        "in_full_ratio",
        "perfect_order_ratio",
        "order_fulfilment_cycle_time_h",
        "supplier_otd_ratio",
        "supplier_lead_time_h",
    }
)


@dataclass(frozen=True)
class Line:
    """One line, judged; None where something is not known."""

    order: tuple[str, str]
    partner_id: str | None
    item_id: str | None
    is_due: bool
    due_date: date
    is_on_time: bool | None
    is_in_full: bool | None
    is_perfect: bool | None
    arrived_date: date | None
    #: False: not yet, or never.
    is_fulfilled: bool | None
    hours: Fraction | None


@dataclass
class Cell:
    """Lines due, orders due and lines that arrived in a period."""

    due: list[Line] = field(default_factory=list)
    orders_due: list[bool | None] = field(default_factory=list)
    arrived: list[Line] = field(default_factory=list)


def both(*parts: bool | None) -> bool | None:
    """All of them; false as soon as one is, unknown where none is false and one is unknown."""
    if False in parts:
        return False
    return None if None in parts else True


def lines(raw: RawPlant, feed: str) -> Iterator[Line]:
    """Every line that was not cancelled, and orders something."""
    calendar = Calendar(raw)
    sold = feed == "sales_order_lines"
    order, partner, arrived, qty = (
        ("sales_order_id", "customer_id", "delivered_at", "delivered_qty")
        if sold
        else ("purchase_order_id", "supplier_id", "received_at", "received_qty")
    )
    # A file without a stamp knows the world until its last event, whenever it was copied.
    newest = raw.known_until(feed)
    for row in raw.feed(feed):
        if row["is_cancelled"] or not row["ordered_qty"]:
            continue
        assert newest is not None
        promised = row["first_promised_date"]
        due_date = (
            promised
            or row["promised_date"]
            or (row["requested_date"] if sold else None)
            or calendar.local_date(row["ordered_at"])
        )
        arrived_date = calendar.local_date(row[arrived]) if row[arrived] else None
        came = exact(row[qty])
        if came is None and arrived_date is None:
            came = Fraction(0)
        on_time: bool | None
        if promised is None or (arrived_date is None and came):
            on_time = None
        else:
            on_time = arrived_date is not None and arrived_date <= promised
        in_full = None if came is None else came >= Fraction(str(row["ordered_qty"]))
        hours = seconds(row[arrived] - row["ordered_at"]) / 3600 if row[arrived] else None
        yield Line(
            (row["source"], row[order]),
            row[partner],
            raw.business_id("item", row, "item_id"),
            calendar.is_over(due_date, newest),
            due_date,
            on_time,
            in_full,
            both(on_time, in_full, row["is_undamaged"], row["is_documented"]) if sold else None,
            arrived_date,
            in_full,
            hours if hours is None or hours >= 0 else None,
        )


def cells_of(
    raw: RawPlant, found: Sequence[Line], partner_scope: str
) -> dict[tuple[Scope, Period], Cell]:
    cells: dict[tuple[Scope, Period], Cell] = defaultdict(Cell)
    plant = Scope("plant", raw.plant_id)

    def scopes(line: Line) -> Iterator[Scope]:
        yield plant
        if line.partner_id is not None:
            yield Scope(partner_scope, line.partner_id)
        if line.item_id is not None:
            yield Scope("item", line.item_id)

    orders: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in found:
        orders[line.order].append(line)
        for scope in scopes(line):
            if line.is_due:
                for period in periods(line.due_date):
                    cells[scope, period].due.append(line)
            if line.arrived_date is not None:
                for period in periods(line.arrived_date):
                    cells[scope, period].arrived.append(line)
    for of_order in orders.values():
        if not all(line.is_due for line in of_order):
            continue
        perfect = both(*(line.is_perfect for line in of_order))
        partners = {line.partner_id for line in of_order if line.partner_id is not None}
        for scope in [plant, *(Scope(partner_scope, partner) for partner in partners)]:
            for period in periods(max(line.due_date for line in of_order)):
                cells[scope, period].orders_due.append(perfect)
    return cells


def answers(raw: RawPlant, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    for feed, partner_scope in (
        ("sales_order_lines", "customer"),
        ("purchase_order_lines", "supplier"),
    ):
        found = list(lines(raw, feed))
        for (scope, period), cell in cells_of(raw, found, partner_scope).items():
            for kpi_id, answer in of_cell(cell, partner_scope, catalogue):
                if scope.scope_type in catalogue[kpi_id].scope_types:
                    yield Place(raw.plant_id, kpi_id, *scope, *period), answer


def of_cell(
    cell: Cell, partner_scope: str, catalogue: dict[str, Definition]
) -> Iterator[tuple[str, Answer]]:
    on_time = [line.is_on_time for line in cell.due]
    in_full = [line.is_in_full for line in cell.due]
    if partner_scope == "supplier":
        yield kept("supplier_otd_ratio", on_time, catalogue)
        yield duration("supplier_lead_time_h", cell.arrived, catalogue)
        return
    yield kept("otd_ratio", on_time, catalogue)
    yield kept("in_full_ratio", in_full, catalogue)
    yield kept(
        "otif_ratio", [both(*pair) for pair in zip(on_time, in_full, strict=True)], catalogue
    )
    yield kept("perfect_order_ratio", cell.orders_due, catalogue)
    yield duration("order_fulfilment_cycle_time_h", cell.arrived, catalogue)


def kept(
    kpi_id: str, judged: list[bool | None], catalogue: dict[str, Definition]
) -> tuple[str, Answer]:
    """The share that is true of those that are known."""
    known = Fraction(len(judged) - judged.count(None))
    return kpi_id, ratio(
        Fraction(judged.count(True)),
        known,
        [share(known, Fraction(len(judged)))],
        catalogue[kpi_id].floor,
    )


def duration(
    kpi_id: str, arrived: list[Line], catalogue: dict[str, Definition]
) -> tuple[str, Answer]:
    """The mean time of the lines that are fulfilled; what came in part is not done."""
    needed = [line for line in arrived if line.is_fulfilled is not False]
    hours = [line.hours for line in needed if line.is_fulfilled and line.hours is not None]
    qty = Fraction(len(hours))
    return kpi_id, ratio(
        sum(hours, Fraction(0)), qty, [share(qty, Fraction(len(needed)))], catalogue[kpi_id].floor
    )
