"""The models' own unit tests, and a warehouse without a single row."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
from warehouse import WAREHOUSE, empty_warehouse, run_dbt


def test_unit_tests_of_the_models_pass(built_warehouse: Path, tmp_path: Path) -> None:
    # A copy, since other tests hold the file open to read.
    shutil.copy(built_warehouse, tmp_path / WAREHOUSE)
    statuses = run_dbt(tmp_path, "test", "--select", "test_type:unit")
    assert len(statuses) >= 25
    assert set(statuses.values()) == {"pass"}, {
        name: status for name, status in statuses.items() if status != "pass"
    }


def test_models_build_over_no_data_at_all(tmp_path: Path) -> None:
    with empty_warehouse(tmp_path):
        pass
    statuses = run_dbt(tmp_path, "build", "--exclude-resource-type", "unit_test")
    assert not {name for name, status in statuses.items() if status in ("error", "fail", "warn")}
    with duckdb.connect(str(tmp_path / WAREHOUSE), read_only=True) as con:
        assert con.execute("select count(*) from marts.kpi_values").fetchone() == (0,)
