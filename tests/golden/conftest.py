"""Every golden vector through the pipeline, once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from pipeline import build, load
from vectors import VECTORS

from ingestion.load import IngestReport
from ingestion.settings import Settings


@pytest.fixture(scope="session")
def golden_load(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, IngestReport]:
    """The warehouse with every vector's files ingested."""
    return load(VECTORS, tmp_path_factory.mktemp("golden") / "data")


@pytest.fixture(scope="session")
def golden(
    golden_load: tuple[Settings, IngestReport], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built marts of every vector."""
    with build(golden_load[0], tmp_path_factory.mktemp("golden_dbt")) as con:
        yield con
