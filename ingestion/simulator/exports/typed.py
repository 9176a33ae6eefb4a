"""What the offices type: plain CSV files named after their feed, in UTF-8, on the plant's clock.

Every night carries the lines into which somebody wrote since the night before, as they stand.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date

from ingestion.simulator.exports.files import TYPED, ExportFile, Row, columns
from ingestion.simulator.plant import Plant
from ingestion.simulator.trade import OrderLine, Trade

FOLDER = "typed_csv"
SALES, PURCHASES = "sales_order_lines", "purchase_order_lines"
SALES_ORDER_LINES = columns(
    "sales_order_line_id sales_order_id customer_id item_id uom ordered_qty ordered_at "
    "requested_date first_promised_date promised_date delivered_qty delivered_at is_undamaged "
    "is_documented is_cancelled"
)
PURCHASE_ORDER_LINES = columns(
    "purchase_order_line_id purchase_order_id supplier_id item_id uom ordered_qty ordered_at "
    "first_promised_date promised_date received_qty received_at is_cancelled"
)


class TypedExports:
    """Writes the typed lists of every night."""

    def __init__(self, plant: Plant, lines: Trade) -> None:
        self.clock, self.nights = plant.calendar.clock, plant.calendar.extractions
        self._tables = {
            SALES: (SALES_ORDER_LINES, self._by_night(lines.sales)),
            PURCHASES: (PURCHASE_ORDER_LINES, self._by_night(lines.purchases)),
        }

    def _by_night(self, lines: list[OrderLine]) -> list[list[OrderLine]]:
        """The lines that each night delivers."""
        found: list[list[OrderLine]] = [[] for _ in self.nights]
        for line in lines:
            for night in sorted({bisect_left(self.nights, at) for at in line.changes()}):
                if night < len(found):
                    found[night].append(line)
        return found

    def night(self, night: int) -> list[ExportFile]:
        """All files of one night."""
        at = self.nights[night]
        return [
            ExportFile(
                FOLDER,
                table,
                self.clock.stamp(at),
                at,
                TYPED,
                header,
                [self._row(line, header, at) for line in by_night[night]],
            )
            for table, (header, by_night) in self._tables.items()
        ]

    def _row(self, line: OrderLine, header: list[str], at: int) -> Row:
        arrived_qty, arrived_at = line.arrived(at)
        has_arrived = arrived_at is not None
        promised = [_day(line.first_promised_date), _day(line.promised(at))]
        arrived = [_text(arrived_qty), "" if arrived_at is None else self.clock.typed(arrived_at)]
        fields = [
            line.line_id,
            line.order_id,
            line.partner_id or "",
            line.item.item_id,
            line.item.uom,
            str(line.ordered_qty),
            self.clock.typed(line.ordered_at),
        ]
        if header is SALES_ORDER_LINES:
            promised.insert(0, _day(line.requested_date))
            arrived += [
                _text(line.is_undamaged if has_arrived else None),
                _text(line.is_documented if has_arrived else None),
            ]
        is_cancelled = line.cancelled_at is not None and line.cancelled_at <= at
        fields += [*promised, *arrived, _text(is_cancelled)]
        return Row(fields, line.line_id, is_final=line.is_over(at))


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _text(value: int | bool | None) -> str:
    return "" if value is None else str(value).lower()
