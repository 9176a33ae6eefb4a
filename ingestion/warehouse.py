"""The raw schema of the warehouse: its tables, and the only code that writes them.

What a row means stands in `ingestion/feeds/`; which rows come in is decided in `load.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dataframely as dy
import duckdb
import polars as pl

from ingestion.feeds import FEEDS, Feed
from ingestion.feeds.base import feed_columns

# Columns in front of every feed's own: where a row came from and which version it is.
ROW_COLUMNS = {
    "plant_id": "varchar not null",
    "source": "varchar not null",
    "delivery_id": "varchar not null",
    "line_no": "bigint",
    "is_deleted": "boolean not null",
    "changed_at": "timestamp",
}

DELIVERIES = {
    "delivery_id": "varchar not null",
    "content_hash": "varchar not null",
    "plant_id": "varchar not null",
    "source": "varchar not null",
    "system": "varchar not null",
    "table_name": "varchar not null",
    "file_path": "varchar not null",
    "file_bytes": "bigint not null",
    "status": "varchar not null",
    "message": "varchar",
    "delivered_rows": "bigint not null",
    "accepted_rows": "bigint not null",
    "quarantined_rows": "bigint not null",
    "duplicate_rows": "bigint not null",
    "extracted_at": "timestamp not null",
    "watermark_at": "timestamp not null",
    "resends_changes": "boolean not null default true",
    "first_event_date": "date",
    "last_event_date": "date",
    "contract_version": "varchar not null",
    "dialect": "varchar",
    # What the file looks like, and where that contradicts the dialect it was read with.
    "detected": "varchar",
    "contradiction": "varchar",
    "loaded_at": "timestamp not null",
}

QUARANTINE = {
    "delivery_id": "varchar not null",
    "plant_id": "varchar not null",
    "source": "varchar not null",
    "file_path": "varchar not null",
    "line_no": "bigint",
    "feed": "varchar",
    "column_name": "varchar",
    "value": "varchar",
    "rule": "varchar not null",
    "message": "varchar not null",
    "raw_line": "varchar",
    "row_qty": "bigint not null",
    "quarantined_at": "timestamp not null",
}

SHARED_TABLES: dict[str, dict[str, str]] = {
    "deliveries": DELIVERIES,
    "quarantine": QUARANTINE,
    "feed_deliveries": {
        "delivery_id": "varchar not null",
        "feed": "varchar not null",
        "feed_rows": "bigint not null",
    },
    # Which files were looked at, so that a night does not read again what history holds.
    "landing_files": {
        "file_path": "varchar not null",
        "file_bytes": "bigint not null",
        "mtime_ns": "bigint not null",
        "contract_version": "varchar not null",
        "content_hash": "varchar not null",
    },
    "plants": {
        "plant_id": "varchar not null",
        "plant_name": "varchar not null",
        "time_zone": "varchar not null",
        "currency": "varchar not null",
        "has_shift_pattern": "boolean not null",
        "minor_stop_limit_s": "decimal(18, 6) not null",
        "preventive_tolerance_days": "bigint not null",
        "run_booking": "varchar not null",
    },
    "plant_days": {
        "plant_id": "varchar not null",
        "plant_date": "date not null",
        "production_start_at": "timestamp not null",
        "production_end_at": "timestamp not null",
        "calendar_start_at": "timestamp not null",
        "calendar_end_at": "timestamp not null",
    },
    "plant_shifts": {
        "plant_id": "varchar not null",
        "shift_id": "varchar not null",
        "shift_code": "varchar not null",
        "production_date": "date not null",
        "start_at": "timestamp not null",
        "end_at": "timestamp not null",
        "planned_stop": "varchar",
    },
}


def sql_type(column: dy.Column) -> str:
    """The DuckDB type of a feed's column."""
    match column:
        case dy.String() | dy.Enum():
            return "varchar"
        case dy.Bool():
            return "boolean"
        case dy.Datetime():
            return "timestamp"
        case dy.Date():
            return "date"
        case dy.Int64():
            return "bigint"
        case dy.Decimal():
            return "decimal(18, 6)"
    raise TypeError(f"no warehouse type for feed column kind {type(column).__name__}")


def feed_table(feed: type[Feed]) -> dict[str, str]:
    """Columns and types of a feed's raw table."""
    own = {name: sql_type(column) for name, column in feed_columns(feed).items()}
    return ROW_COLUMNS | own


def create_raw_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create the raw schema, every table of it, and columns that an older warehouse lacks."""
    con.execute("create schema if not exists raw")
    tables = SHARED_TABLES | {name: feed_table(feed) for name, feed in FEEDS.items()}
    found = con.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'raw'"
    ).fetchall()
    present: dict[str, set[str]] = {}
    for table, column in found:
        present.setdefault(table, set()).add(column)
    for table, columns in tables.items():
        if table not in present:
            body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            con.execute(f"create table raw.{table} ({body})")
            continue
        for name, kind in columns.items():
            if name not in present[table]:
                # DuckDB adds no column with a constraint; a default fills the rows that are there.
                added = kind.replace(" not null", "")
                con.execute(f"alter table raw.{table} add column {name} {added}")


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, opened for writing, with every raw table present."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(str(path))
    try:
        # A checkpoint per 16 MB of new rows, the default, costs more than loading them.
        con.execute("set checkpoint_threshold = '512MB'")
        # Else it caches what was written in whatever memory the machine has.
        con.execute("set memory_limit = '512MB'")
        create_raw_tables(con)
        yield con
    finally:
        con.close()


def append(con: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    """Append a frame to a raw table; columns are matched by name."""
    if rows.is_empty():
        return
    # Found by its name. A registered table would be held until the end of the transaction.
    incoming_rows = rows.to_arrow()
    con.execute(f"insert into raw.{table} by name select * from incoming_rows")
    del incoming_rows


def replace_rows(con: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    """Replace the whole content of a raw table."""
    con.execute(f"delete from raw.{table}")
    append(con, table, rows)
