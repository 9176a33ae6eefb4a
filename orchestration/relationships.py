"""Which published table joins which on what: read from the models, published as a table.

Keys say it: a column that is the key of one table is a reference in every other. Dates and plants
join by what they are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import duckdb

DESCRIPTION = "One row per column by which a published table joins another."
COLUMNS = {
    "from_table": "The table whose rows refer.",
    "from_column": "The column that refers; null in it joins nothing.",
    "to_table": "The table referred to.",
    "to_column": "Its column, unique there.",
    "cardinality": "many_to_one, or one_to_one where the referring column is a key as well.",
}
#: Columns that name a day or the first day of a period, to be found in dim_date.
DATES = (
    *("production_date", "stock_date", "period_start_date", "week_start_date", "month_start_date"),
    *("reported_date", "finished_date", "released_date", "completed_date", "balanced_date"),
    *("order_completed_date", "posting_date", "wip_date", "as_of_date", "event_date"),
)
DATE = ("dim_date", "calendar_date")
PLANT = ("dim_plant", "plant_id")
KPI = ("kpi_definitions", "kpi_id")
#: Columns that refer whatever else their table is keyed by.
BY_NAME = {**dict.fromkeys(DATES, DATE), "plant_id": PLANT, "kpi_id": KPI}


@dataclass(frozen=True, order=True)
class Relationship:
    """A reference; the names are those of `COLUMNS`."""

    from_table: str
    from_column: str
    to_table: str
    to_column: str
    cardinality: str


def relationships(tables: Mapping[str, Mapping[str, Any]]) -> list[Relationship]:
    """The references between published tables, given their nodes of the manifest by name.

    The first column of a table is its key, as tests of the project hold.
    """
    keys = {table: next(iter(node["columns"])) for table, node in tables.items() if node["columns"]}
    homes = {key: (table, key) for table, key in keys.items() if _is_home(table, key)}
    return sorted(
        Relationship(table, column, *to, "one_to_one" if column == keys[table] else "many_to_one")
        for table in keys
        for column, to in _references(tables[table]["columns"], homes)
        if to[0] != table and to[0] in tables
    )


def _is_home(table: str, key: str) -> bool:
    """Whether a key is a table's own: machine_key is that of dim_machine."""
    named = key.removesuffix("_key").removesuffix("_id")
    return table == named or table.partition("_")[2] == named


def _references(
    columns: Mapping[str, Any], homes: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, tuple[str, str]]]:
    for column in columns:
        # A plant's key, where a table has one, says it already.
        if column in BY_NAME and not (column == "plant_id" and "plant_key" in columns):
            yield column, BY_NAME[column]
        elif column in homes:
            yield column, homes[column]


def write_relationships(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, Any]]
) -> None:
    """Create table `relationships` in the connection's default database."""
    con.execute(f"create table relationships ({', '.join(f'{name} varchar' for name in COLUMNS)})")
    rows = [astuple(one) for one in relationships(tables)]
    if rows:
        each = ", ".join("unnest(?)" for _ in COLUMNS)
        con.execute(f"insert into relationships select {each}", list(zip(*rows, strict=True)))
