"""A warehouse to build models over, with raw rows given as dictionaries.

What ingestion does to files plays no part here: rows go straight into the raw tables.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from ingestion.warehouse import create_raw_tables

PROJECT = Path(__file__).parents[2] / "dbt_project"
#: The name gives dbt's relations their database, so every test's file has the same.
WAREHOUSE = "warehouse.duckdb"

Row = Mapping[str, Any]

#: What a delivered row says of itself where a test does not care.
ROW_DEFAULTS: Row = {"is_deleted": False, "changed_at": None}
#: What a feed's row must say, where a test does not care.
FEED_DEFAULTS: Mapping[str, Row] = {
    "machine_states": {"layer": 0, "is_placed": False},
    "production_counts": {"pass_no": 1},
    "reasons": {"reason_kind": "stop", "is_failure": False},
    "production_orders": {"is_cancelled": False},
    "stock_movements": {"is_reversal": False, "is_owned": True, "uom": "PC"},
    "stock_snapshots": {"uom": "PC"},
    "items": {"base_uom": "PC"},
}


def utc(zone: str, day: date, clock: time) -> datetime:
    """A wall-clock time of the zone as naive UTC."""
    local = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


@dataclass(frozen=True)
class Warehouse:
    """Fills the raw schema of one warehouse file."""

    con: duckdb.DuckDBPyConnection

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Append rows; a column that a row does not name stays null."""
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            self.con.execute(
                f"insert into raw.{table} ({names}) values ({marks})", list(row.values())
            )

    def plant(
        self,
        plant_id: str,
        first: date,
        last: date,
        *,
        zone: str = "UTC",
        shifts: Sequence[tuple[str, int, int]] = (),
    ) -> None:
        """A plant whose production day starts at 06:00; shifts are (code, from hour, to hour)."""
        self.insert(
            "plants",
            [
                {
                    "plant_id": plant_id,
                    "plant_name": plant_id.title(),
                    "time_zone": zone,
                    "currency": "EUR",
                    "has_shift_pattern": bool(shifts),
                    "minor_stop_limit_s": 300,
                    "preventive_tolerance_days": 3,
                    "run_booking": "end",
                }
            ],
        )
        day = first - timedelta(days=3)
        while day <= last + timedelta(days=3):
            tomorrow = day + timedelta(days=1)
            self.insert(
                "plant_days",
                [
                    {
                        "plant_id": plant_id,
                        "plant_date": day,
                        "production_start_at": utc(zone, day, time(6)),
                        "production_end_at": utc(zone, tomorrow, time(6)),
                        "calendar_start_at": utc(zone, day, time(0)),
                        "calendar_end_at": utc(zone, tomorrow, time(0)),
                    }
                ],
            )
            self.insert(
                "plant_shifts",
                [
                    {
                        "plant_id": plant_id,
                        "shift_id": f"{day:%Y%m%d}-{code}",
                        "shift_code": code,
                        "production_date": day,
                        "start_at": utc(zone, day, time(start)),
                        "end_at": utc(zone, day if end > start else tomorrow, time(end)),
                    }
                    for code, start, end in shifts
                ],
            )
            day = tomorrow

    def deliver(
        self,
        plant_id: str,
        extracted_at: datetime,
        feeds: Mapping[str, Sequence[Row]],
        *,
        source: str = "mes",
        system: str = "mes",
        watermark_at: datetime | None = None,
        backwards: bool = False,
    ) -> None:
        """One delivery with rows of any feeds; backwards writes its rows in the opposite order."""
        delivery_id = f"{plant_id}/{source}/{extracted_at:%Y%m%d%H%M}"
        row_qty = sum(len(rows) for rows in feeds.values())
        self.insert(
            "deliveries",
            [
                {
                    "delivery_id": delivery_id,
                    "content_hash": delivery_id,
                    "plant_id": plant_id,
                    "source": source,
                    "system": system,
                    "table_name": "export",
                    "file_path": f"{delivery_id}.csv",
                    "file_bytes": 1,
                    "status": "accepted",
                    "delivered_rows": row_qty,
                    "accepted_rows": row_qty,
                    "quarantined_rows": 0,
                    "duplicate_rows": 0,
                    "extracted_at": extracted_at,
                    "watermark_at": watermark_at or extracted_at,
                    "contract_version": "1",
                    "loaded_at": extracted_at,
                }
            ],
        )
        for feed, rows in feeds.items():
            self.insert(
                "feed_deliveries",
                [{"delivery_id": delivery_id, "feed": feed, "feed_rows": len(rows)}],
            )
            numbered = [
                {
                    "plant_id": plant_id,
                    "source": source,
                    "delivery_id": delivery_id,
                    "line_no": line_no,
                    **ROW_DEFAULTS,
                    **FEED_DEFAULTS.get(feed, {}),
                    **row,
                }
                for line_no, row in enumerate(rows, start=2)
            ]
            self.insert(feed, numbered[::-1] if backwards else numbered)


@contextmanager
def empty_warehouse(folder: Path) -> Iterator[Warehouse]:
    """A new warehouse file in the folder with every raw table, empty."""
    con = duckdb.connect(str(folder / WAREHOUSE))
    try:
        create_raw_tables(con)
        yield Warehouse(con)
    finally:
        con.close()


@contextmanager
def dbt_environment(warehouse: Path, work: Path) -> Iterator[None]:
    """Where dbt finds the warehouse and puts its own files, for as long as it runs."""
    values = {
        "LEANKPI_WAREHOUSE": str(warehouse),
        "DBT_TARGET_PATH": str(work / "target"),
        "DBT_LOG_PATH": str(work / "logs"),
        # The file stays open from node to node; run_dbt lets go of it at the end.
        "LEANKPI_KEEP_OPEN": "true",
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@cache
def parsed_project() -> Any:
    """The project's manifest: parsing takes longer than most builds, so it is done once."""
    from dbt.cli.main import dbtRunner

    with TemporaryDirectory() as folder, dbt_environment(Path(folder) / WAREHOUSE, Path(folder)):
        outcome = dbtRunner().invoke(["parse", *project_arguments(PROJECT)])
    if outcome.exception is not None:
        raise RuntimeError("dbt parse") from outcome.exception
    return outcome.result


def project_arguments(project: Path) -> list[str]:
    """Which project, with the profile that users have."""
    return ["--project-dir", str(project), "--profiles-dir", str(PROJECT), "--quiet"]


def run_dbt(folder: Path, *arguments: str, project: Path = PROJECT) -> dict[str, str]:
    """Run dbt in this process over the folder's warehouse; the status of every node by its name.

    Raises where dbt could not run at all. A node that failed is for the caller to judge.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    manifest = parsed_project() if project == PROJECT else None
    with dbt_environment(folder / WAREHOUSE, folder):
        try:
            outcome = dbtRunner(manifest=manifest).invoke([*arguments, *project_arguments(project)])
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if outcome.exception is not None:
        raise RuntimeError(f"dbt {' '.join(arguments)}") from outcome.exception
    return {
        node.node.name: str(node.status)
        for node in (getattr(outcome.result, "results", None) or [])
        if node.node.resource_type != "operation"
    }
