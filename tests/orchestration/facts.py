"""Dimensions and facts of a healthy machine, row by row, for checks to look at and tests to spoil.

Eight weeks of one machine: a shift of 8 h a day in which it makes 400 units of 60 s.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb

FIRST_DAY = date(2026, 1, 5)
DAYS = 56
HOUR_S = 3600


def insert(con: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    """Insert rows by column name; what a row does not say is null."""
    for row in rows:
        marks = ", ".join(f"? as {name}" for name in row)
        con.execute(f"insert into {table} by name select {marks}", list(row.values()))


def healthy(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables."""
    insert(con, "core.dim_plant", {"plant_id": "p1", "plant_name": "Plant 1", "currency": "EUR"})
    insert(con, "core.dim_machine", {"plant_id": "p1", "machine_id": "m1", "machine_key": "k-m1"})
    for number in range(DAYS):
        day(con, FIRST_DAY + timedelta(days=number))
    orders(con)
    repairs(con)
    stock(con)
    deliveries(con)


def day(con: duckdb.DuckDBPyConnection, production_date: date) -> None:
    """One production day: 7 h producing, 1 h stopped, the rest not scheduled."""
    start = datetime.combine(production_date, datetime.min.time()) + timedelta(hours=6)
    common = {"plant_id": "p1", "machine_id": "m1", "production_date": production_date}
    insert(
        con,
        "core.dim_shift",
        {
            "shift_key": f"shift-{production_date}",
            "plant_id": "p1",
            "shift_kind": "shift",
            "production_date": production_date,
            "start_at": start,
            "end_at": start + timedelta(hours=8),
            "shift_s": 8 * HOUR_S,
        },
        {
            "shift_key": f"outside-{production_date}",
            "plant_id": "p1",
            "shift_kind": "outside_shifts",
            "production_date": production_date,
            "start_at": start,
            "end_at": start + timedelta(hours=24),
            "shift_s": 24 * HOUR_S,
        },
    )
    for state, hours, failures in (("producing", 7, 0), ("delay", 1, 1)):
        insert(
            con,
            "core.fct_machine_time",
            common
            | {
                "shift_key": f"shift-{production_date}",
                "schedule": "scheduled",
                "state": state,
                "duration_s": hours * HOUR_S,
                "pot_s": hours * HOUR_S,
                "pbt_s": hours * HOUR_S,
                "not_observed_s": 0,
                "piece_qty": 50,
                "failure_qty": failures,
            },
        )
    insert(
        con,
        "core.fct_machine_time",
        common
        | {
            "shift_key": f"outside-{production_date}",
            "schedule": "not_scheduled",
            "state": "not_observed",
            "duration_s": 16 * HOUR_S,
            "pot_s": 0,
            "pbt_s": 0,
            "not_observed_s": 0,
            "piece_qty": 1,
            "failure_qty": 0,
        },
    )
    insert(
        con,
        "core.fct_production",
        common
        | {
            "run_id": f"run-{production_date}",
            "pass_no": 1,
            "start_at": start,
            "end_at": start + timedelta(hours=8),
            "produced_qty": 400,
            "good_qty": 396,
            "scrap_qty": 4,
            "ideal_cycle_s": 60,
            "ideal_s": 24_000,
            "good_ideal_s": 23_760,
        },
    )
    insert(
        con,
        "core.fct_scrap",
        {
            "plant_id": "p1",
            "machine_key": "k-m1",
            "scrap_id": f"scrap-{production_date}",
            "production_date": production_date,
            "disposition": "scrap",
            "rejected_qty": 4,
            "scrap_qty": 4,
            "rework_qty": 0,
        },
    )


def orders(con: duckdb.DuckDBPyConnection) -> None:
    """An order a week, done in 30 h."""
    for number in range(8):
        released = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(weeks=number)
        completed = released + timedelta(hours=30)
        insert(
            con,
            "core.fct_order_lead_time",
            {
                "plant_id": "p1",
                "order_id": f"order-{number}",
                "released_at": released,
                "completed_at": completed,
                "completed_date": completed.date(),
                "is_completed": True,
                "is_cancelled": False,
                "lead_time_s": 30 * HOUR_S,
            },
        )


def repairs(con: duckdb.DuckDBPyConnection) -> None:
    """A breakdown order a day, as the machine fails once a day."""
    for number in range(DAYS):
        reported = FIRST_DAY + timedelta(days=number)
        insert(
            con,
            "core.fct_maintenance_order",
            {
                "plant_id": "p1",
                "machine_id": "m1",
                "maintenance_order_id": f"repair-{number}",
                "maintenance_kind": "corrective",
                "is_breakdown": True,
                "reported_date": reported,
                "response_s": 600,
                "work_s": 2_400,
            },
        )


def stock(con: duckdb.DuckDBPyConnection) -> None:
    """A hundred units, every day, listed once, with one new standard cost."""
    for number in range(DAYS):
        insert(
            con,
            "core.fct_inventory_daily",
            {
                "plant_id": "p1",
                "item_id": "i1",
                "location_id": "0001",
                "stock_date": FIRST_DAY + timedelta(days=number),
                "is_stock_known": True,
                "is_cost_known": True,
                "opening_qty": 100,
                "closing_qty": 100,
                "listed_qty": 100 if number == 28 else None,
                "listed_difference_qty": 0 if number == 28 else None,
                "unit_cost_amount": 10 if number < 28 else 11,
                "closing_value_amount": 1_000 if number < 28 else 1_100,
            },
        )
    insert(
        con,
        "core.dim_item",
        {"item_key": "k-i1", "plant_id": "p1", "item_id": "i1", "base_uom": "PC"},
    )
    for number in range(2):
        insert(
            con,
            "core.fct_stock_movement",
            {
                "movement_key": f"k-move-{number}",
                "plant_id": "p1",
                "movement_id": f"move-{number}",
                "item_key": "k-i1",
                "item_id": "i1",
                "movement_class": "count",
                "is_owned": True,
                "is_reversal": False,
                "posting_date": FIRST_DAY,
                "moved_qty": 0,
                "uom": "PC",
            },
        )


def deliveries(con: duckdb.DuckDBPyConnection) -> None:
    """Two sources that deliver daily, the last time an hour ago."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for number in range(8):
        for source in ("mapex", "sap_mm"):
            delivery(con, source, now - timedelta(days=number, hours=1))


def delivery(con: duckdb.DuckDBPyConnection, source: str, extracted_at: datetime) -> None:
    delivery_id = f"{source}-{extracted_at}"
    insert(
        con,
        "raw.deliveries",
        {
            "delivery_id": delivery_id,
            "content_hash": delivery_id,
            "plant_id": "p1",
            "source": source,
            "system": "mes",
            "table_name": "t",
            "file_path": f"p1/{source}/{extracted_at}",
            "file_bytes": 1,
            "status": "accepted",
            "delivered_rows": 1,
            "accepted_rows": 1,
            "quarantined_rows": 0,
            "duplicate_rows": 0,
            "extracted_at": extracted_at,
            "watermark_at": extracted_at,
            "contract_version": "1",
            "loaded_at": extracted_at,
        },
    )
    insert(
        con,
        "raw.feed_deliveries",
        {"delivery_id": delivery_id, "feed": "machine_states", "feed_rows": 1},
    )
