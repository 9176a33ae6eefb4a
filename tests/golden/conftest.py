"""Every golden vector through the pipeline, once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from golden_plants import golden_night
from pipeline import reading

from ingestion.load import IngestReport
from ingestion.settings import Settings


@pytest.fixture(scope="session")
def golden_load(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, IngestReport]:
    """The warehouse of every golden plant, and what its ingestion reported."""
    return golden_night(tmp_path_factory)


@pytest.fixture(scope="session")
def golden(golden_load: tuple[Settings, IngestReport]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built marts of every golden plant."""
    with reading(golden_load[0]) as con:
        yield con
