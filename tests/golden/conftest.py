"""Every golden vector through the pipeline, once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from vectors import VECTORS

from ingestion.load import IngestReport, ingest
from ingestion.settings import Settings

PROJECT = Path(__file__).parents[2] / "dbt_project"


@pytest.fixture(scope="session")
def golden_load(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, IngestReport]:
    """The warehouse with every vector's files ingested."""
    settings = Settings(tmp_path_factory.mktemp("golden") / "data")
    settings.landing_dir.mkdir(parents=True)
    settings.plants_file.write_text("".join(vector.toml for vector in VECTORS), encoding="utf-8")
    for vector in VECTORS:
        vector.write(settings.landing_dir)
    return settings, ingest(settings)


@pytest.fixture(scope="session")
def golden(
    golden_load: tuple[Settings, IngestReport], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built marts; every data test of dbt has passed then."""
    settings, _ = golden_load
    folder = tmp_path_factory.mktemp("golden_dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEANKPI_WAREHOUSE", str(settings.warehouse_file))
        patch.setenv("DBT_TARGET_PATH", str(folder / "target"))
        arguments = ["--quiet", "--log-path", str(folder / "logs"), "build"]
        arguments += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        arguments += ["--exclude-resource-type", "unit_test"]
        result = dbtRunner().invoke(arguments)
    assert result.success, result.exception or [
        (node.node.name, node.message)
        for node in result.result
        if node.status in ("error", "fail", "skipped")
    ]
    # To look at the marts afterwards: GOLDEN_KEEP=/somewhere/golden.duckdb
    if kept := os.environ.get("GOLDEN_KEEP"):
        Path(kept).write_bytes(settings.warehouse_file.read_bytes())
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        con.execute("set search_path = 'marts,core'")
        yield con
