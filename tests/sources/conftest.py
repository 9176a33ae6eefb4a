"""The samples of all sources in one warehouse, loaded once and built once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from pipeline import build, reading
from samples import lay_out

from ingestion.load import ingest
from ingestion.settings import Settings


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The data directory with every sample ingested."""
    settings = Settings(tmp_path_factory.mktemp("samples") / "data")
    lay_out(settings)
    ingest(settings)
    return settings


@pytest.fixture
def raw(loaded: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The raw schema of the samples."""
    with duckdb.connect(str(loaded.warehouse_file), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def marts(
    loaded: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of the samples; every data test of dbt has passed then."""
    build(loaded, tmp_path_factory.mktemp("samples_dbt"))
    with reading(loaded) as con:
        yield con
