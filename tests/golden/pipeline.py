"""The pipeline over typed exports of plants: landing, ingestion, every model and data test."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from vector import Vector

from ingestion.load import IngestReport, ingest
from ingestion.settings import Settings

PROJECT = Path(__file__).parents[2] / "dbt_project"


def load(vectors: Sequence[Vector], data_dir: Path) -> tuple[Settings, IngestReport]:
    """A warehouse with every plant's files ingested, and the report of the ingestion."""
    settings = Settings(data_dir)
    settings.landing_dir.mkdir(parents=True)
    settings.plants_file.write_text("".join(vector.toml for vector in vectors), encoding="utf-8")
    for vector in vectors:
        vector.write(settings.landing_dir)
    return settings, ingest(settings)


def build(
    settings: Settings, folder: Path, *, with_tests: bool = True, only_changed: bool = False
) -> None:
    """Build the marts; every data test of dbt has passed then, unless there are to be none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEANKPI_WAREHOUSE", str(settings.warehouse_file))
        patch.setenv("DBT_TARGET_PATH", str(folder / "target"))
        arguments = ["--quiet", "--log-path", str(folder / "logs"), "build"]
        arguments += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        arguments += ["--exclude-resource-type", "unit_test"]
        if only_changed:
            arguments += ["--vars", "{only_changed: true}"]
        if not with_tests:
            arguments += ["--exclude-resource-type", "test"]
        result = dbtRunner().invoke(arguments)
    assert result.success, result.exception or [
        (node.node.name, node.message)
        for node in result.result
        if node.status in ("error", "fail", "skipped")
    ]
    # To look at the marts afterwards: GOLDEN_KEEP=/somewhere/golden.duckdb
    if kept := os.environ.get("GOLDEN_KEEP"):
        Path(kept).write_bytes(settings.warehouse_file.read_bytes())


@contextmanager
def reading(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built marts, to read from."""
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        con.execute("set search_path = 'marts,core'")
        yield con


@contextmanager
def built_plants(vectors: Sequence[Vector], folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both at once: the marts of these plants."""
    settings, report = load(vectors, folder / "data")
    refused = [
        (file.path, file.message)
        for file in report.files
        if file.status not in ("accepted", "empty")
    ]
    assert refused == []
    build(settings, folder)
    with reading(settings) as con:
        yield con
