"""Every join of the published map finds its row, in a warehouse with every scenario."""

from __future__ import annotations

from datetime import timedelta

import duckdb
from test_project_rules import is_published
from warehouse import parsed_project

from orchestration.publish import published_tables
from orchestration.relationships import relationships
from tests.star_page import DRAWING, PAGE, drawing, nodes, page, stars

#: A target may name a KPI that does not exist: it judges nothing and says so.
MAY_MISS = {("mart_kpi_targets", "kpi_id")}
#: Types that every BI tool knows.
PLAIN_TYPES = ("VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP", "BIGINT", "INTEGER", "DOUBLE", "DECIMAL")


def test_every_join_of_the_map_finds_exactly_one_row(built: duckdb.DuckDBPyConnection) -> None:
    tables = published_tables(parsed_project().writable_manifest().to_dict(omit_none=False))
    schemas = {name: node["schema"] for name, node in tables.items()}
    found = relationships(tables)
    assert {"dim_plant", "dim_date", "dim_shift", "dim_machine", "dim_item", "dim_order"} <= {
        one.to_table for one in found
    }
    wrong = []
    for one in found:
        source = f"{schemas[one.from_table]}.{one.from_table}"
        target = f"{schemas[one.to_table]}.{one.to_table}"
        missing, repeated = built.execute(
            f"""
            select
                (
                    select count(*) from {source} as referring
                    where
                        {one.from_column} is not null
                        and {one.from_column} not in (select {one.to_column} from {target})
                ),
                (select count(*) - count(distinct {one.to_column}) from {target})
            """
        ).fetchall()[0]
        is_allowed = (one.from_table, one.from_column) in MAY_MISS
        if repeated or (missing and not is_allowed):
            wrong.append((one, missing, repeated))
    assert not wrong


def test_a_reference_of_every_fact_is_on_the_map() -> None:
    manifest = parsed_project().writable_manifest().to_dict(omit_none=False)
    tables = published_tables(manifest)
    assert {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and is_published(node)
    } <= set(tables)
    mapped = {(one.from_table, one.from_column) for one in relationships(tables)}
    keys = {
        (table, column)
        for table, node in tables.items()
        for column in list(node["columns"])[1:]
        if column.endswith("_key")
    }
    # The series of a chart is no table.
    assert keys - mapped == {("mart_kpi_signals", "series_key")}


def test_published_columns_have_types_that_every_tool_knows(
    built: duckdb.DuckDBPyConnection,
) -> None:
    rows = built.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('core', 'marts')"
    ).fetchall()
    assert len(rows) > 700
    assert [row for row in rows if row[2].partition("(")[0] not in PLAIN_TYPES] == []


def test_dates_are_whole_years_without_a_hole(built: duckdb.DuckDBPyConnection) -> None:
    first, last, date_qty, first_delivered, last_delivered = built.execute(
        "select min(calendar_date), max(calendar_date), count(*), (select min(plant_date) from "
        "raw.plant_days), (select max(plant_date) from raw.plant_days) "
        "from core.dim_date"
    ).fetchall()[0]
    assert (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    assert date_qty == (last - first).days + 1
    assert first <= first_delivered - timedelta(days=first_delivered.weekday())
    assert last_delivered <= last


def test_the_page_of_the_stars_is_up_to_date() -> None:
    """If it is not: make docs."""
    found = stars()
    assert PAGE.read_text(encoding="utf-8") == page(found, nodes())
    assert DRAWING.read_text(encoding="utf-8") == drawing(found)
