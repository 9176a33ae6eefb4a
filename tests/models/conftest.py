"""One warehouse with every scenario as a plant of its own, built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from scenarios import fill
from warehouse import WAREHOUSE, empty_warehouse, run_dbt


@pytest.fixture(scope="session")
def built_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse file after every model and data test ran."""
    folder = tmp_path_factory.mktemp("scenarios")
    with empty_warehouse(folder) as warehouse:
        fill(warehouse)
    statuses = run_dbt(folder, "build", "--exclude-resource-type", "unit_test")
    broken = {name: status for name, status in statuses.items() if status in ("error", "fail")}
    assert not broken, broken
    assert len(statuses) > 100, "dbt built too little to have built the project"
    return folder / WAREHOUSE


@pytest.fixture(scope="session")
def built(built_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same warehouse to query."""
    con = duckdb.connect(str(built_warehouse), read_only=True)
    yield con
    con.close()
