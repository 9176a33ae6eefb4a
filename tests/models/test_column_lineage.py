"""Every published column and every KPI leads back to what was delivered."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from warehouse import PROJECT

from ingestion.feeds import FEEDS
from orchestration.lineage import Lineage, compiled_models, delivered_tables, seed_tables
from tests.feed_reference import INPUTS, PAGE, inputs_csv, kpi_inputs, page


@pytest.fixture(scope="module")
def lineage(built_warehouse: Path) -> Lineage:
    models = compiled_models(built_warehouse.parent / "target")
    return Lineage(models, delivered_tables() | seed_tables())


def test_every_kpi_comes_from_delivered_columns(lineage: Lineage) -> None:
    with (PROJECT / "seeds" / "kpi_definitions.csv").open(encoding="utf-8") as file:
        kpis = [row["kpi_id"] for row in csv.DictReader(file)]
    lost = [kpi for kpi in kpis if not {t for t, _ in lineage.origins("kpi", kpi)} & set(FEEDS)]
    assert not lost


def test_a_kpi_comes_from_what_it_is_made_of(lineage: Lineage) -> None:
    oee = lineage.origins("kpi", "oee")
    assert {("production_counts", "good_qty"), ("machine_states", "end_at")} <= oee
    scrap = lineage.origins("kpi", "scrap_ratio")
    assert ("production_counts", "scrap_qty") in scrap
    # Output may be spread over the time its run ran, which states tell; what was in stock does not.
    assert not {column for table, column in scrap if table in ("stock_movements", "item_costs")}
    assert lineage.parents("mart_oee_daily", "oee_ratio") == {("kpi", "oee")}


def test_models_have_the_columns_that_the_warehouse_has(
    lineage: Lineage, built: duckdb.DuckDBPyConnection
) -> None:
    rows = built.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where schema_name in ('core', 'marts') group by table_name"
    ).fetchall()
    assert len(rows) > 40
    assert {name: list(lineage.columns(name)) for name, _ in rows} == dict(rows)


def test_the_reference_of_feeds_is_up_to_date(lineage: Lineage) -> None:
    """If it is not: make docs."""
    inputs = kpi_inputs(lineage)
    assert INPUTS.read_text(encoding="utf-8") == inputs_csv(inputs)
    assert PAGE.read_text(encoding="utf-8") == page(inputs)
    # It is read in terminals too.
    assert max(map(len, page(inputs).splitlines())) <= 100
