"""One night over simulated plants: their exports loaded, their marts built, their truth beside
them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest
from once import once, shared_folder
from oracle_kpis import Catalogue, Entry
from plant_truth import PlantTruth, read_truth

from ingestion.load import IngestReport, ingest
from ingestion.settings import Settings
from ingestion.simulator import SITES, simulate

ENCODINGS = {
    "mapex": "cp1252",
    "sap_mm": "cp1252",
    "sap_pp": "cp1252",
    "sap_pm": "utf-16",
    "typed_csv": "utf-8",
}
PROJECT = str(Path(__file__).parents[2] / "dbt_project")
DBT_OPTIONS = ("--project-dir", PROJECT, "--profiles-dir", PROJECT, "--quiet")


@dataclass
class Night:
    """What one night left behind of one simulated plant, and what really happened there."""

    plant_id: str
    settings: Settings
    report: IngestReport

    @cached_property
    def truth(self) -> PlantTruth:
        """The plant's own ledger."""
        return read_truth(self.settings.truth_dir / self.plant_id)

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The warehouse, to read from: of each table, the rows that belong to the plant."""
        con = duckdb.connect()
        con.execute(f"attach '{self.settings.warehouse_file}' as warehouse (read_only)")
        tables = con.execute(
            "select schema_name, table_name, list_contains(list(column_name), 'plant_id') "
            "from duckdb_columns() where database_name = 'warehouse' group by all"
        ).fetchall()
        for schema, table, has_plant in tables:
            own = f"where plant_id = '{self.plant_id}'" if has_plant else ""
            con.execute(f"create schema if not exists {schema}")
            con.execute(
                f"create view {schema}.{table} as select * from warehouse.{schema}.{table} {own}"
            )
        return con

    def forget(self) -> None:
        """Close the warehouse, and keep nothing of the ledger in memory."""
        self.con.close()
        for kept in ("con", "truth"):
            self.__dict__.pop(kept, None)


def lines_of(landing: Path, file: str) -> list[str]:
    """The lines of a delivered file, read without any of the product's code."""
    content = (landing / file).read_bytes().decode(ENCODINGS[file.split("/")[1]])
    return content.removesuffix("\r\n").split("\r\n")


@cache
def parsed_project() -> Any:
    """The dbt project, parsed once; every season builds the same."""
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(["parse", *DBT_OPTIONS])
    assert outcome.success, f"dbt parse failed: {outcome.exception}"
    return outcome.result


def build_marts(settings: Settings, *, with_tests: bool) -> None:
    """Run dbt over the raw tables as the nightly job does, with its data tests or without."""
    from dbt.cli.main import dbtRunner

    settings.dbt_dir.mkdir(parents=True, exist_ok=True)
    left_out = ["unit_test"] if with_tests else ["unit_test", "test"]
    excluded = [word for kind in left_out for word in ("--exclude-resource-type", kind)]
    with pytest.MonkeyPatch.context() as env:
        env.setenv("LEANKPI_WAREHOUSE", str(settings.warehouse_file))
        env.setenv("DBT_TARGET_PATH", str(settings.dbt_dir / "target"))
        env.setenv("DBT_LOG_PATH", str(settings.dbt_dir / "logs"))
        runner = dbtRunner(manifest=parsed_project())
        outcome = runner.invoke(["build", *DBT_OPTIONS, *excluded])
    failed = [
        f"{node.node.unique_id}: {node.status} {node.message}"
        for node in (getattr(outcome.result, "results", None) or [])
        if node.status in ("error", "fail", "runtime error")
    ]
    assert outcome.success, "\n".join([f"dbt build failed: {outcome.exception}", *failed])


def one_night(
    folder: Path,
    start: date | None,
    days: int,
    machines: int,
    seed: int,
    *,
    plants: int = 1,
    has_dbt_tests: bool = False,
    in_disorder: bool = False,
) -> dict[str, Night]:
    """Simulate plants of so many machines each, load their exports (in one night, or in two that
    both have gaps) and build their marts in one warehouse. Gives the plants by their ids.

    Where several test processes share the folder, the first does the work for all.
    """
    settings = Settings(folder)

    def load_and_build() -> IngestReport:
        for number, site in enumerate(SITES[:plants]):
            simulate(folder, days, machines, seed + number, start, site=site)
        if in_disorder:
            load_every_second_file(settings)
        report = ingest(settings)
        build_marts(settings, with_tests=has_dbt_tests)
        return report

    report = once(folder, load_and_build)
    return {site.plant_id: Night(site.plant_id, settings, report) for site in SITES[:plants]}


def load_every_second_file(settings: Settings) -> None:
    """A first night in which half of the files, old and new, has not arrived yet."""
    landing, late = settings.landing_dir, settings.data_dir / "late"
    files = sorted(path for path in landing.rglob("*") if path.is_file())
    places = {path: late / f"{n}" for n, path in enumerate(files) if n % 2 == 0}
    late.mkdir()
    for path, place in places.items():
        path.rename(place)
    ingest(settings)
    for path, place in places.items():
        place.rename(path)


def read_catalogue(night: Night) -> Catalogue:
    """The catalogue as published: where each KPI is reported, and its coverage floor."""
    rows = night.con.execute(
        "select kpi_id, coverage_floor_ratio, scope_types, period_types from marts.kpi_definitions"
    ).fetchall()
    return {
        kpi: Entry(
            Fraction(str(floor)), frozenset(scopes.split("|")), frozenset(periods.split("|"))
        )
        for kpi, floor, scopes, periods in rows
    }


def season_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """Where a season is built; $TRUTH_KEEP keeps it for the next run, which then builds nothing."""
    kept = os.environ.get("TRUTH_KEEP")
    return Path(kept) / name if kept else shared_folder(factory, name)


def night_of_a_season(factory: pytest.TempPathFactory) -> Night:
    """Thirty days with the night in which the clocks go forward, faults in the exports."""
    folder = season_folder(factory, "truth-spring")
    return one_night(folder, None, days=30, machines=6, seed=63)["vlc"]


def nights_of_three_plants(factory: pytest.TempPathFactory) -> dict[str, Night]:
    """Eleven days of three plants whose clocks change; the files arrive in disorder."""
    return one_night(
        season_folder(factory, "truth-three-plants"),
        date(2026, 3, 27),
        days=11,
        machines=3,
        seed=20260336,
        plants=3,
        has_dbt_tests=True,
        in_disorder=True,
    )
