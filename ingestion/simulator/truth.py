"""The truth: the ledger as Parquet files, in UTC, for tests and for nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.simulator.clock import naive_utc
from ingestion.simulator.exports.sap import SapExports
from ingestion.simulator.ledger import PRODUCTION, REWORK, Ledger, PlantedDefect
from ingestion.simulator.plant import ITEMS, Plant
from ingestion.simulator.records import Records
from ingestion.simulator.trade import OrderLine, Trade

AT, DATE, TEXT, FLAG, WHOLE = pl.Datetime("us"), pl.Date(), pl.String(), pl.Boolean(), pl.Int64()
QTY, AMOUNT, NUMBER = pl.Decimal(18, 3), pl.Decimal(18, 2), pl.Decimal(18, 6)
Schema = dict[str, pl.DataType]

MACHINE_TIME: Schema = {
    "machine_id": TEXT,
    "start_at": AT,
    "end_at": AT,
    "state": TEXT,
    "reason_code": TEXT,
    "is_failure": FLAG,
    "is_observed": FLAG,
}
RUNS: Schema = {
    "run_id": TEXT,
    "machine_id": TEXT,
    "order_id": TEXT,
    "item_id": TEXT,
    "operation_no": WHOLE,
    "pass_no": WHOLE,
    "production_date": DATE,
    "start_at": AT,
    "end_at": AT,
    "good_qty": WHOLE,
    "scrap_qty": WHOLE,
    "rework_qty": WHOLE,
    "ideal_cycle_s": NUMBER,
    "is_observed": FLAG,
}
ACTIVITIES: Schema = {
    "machine_id": TEXT,
    "order_id": TEXT,
    "operation_no": WHOLE,
    "start_at": AT,
    "end_at": AT,
}
REJECTIONS: Schema = {
    "run_id": TEXT,
    "reason_code": TEXT,
    "disposition": TEXT,
    "qty": WHOLE,
    "booked_at": AT,
    "is_observed": FLAG,
}
ORDERS: Schema = {
    "order_id": TEXT,
    "item_id": TEXT,
    "line_id": TEXT,
    "created_at": AT,
    "released_at": AT,
    "completed_at": AT,
    "due_date": DATE,
    "planned_qty": WHOLE,
    "completed_qty": WHOLE,
    "is_cancelled": FLAG,
}
STOCK_MOVES: Schema = {
    "movement_id": TEXT,
    "item_id": TEXT,
    "location_id": TEXT,
    "posting_date": DATE,
    "entered_at": AT,
    "signed_qty": QTY,
    "signed_amount": AMOUNT,
    "movement_code": TEXT,
    "movement_class": TEXT,
    "is_owned": FLAG,
    "is_reversal": FLAG,
    "order_id": TEXT,
}
OPENING_STOCK: Schema = {"item_id": TEXT, "location_id": TEXT, "date": DATE, "qty": QTY}
COSTS: Schema = {"item_id": TEXT, "valid_from": DATE, "unit_cost": NUMBER}
ITEM_LIST: Schema = {
    "item_id": TEXT,
    "item_name": TEXT,
    "item_type": TEXT,
    "item_group": TEXT,
    "base_uom": TEXT,
}
RATES: Schema = {
    "item_id": TEXT,
    "machine_id": TEXT,
    "valid_from": AT,
    "ideal_cycle_s": NUMBER,
    "planned_setup_s": NUMBER,
}
MAINTENANCE: Schema = {
    "maintenance_order_id": TEXT,
    "machine_id": TEXT,
    "kind": TEXT,
    "is_breakdown": FLAG,
    "failure_code": TEXT,
    "reported_at": AT,
    "started_at": AT,
    "finished_at": AT,
    "due_date": DATE,
    "labour_s": NUMBER,
    "cost_amount": AMOUNT,
}
ORDER_LINES: Schema = {
    "order_line_id": TEXT,
    "order_id": TEXT,
    "partner_id": TEXT,
    "item_id": TEXT,
    "ordered_qty": WHOLE,
    "ordered_at": AT,
    "requested_date": DATE,
    "first_promised_date": DATE,
    "promised_date": DATE,
    "arrived_qty": WHOLE,
    "arrived_at": AT,
    "is_undamaged": FLAG,
    "is_documented": FLAG,
    "is_cancelled": FLAG,
}
LABOUR: Schema = {
    "entry_id": TEXT,
    "worker_id": TEXT,
    "entry_kind": TEXT,
    "machine_id": TEXT,
    "start_at": AT,
    "end_at": AT,
}
ENERGY: Schema = {
    "reading_id": TEXT,
    "meter_id": TEXT,
    "energy_carrier": TEXT,
    "machine_id": TEXT,
    "line_id": TEXT,
    "start_at": AT,
    "end_at": AT,
    "energy_kwh": NUMBER,
}
MEASUREMENTS: Schema = {
    "measurement_id": TEXT,
    "characteristic_id": TEXT,
    "machine_id": TEXT,
    "item_id": TEXT,
    "subgroup_id": TEXT,
    "measured_at": AT,
    "measured_value": NUMBER,
    "lower_limit": NUMBER,
    "upper_limit": NUMBER,
}
SHIFTS: Schema = {"production_date": DATE, "shift_code": TEXT, "start_at": AT, "end_at": AT}
UNOBSERVED: Schema = {"machine_id": TEXT, "start_at": AT, "end_at": AT}
DEFECTS: Schema = {
    "file": TEXT,
    "line_no": WHOLE,
    "rule": TEXT,
    "column_name": TEXT,
    "value": TEXT,
    "row_id": TEXT,
    "what": TEXT,
    "is_quarantined": FLAG,
    "repaired_in": TEXT,
}


def write_truth(
    truth: Path,
    plant: Plant,
    ledger: Ledger,
    exports: SapExports,
    trade: Trade,
    records: Records,
    defects: Iterable[PlantedDefect],
) -> None:
    """Write every table of the truth."""
    tables = {
        "machine_time": (MACHINE_TIME, _machine_time(plant, ledger)),
        "runs": (RUNS, _runs(plant, ledger)),
        "activities": (ACTIVITIES, _activities(plant, ledger)),
        "rejections": (REJECTIONS, _rejections(ledger)),
        "orders": (ORDERS, _orders(ledger)),
        "stock_moves": (STOCK_MOVES, _stock_moves(ledger)),
        "opening_stock": (OPENING_STOCK, _opening_stock(plant, exports)),
        "costs": (COSTS, _costs(plant)),
        "items": (ITEM_LIST, [_item(i) for i in ITEMS]),
        "rates": (RATES, _rates(plant)),
        "maintenance": (MAINTENANCE, _maintenance(ledger)),
        "sales_order_lines": (ORDER_LINES, _order_lines(plant, trade.sales)),
        "purchase_order_lines": (ORDER_LINES, _order_lines(plant, trade.purchases)),
        "labour": (LABOUR, _labour(plant, records)),
        "energy": (ENERGY, _energy(records)),
        "measurements": (MEASUREMENTS, _measurements(records)),
        "shifts": (SHIFTS, _shifts(plant)),
        "unobserved": (UNOBSERVED, _unobserved(plant)),
        "defects": (DEFECTS, [asdict(defect) for defect in defects]),
    }
    truth.mkdir(parents=True, exist_ok=True)
    for name, (schema, rows) in tables.items():
        frame = pl.DataFrame(list(rows), schema=schema, orient="row")
        frame.write_parquet(truth / f"{name}.parquet", compression="zstd", statistics=False)


def write_arguments(truth: Path, arguments: Mapping[str, Any]) -> None:
    """Say with what the simulation was started, and until when each system knows the world."""
    truth.mkdir(parents=True, exist_ok=True)
    text = json.dumps(arguments, indent=2, ensure_ascii=False) + "\n"
    (truth / "plant.json").write_text(text, encoding="utf-8")


assert [f.name for f in fields(PlantedDefect)] == list(DEFECTS)

Rows = Iterable[tuple[Any, ...]]


def _at(instant: int | None) -> Any:
    return None if instant is None else naive_utc(instant)


def _thousandths(qty: int) -> Decimal:
    return Decimal(qty) / 1_000


def _machine_time(plant: Plant, ledger: Ledger) -> Rows:
    for p in ledger.pieces:
        yield (
            p.machine.machine_id,
            _at(p.start_at),
            _at(plant.calendar.end_at if p.end_at is None else p.end_at),
            p.state,
            p.reason.code if p.reason else None,
            bool(p.reason and p.reason.is_failure),
            p.is_observed,
        )


def _runs(plant: Plant, ledger: Ledger) -> Rows:
    for a in ledger.activities:
        if a.kind not in (PRODUCTION, REWORK) or a.operation is None or a.cycle_ms is None:
            continue
        yield (
            a.row_id,
            a.machine.machine_id,
            a.operation.order.order_id,
            a.operation.order.item.item_id,
            a.operation.sequence,
            1 if a.kind == PRODUCTION else 2,
            a.production_date,
            _at(a.start_at),
            _at(a.end_at),
            *a.counts(plant.calendar.end_at),
            Decimal(a.cycle_ms) / 1_000,
            a.is_observed,
        )


def _activities(plant: Plant, ledger: Ledger) -> Rows:
    """What a machine was there for while it served an operation: setup, production, rework."""
    for a in ledger.activities:
        if a.operation is not None:
            yield (
                a.machine.machine_id,
                a.operation.order.order_id,
                a.operation.sequence,
                _at(a.start_at),
                _at(plant.calendar.end_at if a.end_at is None else a.end_at),
            )


def _rejections(ledger: Ledger) -> Rows:
    for r in ledger.rejections:
        yield (
            r.activity.row_id,
            r.defect.code,
            "scrap" if r.defect.is_scrap else "rework",
            r.qty,
            _at(r.at),
            r.activity.is_observed,
        )


def _orders(ledger: Ledger) -> Rows:
    for o in ledger.orders:
        yield (
            o.order_id,
            o.item.item_id,
            f"L{o.line_no}",
            _at(o.created_at),
            _at(o.released_at),
            _at(o.completed_at),
            o.due_date,
            o.planned_qty,
            o.completed_qty,
            o.cancelled_at is not None,
        )


def _stock_moves(ledger: Ledger) -> Rows:
    for m in ledger.movements:
        yield (
            m.movement_id,
            m.item.item_id,
            m.location,
            m.posting_date,
            _at(m.entered_at),
            _thousandths(m.qty),
            Decimal(m.amount_cents) / 100,
            m.code,
            m.movement_class,
            m.is_owned,
            m.is_reversal,
            m.order.order_id if m.order else None,
        )


def _opening_stock(plant: Plant, exports: SapExports) -> Rows:
    for night, at in enumerate(plant.calendar.extractions):
        for day in exports.snapshot_days(night):
            for (item_id, location), qty in sorted(exports.on_hand(day, at).items()):
                yield item_id, location, day, _thousandths(qty)


def _costs(plant: Plant) -> Rows:
    for item_id, costs in plant.costs.items():
        for cost in costs:
            yield item_id, cost.valid_from, cost.unit_cost


def _item(item: Any) -> tuple[Any, ...]:
    return item.item_id, item.name, item.kind, item.group, item.uom


def _rates(plant: Plant) -> Rows:
    for (item_id, index), rates in plant.rates.items():
        for rate in rates:
            yield (
                item_id,
                plant.machines[index].machine_id,
                _at(rate.valid_from_at),
                Decimal(rate.cycle_ms) / 1_000,
                Decimal(rate.setup_min * 60),
            )


def _maintenance(ledger: Ledger) -> Rows:
    for m in ledger.maintenance:
        yield (
            m.order_id,
            m.machine.machine_id,
            "corrective" if m.is_corrective else "preventive",
            m.is_breakdown,
            m.failure_code,
            _at(m.reported_at),
            _at(m.started_at),
            _at(m.finished_at),
            m.due_date,
            None if m.labour_h is None else m.labour_h * 3_600,
            None if m.cost_cents is None else Decimal(m.cost_cents) / 100,
        )


def _order_lines(plant: Plant, lines: Iterable[OrderLine]) -> Rows:
    end_at = plant.calendar.end_at
    for line in lines:
        qty, at = line.arrived(end_at)
        yield (
            line.line_id,
            line.order_id,
            line.partner_id,
            line.item.item_id,
            line.ordered_qty,
            _at(line.ordered_at),
            line.requested_date,
            line.first_promised_date,
            line.promised(end_at),
            qty,
            _at(at),
            None if at is None else line.is_undamaged,
            None if at is None else line.is_documented,
            line.cancelled_at is not None and line.cancelled_at <= end_at,
        )


def _labour(plant: Plant, records: Records) -> Rows:
    for e in records.labour:
        end_at = min(e.end_at, plant.calendar.end_at)
        yield e.entry_id, e.worker_id, e.kind, e.machine_id, _at(e.start_at), _at(end_at)


def _energy(records: Records) -> Rows:
    for r in records.energy:
        yield (
            r.reading_id,
            r.meter_id,
            r.carrier,
            r.machine_id,
            r.line_id,
            _at(r.start_at),
            _at(r.end_at),
            r.energy_kwh,
        )


def _measurements(records: Records) -> Rows:
    for m in records.measurements:
        yield (
            m.measurement_id,
            m.characteristic_id,
            m.machine_id,
            m.item_id,
            m.subgroup_id,
            _at(m.measured_at),
            m.value,
            m.lower_limit,
            m.upper_limit,
        )


def _shifts(plant: Plant) -> Rows:
    for s in plant.calendar.known_shifts:
        yield s.production_date, s.code, _at(s.start_at), _at(s.end_at)


def _unobserved(plant: Plant) -> Rows:
    for index, windows in sorted(plant.outages.items()):
        for start, end in windows:
            yield plant.machines[index].machine_id, _at(start), _at(min(end, plant.calendar.end_at))
