"""The ERP and CMMS exports, shaped like SAP's lists: tab separated, German numbers, local time.

Maintenance (PM) comes as Unicode, materials (MM) and production (PP) in the Windows code page.
In the middle of the horizon somebody changes the layout of the movement list: until then
quantities are unsigned beside a debit or credit mark, afterwards they carry a trailing minus.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta

from ingestion.simulator.exports.files import (
    SAP,
    SAP_UNICODE,
    Dialect,
    ExportFile,
    Row,
    columns,
    comma,
    german,
    german_money,
    trailing_minus,
)
from ingestion.simulator.ledger import Ledger, MaintenanceOrder, Movement, Order
from ingestion.simulator.plant import (
    ITEM,
    ITEMS,
    WORKS,
    Plant,
)

PM, MM, PP = "sap_pm", "sap_mm", "sap_pp"
IW39 = columns(
    "AUFNR AUART EQUNR KTEXT MSAUS ERDAT ERZEIT GSTRI GSUZI GETRI GEUZI GSTRP FECOD ISMNW GKOST"
)
MB51 = columns(
    "MBLNR MJAHR ZEILE BWART MATNR WERKS LGORT SOBKZ SHKZG MENGE MEINS DMBTR WAERS AUFNR "
    "BUDAT CPUDT CPUTM"
)
MARD = columns("MATNR LGORT STICHTAG LABST MEINS")
MARA = columns("MATNR MAKTX MTART MEINS MATKL")
MBEW = columns("MATNR VPRSV STPRS VERPR PEINH GUELTIG_AB")
COOIS = columns("AUFNR MATNR GAMNG GMEIN IGMNG ERDAT ERZEIT FTRMI FTRZT GLTRP GETRI GEUZI LOEKZ")
CA_RATES = columns("MATNR ARBPL DATUV BMSCH VGW01 VGE01 VGW02 VGE02")

NO_DATE, NO_TIME = "00.00.0000", "00:00:00"
BASE_QTY = 100  # pieces that a routing's machine time is for
_TYPES = {"raw": "ROH", "finished": "FERT"}


class SapExports:
    """Writes the ERP and CMMS lists of every night."""

    def __init__(self, plant: Plant, ledger: Ledger) -> None:
        self.plant, self.ledger = plant, ledger
        self.clock = plant.calendar.clock
        self.nights = plant.calendar.extractions
        count = len(self.nights)

        self._movements: list[list[Movement]] = [[] for _ in range(count)]
        for movement in ledger.movements:
            self._movements[bisect_left(self.nights, movement.entered_at)].append(movement)

        self._maintenance: list[list[MaintenanceOrder]] = [[] for _ in range(count)]
        for repair in ledger.maintenance:
            for night in self._changed(repair.reported_at, repair.started_at, repair.finished_at):
                self._maintenance[night].append(repair)
        self._orders: list[list[Order]] = [[] for _ in range(count)]
        for order in ledger.orders:
            for night in self._changed(
                order.created_at, order.released_at, order.cancelled_at, order.completed_at
            ):
                self._orders[night].append(order)

    def _changed(self, *changes: int | None) -> list[int]:
        """The nights that deliver a record which changed at these instants."""
        return sorted({bisect_left(self.nights, at) for at in changes if at is not None})

    def is_unsigned(self, night: int) -> bool:
        """Whether the movement list still has its first layout."""
        return night < len(self.nights) // 2

    def night(self, night: int) -> list[ExportFile]:
        """All files of one night."""
        at = self.nights[night]
        today = self.clock.date(at)
        is_weekly = night % 7 == 0
        files = [
            self._file(
                night, PM, "IW39", IW39, [self._iw39(m, at) for m in self._maintenance[night]]
            ),
            self._mb51(night),
            self._file(
                night, PP, "COOIS", COOIS, [self._coois(o, at) for o in self._orders[night]]
            ),
        ]
        if days := self.snapshot_days(night):
            files.append(self._file(night, MM, "MARD", MARD, self._mard(days, at)))
        if is_weekly:
            files.append(self._file(night, MM, "MARA", MARA, self._mara()))
        if is_weekly or today == self.plant.cost_change:
            files.append(self._file(night, MM, "MBEW", MBEW, self._mbew(today)))
        tomorrow = today + timedelta(days=1)
        if is_weekly or tomorrow == self.plant.rate_change:
            files.append(self._file(night, PP, "CA_RATES", CA_RATES, self._rates(tomorrow)))
        return files

    def _file(
        self, night: int, folder: str, table: str, header: list[str], rows: list[Row]
    ) -> ExportFile:
        at = self.nights[night]
        dialect: Dialect = SAP_UNICODE if folder == PM else SAP
        return ExportFile(folder, table, self.clock.stamp(at), at, dialect, header, rows)

    def _date(self, instant: int | None, missing: str = "") -> str:
        return missing if instant is None else self.clock.dotted_date(instant)

    def _time(self, instant: int | None) -> str:
        return NO_TIME if instant is None else self.clock.time(instant)

    def _iw39(self, order: MaintenanceOrder, at: int) -> Row:
        started_at = _known(order.started_at, at)
        finished_at = _known(order.finished_at, at)
        is_finished = finished_at is not None
        cost = order.cost_cents or 0
        fields = [
            order.order_id,
            "PM01" if order.is_corrective else "PM02",
            order.machine.equipment,
            order.text,
            "X" if order.is_breakdown else "",
            self._date(order.reported_at),
            self._time(order.reported_at),
            self._date(started_at, NO_DATE),
            self._time(started_at),
            self._date(finished_at, NO_DATE),
            self._time(finished_at),
            f"{order.due_date:%d.%m.%Y}" if order.due_date else "",
            order.failure_code or "",
            comma(order.labour_h, 2) if is_finished and order.labour_h is not None else "",
            trailing_minus(german_money(cost), cost) if is_finished else "",
        ]
        return Row(fields, order.order_id, is_final=is_finished)

    def _mb51(self, night: int) -> ExportFile:
        movements = self._movements[night]
        rows = [self._movement(m, unsigned=self.is_unsigned(night)) for m in movements]
        file = self._file(night, MM, "MB51", MB51, rows)
        total = sum(m.amount_cents for m in movements)
        totals = ["*", *[""] * (len(MB51) - 1)]
        totals[MB51.index("DMBTR")] = trailing_minus(german_money(total), total)
        totals[MB51.index("WAERS")] = self.plant.site.currency
        file.footer = [Row(totals, "*", is_touched=True)]
        return file

    def _movement(self, movement: Movement, *, unsigned: bool) -> Row:
        qty, amount = german(movement.qty), german_money(movement.amount_cents)
        fields = [
            movement.document,
            str(movement.posting_date.year),
            str(movement.line),
            movement.code,
            movement.item.item_id,
            WORKS,
            movement.location,
            "" if movement.is_owned else "K",
            ("S" if movement.qty > 0 else "H") if unsigned else "",
            qty if unsigned else trailing_minus(qty, movement.qty),
            movement.item.uom,
            amount if unsigned else trailing_minus(amount, movement.amount_cents),
            self.plant.site.currency,
            movement.order.order_id if movement.order else "",
            f"{movement.posting_date:%d.%m.%Y}",
            self._date(movement.entered_at),
            self._time(movement.entered_at),
        ]
        return Row(fields, movement.movement_id)

    def snapshot_days(self, night: int) -> list[date]:
        """The days whose opening stock is delivered: the very first, and each month's first."""
        days = [self.plant.calendar.start] if night == 0 else []
        today = self.clock.date(self.nights[night])
        is_last = night == len(self.nights) - 1  # in the morning; the night before has it
        if today.day == 1 and not is_last:
            days.append(today)
        return days

    def on_hand(self, day: date, at: int) -> dict[tuple[str, str], int]:
        """Owned stock at the start of a day, as far as it was entered by an instant."""
        stock = dict(self.ledger.opening)
        for m in self.ledger.movements:
            if m.posting_date < day and m.entered_at <= at and m.is_owned:
                stock[m.item.item_id, m.location] = (
                    stock.get((m.item.item_id, m.location), 0) + m.qty
                )
        return stock

    def _mard(self, days: list[date], at: int) -> list[Row]:
        return [
            Row([item_id, location, f"{day:%d.%m.%Y}", german(qty), ITEM[item_id].uom], item_id)
            for day in days
            for (item_id, location), qty in sorted(self.on_hand(day, at).items())
        ]

    def _mara(self) -> list[Row]:
        return [Row([i.item_id, i.name, _TYPES[i.kind], i.uom, i.group], i.item_id) for i in ITEMS]

    def _mbew(self, today: date) -> list[Row]:
        return [
            Row(
                [
                    item_id,
                    "S",
                    german_money(int(cost.price * 100)),
                    "0,00",
                    str(cost.price_unit),
                    f"{cost.valid_from:%d.%m.%Y}",
                ],
                item_id,
            )
            for item_id, costs in self.plant.costs.items()
            for cost in costs
            if cost.valid_from <= today
        ]

    def _rates(self, until: date) -> list[Row]:
        rows = []
        for (item_id, index), rates in self.plant.rates.items():
            for rate in rates:
                if rate.valid_from > until:
                    continue
                # Thousandths of a minute for the base quantity; exact, as cycles are chosen.
                machine_min = rate.cycle_ms * BASE_QTY // 60
                fields = [
                    item_id,
                    self.plant.machines[index].machine_id,
                    f"{rate.valid_from:%d.%m.%Y}",
                    german(BASE_QTY * 1_000),
                    german(rate.setup_min * 1_000),
                    "MIN",
                    german(machine_min),
                    "MIN",
                ]
                rows.append(Row(fields, item_id))
        return rows

    def _coois(self, order: Order, at: int) -> Row:
        released_at = _known(order.released_at, at)
        completed_at = _known(order.completed_at, at)
        is_cancelled = _known(order.cancelled_at, at) is not None
        fields = [
            order.order_id,
            order.item.item_id,
            german(order.planned_qty * 1_000),
            order.item.uom,
            german(order.completed_qty * 1_000 if completed_at is not None else 0),
            self._date(order.created_at),
            self._time(order.created_at),
            self._date(released_at),
            self._time(released_at),
            f"{order.due_date:%d.%m.%Y}",
            self._date(completed_at),
            self._time(completed_at),
            "X" if is_cancelled else "",
        ]
        return Row(fields, order.order_id, is_final=completed_at is not None or is_cancelled)


def _known(instant: int | None, at: int) -> int | None:
    """An instant as far as it was known at another."""
    return instant if instant is not None and instant <= at else None
