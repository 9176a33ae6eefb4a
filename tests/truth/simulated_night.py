"""One night over a simulated plant: its exports loaded, its marts built, its truth beside them."""

from __future__ import annotations

import fcntl
import pickle
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle_kpis import Catalogue, Entry
from plant_truth import PlantTruth, read_truth

from ingestion.load import IngestReport, ingest
from ingestion.settings import Settings
from ingestion.simulator import simulate

ENCODINGS = {"mapex": "cp1252", "sap_mm": "cp1252", "sap_pp": "cp1252", "sap_pm": "utf-16"}
PROJECT = str(Path(__file__).parents[2] / "dbt_project")
DBT_OPTIONS = ("--project-dir", PROJECT, "--profiles-dir", PROJECT, "--quiet")


@dataclass
class Night:
    """What one night over a simulated plant left behind, and what really happened there."""

    truth: PlantTruth
    settings: Settings
    report: IngestReport

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The warehouse, to read from."""
        return duckdb.connect(str(self.settings.warehouse_file), read_only=True)


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
    has_dbt_tests: bool = False,
    in_disorder: bool = False,
) -> Night:
    """Simulate a plant, load its exports (in one night, or in two that both have gaps) and build
    its marts.

    Where several test processes share the folder, the first does the work for all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings, outcome = Settings(folder), folder / "report.pickle"
    with (folder / "building.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outcome.exists():
            simulate(folder, days, machines, seed, start)
            if in_disorder:
                load_every_second_file(settings)
            report = ingest(settings)
            build_marts(settings, with_tests=has_dbt_tests)
            outcome.write_bytes(pickle.dumps(report))
    (truth_dir,) = settings.truth_dir.iterdir()
    return Night(read_truth(truth_dir), settings, pickle.loads(outcome.read_bytes()))


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
