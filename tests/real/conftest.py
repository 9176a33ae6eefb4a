"""The real data sets, loaded once for every test of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from real_plants import Query, are_present, lay_out

from ingestion.load import IngestReport, ingest
from ingestion.settings import Settings


@pytest.fixture(scope="session")
def data_sets() -> None:
    """The data sets are not ours to copy: a clone without them beside it has none to test on."""
    if not are_present():
        pytest.skip("the real data sets are not beside the repository")


@pytest.fixture(scope="session")
def real_load(
    data_sets: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, IngestReport]:
    """All plants in one warehouse, and the report of the ingestion that loaded them."""
    settings = Settings(lay_out(tmp_path_factory.mktemp("real") / "data"))
    return settings, ingest(settings)


@pytest.fixture(scope="session")
def query(real_load: tuple[Settings, IngestReport]) -> Iterator[Query]:
    """Rows of a query on the loaded warehouse."""
    with duckdb.connect(str(real_load[0].warehouse_file), read_only=True) as con:
        yield lambda sql, *values: con.execute(sql, list(values)).fetchall()
