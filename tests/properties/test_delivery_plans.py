"""Whatever arrives in whichever night, the marts end as those of one clean full load."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from delivery_plan import NIGHTS, TOML, Export, Plan, Run, Step, plans
from drawing import drawn
from pipeline import build

from ingestion.load import ingest
from ingestion.settings import Settings

#: A correction moves a run from Monday to Wednesday, and another one that was cancelled is back.
MOVED = Plan(
    (
        Step(0, "typed/production_counts_20260307_000000.csv", Export(
            "typed", datetime(2026, 3, 7), (Run(0, 0, 8, 40), Run(1, 0, 9, 20, is_deleted=True)))),
        Step(2, "typed/production_counts_20260308_000000.csv", Export(
            "typed", datetime(2026, 3, 8), (Run(0, 2, 8, 44), Run(1, 0, 9, 25)))),
    )
)  # fmt: skip
#: What the staging views pick of the raw schema: the latest version of every run, if it is left.
WHAT_COUNTS = """
    with versions as (
        select counts.*, row_number() over (
            partition by counts.plant_id, counts.source, counts.run_id
            order by
                coalesce(counts.changed_at, deliveries.extracted_at) desc,
                deliveries.extracted_at desc, counts.delivery_id desc, counts.line_no desc
        ) as version_no
        from raw.production_counts as counts
        inner join raw.deliveries using (delivery_id)
        where deliveries.status <> 'superseded'
    )
    select plant_id, run_id, start_at, good_qty
    from versions
    where version_no = 1 and not is_deleted
"""
#: What tells of every file that ever came, those that were replaced since among them.
HISTORY = ("mart_delivery_log",)
#: By plant and run.
Counted = dict[tuple[str, str], tuple[datetime, int]]


def by_plant(quantity: int) -> dict[str, Plan]:
    """Random plans and a chosen one, by the plants that they are of."""
    found = [MOVED, *drawn(plans(), quantity)]
    return {f"p{number}" if number else "moved": plan for number, plan in enumerate(found)}


def prepared(folder: Path, found: dict[str, Plan]) -> Settings:
    """An empty data directory for these plants."""
    settings = Settings(folder / "data")
    settings.landing_dir.mkdir(parents=True)
    text = "".join(TOML.format(plant=plant) for plant in found)
    settings.plants_file.write_text(text, encoding="utf-8")
    return settings


def night_by_night(folder: Path, found: dict[str, Plan]) -> Settings:
    """Every night loads what arrived in it."""
    settings = prepared(folder, found)
    for night in range(NIGHTS):
        for plant, plan in found.items():
            plan.carry_out(night, settings.landing_dir / plant)
        refused = [file for file in ingest(settings).files if file.status in ("rejected", "left")]
        assert refused == []
    return settings


def all_at_once(folder: Path, found: dict[str, Plan]) -> Settings:
    """One night loads all that lies there in the end."""
    settings = prepared(folder, found)
    for plant, plan in found.items():
        for relative, export in plan.final().items():
            path = settings.landing_dir / plant / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(export.content())
    ingest(settings)
    return settings


# Nights against one clean load, through dbt, are short in tests/nights; random ones are long.
@pytest.fixture(
    scope="module",
    params=[pytest.param(quantity, marks=pytest.mark.full) for quantity in (12, 200)],
)
def found(request: pytest.FixtureRequest) -> dict[str, Plan]:
    """The plans."""
    return by_plant(request.param)


@pytest.fixture(scope="module")
def marts(
    found: dict[str, Plan], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both warehouses with their marts: `nights` and `whole`."""
    folder = tmp_path_factory.mktemp("plans")
    nights = night_by_night(folder / "nights", found)
    whole = all_at_once(folder / "whole", found)
    for settings in (nights, whole):
        build(settings, folder / settings.data_dir.parent.name, with_tests=False)
    with duckdb.connect() as con:
        con.execute(f"attach '{nights.warehouse_file}' as nights (read_only)")
        con.execute(f"attach '{whole.warehouse_file}' as whole (read_only)")
        yield con


def test_the_plans_do_what_they_say(
    found: dict[str, Plan], marts: duckdb.DuckDBPyConnection
) -> None:
    statuses = dict(
        marts.execute("select status, count(*) from nights.raw.deliveries group by 1").fetchall()
    )
    assert statuses["superseded"] > 3
    (kept,) = marts.execute("select count(*) from whole.raw.deliveries").fetchone() or (0,)
    assert sum(len(plan.final()) for plan in found.values()) > kept, "nothing came twice"
    versions = sum(len(export.runs) for plan in found.values() for export in plan.final().values())
    assert versions > 2 * sum(len(plan.truth()) for plan in found.values())


def truth_of(found: dict[str, Plan]) -> Counted:
    """Start and good quantity of every run that is left of the plans."""
    return {
        (plant, run): values
        for plant, plan in found.items()
        for run, values in plan.truth().items()
    }


def counted(con: duckdb.DuckDBPyConnection, query: str) -> Counted:
    """The same, told by a warehouse."""
    return {
        (plant, run): (start, int(good))
        for plant, run, start, good in con.execute(query).fetchall()
    }


@pytest.mark.parametrize("quantity", [20, pytest.param(400, marks=pytest.mark.full)])
def test_the_latest_version_counts_whatever_came_when(tmp_path: Path, quantity: int) -> None:
    found = by_plant(quantity)
    for load in (night_by_night, all_at_once):
        settings = load(tmp_path / load.__name__, found)
        with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
            assert counted(con, WHAT_COUNTS) == truth_of(found)


@pytest.mark.parametrize("warehouse", ["nights", "whole"])
def test_the_marts_are_of_the_latest_versions(
    found: dict[str, Plan], marts: duckdb.DuckDBPyConnection, warehouse: str
) -> None:
    runs = f"select plant_id, run_id, start_at, good_qty from {warehouse}.core.fct_production"
    assert counted(marts, runs) == truth_of(found)


def test_a_run_that_moves_to_another_day_restates_both(marts: duckdb.DuckDBPyConnection) -> None:
    days = marts.execute(
        "select period_start_date::varchar, numerator from nights.marts.kpi_values "
        "where plant_id = 'moved' and kpi_id = 'quality_ratio' and scope_type = 'plant' "
        "and period_type = 'day' and numerator is not null order by 1"
    ).fetchall()
    # 25 of the run that is back on Monday, and the 44 that were 40 on Monday before.
    assert [day for day, _ in days] == ["2026-03-02", "2026-03-04"]
    assert days[1][1] / days[0][1] == pytest.approx(44 / 25)


def test_every_mart_ends_as_that_of_a_full_load(marts: duckdb.DuckDBPyConnection) -> None:
    tables = marts.execute(
        "select schema_name, table_name, list(column_name order by column_index) "
        "from duckdb_columns() where database_name = 'nights' "
        "and schema_name in ('core', 'marts') group by all order by all"
    ).fetchall()
    assert len(tables) > 40
    different = {}
    for schema, table, columns in tables:
        if table in HISTORY:
            continue
        kept = ", ".join(f'"{column}"' for column in columns)
        sides = [f"select {kept} from {side}.{schema}.{table}" for side in ("nights", "whole")]
        for one, other in (sides, sides[::-1]):
            if rows := marts.execute(f"{one} except all {other} limit 3").fetchall():
                different[table] = rows
    assert different == {}
