"""A warehouse small enough to see through: a few published tables, and the manifest of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from ingestion.settings import Settings
from ingestion.warehouse import create_raw_tables
from orchestration.checks import results


def node(schema: str, name: str, columns: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A model of the manifest, as far as publication reads it."""
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": schema,
        "description": f"One row per {name}. It's described.\n",  # as folded YAML ends
        "columns": {c: {"name": c, "description": text} for c, text in columns.items()},
        "config": {"materialized": "table", "meta": {}},
        "fqn": ["leankpi", schema, name],
    } | changes


MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.leankpi.dim_plant": node(
            "core", "dim_plant", {"plant_id": "The plant's id.", "plant_name": "Its name."}
        ),
        "model.leankpi.fct_scrap": node(
            "core", "fct_scrap", {"plant_id": "The plant.", "rejected_qty": "Units rejected."}
        ),
        "model.leankpi.kpi_values": node(
            "marts", "kpi_values", {"plant_id": "The plant.", "value": "Null where withheld."}
        ),
        "model.leankpi.kpi_sums_scrap": node(
            "marts",
            "kpi_sums_scrap",
            {"rejected_qty": "Units rejected."},
            config={"materialized": "view", "meta": {}},
        ),
        "model.leankpi.int_secret": node("intermediate", "int_secret", {}),
        "model.leankpi.stg_view": node(
            "staging", "stg_view", {}, config={"materialized": "view", "meta": {}}
        ),
    },
    "sources": {
        "source.leankpi.raw.deliveries": {
            "resource_type": "source",
            "source_name": "raw",
            "name": "deliveries",
            "description": "Every delivered file.",
            "columns": {"status": {"name": "status", "description": "How it ended."}},
        }
    },
}


def make_warehouse(settings: Settings, rows: int = 3) -> None:
    """Write the tables of MANIFEST with `rows` rows each."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        create_raw_tables(con)
        for schema in ("staging", "intermediate", "core", "marts"):
            con.execute(f"create schema if not exists {schema}")
        con.execute(
            "create or replace table core.dim_plant as "
            "select 'p' || range as plant_id, 'Plant ' || range as plant_name from range(?)",
            [rows],
        )
        con.execute(
            "create or replace table core.fct_scrap as "
            "select 'p1' as plant_id, cast(range as decimal(18, 6)) as rejected_qty from range(?)",
            [rows],
        )
        con.execute(
            "create or replace table marts.kpi_values as "
            "select 'p1' as plant_id, 'oee' as kpi_id, 'plant' as scope_type, 'p1' as scope_id, "
            "'day' as period_type, date '2026-03-02' + cast(range as integer) "
            "as period_start_date, cast(null as varchar) as shift_id, "
            "cast(null as double) as value, 'no output counted' as withheld_reason from range(?)",
            [rows],
        )
        con.execute(
            "create or replace view marts.kpi_sums_scrap as "
            "select rejected_qty from warehouse.core.fct_scrap"
        )
        con.execute("create or replace table intermediate.int_secret as select 1 as a")
        # What an earlier project built and the manifest no longer knows.
        con.execute("create or replace table marts.mart_removed as select 1 as a")
    results.clear(settings.warehouse_file)


def deliver(settings: Settings, delivery_id: str, **changes: Any) -> None:
    """Write a delivery's line."""
    now = datetime(2026, 3, 10, 2, 0)
    row: dict[str, Any] = {
        "delivery_id": delivery_id,
        "content_hash": delivery_id,
        "plant_id": "p1",
        "source": "mapex",
        "system": "mes",
        "table_name": "his_prod",
        "file_path": f"p1/mapex/{delivery_id}.csv",
        "file_bytes": 10,
        "status": "accepted",
        "delivered_rows": 1,
        "accepted_rows": 1,
        "quarantined_rows": 0,
        "duplicate_rows": 0,
        "extracted_at": now,
        "watermark_at": now,
        "contract_version": "1",
        "loaded_at": now,
    } | changes
    marks = ", ".join("?" * len(row))
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute(
            f"insert into raw.deliveries ({', '.join(row)}) values ({marks})", list(row.values())
        )
