"""A tiny plant with a Mapex folder, to lay files into and look at what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from ingestion.dialects import Dialect
from ingestion.load import FileOutcome, IngestReport, ingest
from ingestion.readers import read_table
from ingestion.readers.records import faults_frame
from ingestion.settings import Settings
from ingestion.source import Source, Table

PLANTS = """
[plants.vlc]
name = "Valencia"
time_zone = "Europe/Madrid"
currency = "EUR"
day_start = "06:00"
[[plants.vlc.shifts]]
code = "M"
start = "06:00"
end = "14:00"
[[plants.vlc.shifts]]
code = "T"
start = "14:00"
end = "22:00"
[[plants.vlc.shifts]]
code = "N"
start = "22:00"
end = "06:00"
[[plants.vlc.sources]]
source = "mapex"
folder = "mapex"
[[plants.vlc.sources]]
source = "sap_mm"
folder = "sap_mm"
[[plants.vlc.sources]]
source = "sap_pm"
folder = "sap_pm"
[plants.vlc.code_maps.equipment]
"10000401" = "L1-M1"
"""

RUN_COLUMNS = (
    "Id_his_prod",
    "Id_maquina",
    "Activo",
    "Id_his_fase",
    "Id_actividad",
    "Fecha_ini",
    "Fecha_fin",
    "Unidades_ok",
    "Unidades_nok",
    "Unidades_repro",
    "SegCicloNominal",
    "Observaciones",
)
RUN = {
    "Id_his_prod": "1",
    "Id_maquina": "3",
    "Activo": "1",
    "Id_his_fase": "7",
    "Id_actividad": "2",
    "Fecha_ini": "10/03/2026 06:00:00",
    "Fecha_fin": "10/03/2026 07:00:00",
    "Unidades_ok": "100",
    "Unidades_nok": "2",
    "Unidades_repro": "1",
    "SegCicloNominal": "12,5",
    "Observaciones": "",
}


def run_line(**changes: str) -> str:
    """One his_prod line that is right but for the changes."""
    return ";".join((RUN | changes)[name] for name in RUN_COLUMNS)


def runs_file(*lines: str, header: str | None = None, end: str = "\r\n") -> bytes:
    """A his_prod export as Mapex writes it."""
    return ("\r\n".join([header or ";".join(RUN_COLUMNS), *lines]) + end).encode("cp1252")


@dataclass
class Landing:
    """The data directory of a test."""

    settings: Settings

    def put(self, relative: str, content: bytes) -> Path:
        path = self.settings.landing_dir / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def ingest(self) -> IngestReport:
        return ingest(self.settings)

    def one(self, relative: str, content: bytes) -> FileOutcome:
        """Deliver one file, ingest, and give what became of it."""
        self.put(relative, content)
        (outcome,) = [o for o in self.ingest().files if o.path == relative]
        return outcome

    def ingest_one(self, relative: str, content: bytes) -> list[FileOutcome]:
        """Deliver one file, ingest, and give what became of it, or of each member of it."""
        self.put(relative, content)
        return [o for o in self.ingest().files if o.path.partition("!")[0] == relative]

    def rows(self, query: str) -> list[dict[str, Any]]:
        con = duckdb.connect(str(self.settings.warehouse_file))
        try:
            cursor = con.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            con.close()


def new_landing(folder: Path, plants: str = PLANTS) -> Landing:
    settings = Settings(folder)
    settings.landing_dir.mkdir(parents=True)
    settings.plants_file.write_text(plants, encoding="utf-8")
    return Landing(settings)


def exported(path: Path, content: bytes, table: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write a file and read it as one table: its records without raw_line, and its faults."""
    path.write_bytes(content)
    chunks = list(read_table(path, table))
    faults = pl.concat([faults_frame(), *[chunk.faults for chunk in chunks]], how="diagonal")
    rows = pl.concat([chunk.rows for chunk in chunks]) if chunks else pl.DataFrame()
    return rows.drop("raw_line", strict=False), faults


def of(dialect: Dialect, *columns: str) -> Table:
    """A table of no feed, for what is only about reading."""
    return Table(name="t", pattern="*", dialect=dialect, columns=columns, feeds=())


def declare(monkeypatch: pytest.MonkeyPatch, source: Source) -> None:
    """Let this source stand for the module of its name."""
    monkeypatch.setattr("ingestion.load.load_source", lambda name: replace(source, name=name))
