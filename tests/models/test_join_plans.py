"""No outer join of a model compares every row of one relation with every row of the other."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

#: What the engine falls back to where an outer join has a condition that is no comparison.
EVERY_WITH_EVERY = "BLOCKWISE_NL_JOIN"
BY_OR = """
select a.plant_id from core.fct_scrap as a left join core.fct_scrap as b
on a.plant_id = b.plant_id and (b.order_key is null or b.produced_at > a.produced_at)
"""


def plan(con: duckdb.DuckDBPyConnection, query: str) -> str:
    return str(con.execute(f"explain {query}").fetchall()[0][1])


@pytest.fixture(scope="module")
def compiled(built_warehouse: Path) -> dict[str, str]:
    """Every model as the engine got it."""
    folder = built_warehouse.parent / "target" / "compiled" / "leankpi" / "models"
    found = {path.stem: path.read_text(encoding="utf-8") for path in folder.rglob("*.sql")}
    assert len(found) > 100
    return found


def test_an_outer_join_by_or_compares_all(built: duckdb.DuckDBPyConnection) -> None:
    assert EVERY_WITH_EVERY in plan(built, BY_OR)


def test_joins_are_by_keys(built: duckdb.DuckDBPyConnection, compiled: dict[str, str]) -> None:
    dear = [name for name, query in compiled.items() if EVERY_WITH_EVERY in plan(built, query)]
    assert not dear, f"an `or` or a `case` over both sides stands in an outer join of {dear}"
