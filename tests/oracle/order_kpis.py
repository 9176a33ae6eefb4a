"""Lead time of production orders, from release to completion by the calendar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share, withheld
from plant_calendar import Calendar
from raw_rows import RawPlant, Row
from shop_floor import seconds

KPIS = frozenset({"lead_time_median_h", "lead_time_mean_h"})


@dataclass(frozen=True)
class Completed:
    """One completed order."""

    item_id: str | None
    completed_date: date
    #: None: nobody says when it was released.
    hours: Fraction | None


def orders(raw: RawPlant) -> dict[str, Row]:
    """Each order as the ERP sees it, or as another system does where the ERP does not know it."""
    found: dict[str, Row] = {}
    for row in raw.feed("production_orders"):
        order_id = raw.business_id("order", row, "order_id")
        assert order_id is not None
        is_of_erp = raw.deliveries[row["delivery_id"]]["system"] == "erp"
        if order_id not in found or is_of_erp:
            found[order_id] = row
    return found


def completed(raw: RawPlant) -> Iterator[Completed]:
    calendar = Calendar(raw)
    for row in orders(raw).values():
        if row["completed_at"] is None or row["is_cancelled"]:
            continue
        hours = None
        if row["released_at"] is not None:
            hours = seconds(row["completed_at"] - row["released_at"]) / 3600
        yield Completed(
            raw.business_id("item", row, "item_id"),
            calendar.local_date(row["completed_at"]),
            hours,
        )


def answers(raw: RawPlant, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    cells: dict[tuple[Scope, Period], list[Completed]] = defaultdict(list)
    for order in completed(raw):
        scopes = [Scope("plant", raw.plant_id)]
        if order.item_id is not None:
            scopes.append(Scope("item", order.item_id))
        for scope in scopes:
            for period in periods(order.completed_date):
                cells[scope, period].append(order)
    for (scope, period), cell in cells.items():
        hours = sorted(order.hours for order in cell if order.hours is not None)
        qty = Fraction(len(hours))
        known = share(qty, Fraction(len(cell)))
        mean = ratio(sum(hours, Fraction(0)), qty, [known], catalogue["lead_time_mean_h"].floor)
        middle = withheld(None, qty)
        if hours and known and known >= catalogue["lead_time_median_h"].floor:
            middle = Answer(None, qty, median(hours))
        yield Place(raw.plant_id, "lead_time_mean_h", *scope, *period), mean
        yield Place(raw.plant_id, "lead_time_median_h", *scope, *period), middle


def median(ordered: list[Fraction]) -> Fraction:
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2
