"""Whatever arrives in whichever night, the marts end as those of one clean full load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from delivery_plan import NIGHTS, TOML, Export, Plan, Run, Step, plans
from drawing import drawn
from pipeline import build
from version_sql import WRONG, Wrong, staging_sql

import ingestion.load
from ingestion.columns import utc_now
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
RUNS = "select plant_id, run_id, start_at, good_qty from"
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


def night_by_night(folder: Path, found: dict[str, Plan], *, with_marts: bool = False) -> Settings:
    """Every night loads what arrived in it, and rebuilds what that changes."""
    settings = prepared(folder, found)
    for night in range(NIGHTS):
        for plant, plan in found.items():
            plan.carry_out(night, settings.landing_dir / plant)
        refused = [file for file in ingest(settings).files if file.status in ("rejected", "left")]
        assert refused == []
        if with_marts:
            build(settings, folder / "dbt", with_tests=False, only_changed=night > 0)
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
    nights = night_by_night(folder / "nights", found, with_marts=True)
    whole = all_at_once(folder / "whole", found)
    build(whole, folder / "whole" / "dbt", with_tests=False)
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


@dataclass(frozen=True)
class Loaded:
    """Plans and what was loaded of them, night by night and all at once."""

    found: dict[str, Plan]
    warehouses: list[Path]

    def counted(self, wrong: Wrong | None = None) -> list[Counted]:
        """The runs that the project's own SQL picks of each warehouse's raw rows."""
        told = []
        for warehouse in self.warehouses:
            with duckdb.connect() as con:
                con.execute(f"attach '{warehouse}' as loaded (read_only)")
                for view in ("stg_deliveries", "stg_production_counts"):
                    con.execute(f"create view {view} as {staging_sql(view, wrong)}")
                told.append(counted(con, f"{RUNS} stg_production_counts"))
        return told


@pytest.fixture(scope="module", params=[20, pytest.param(400, marks=pytest.mark.full)])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Plans that were loaded, without marts."""
    found = by_plant(request.param)
    folder = tmp_path_factory.mktemp("loaded")
    return Loaded(
        found,
        [
            load(folder / load.__name__, found).warehouse_file
            for load in (night_by_night, all_at_once)
        ],
    )


def test_the_latest_version_counts_whatever_came_when(loaded: Loaded) -> None:
    truth = truth_of(loaded.found)
    assert loaded.counted() == [truth, truth]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_pick_of_versions_is_found(loaded: Loaded, wrong: Wrong) -> None:
    truth = truth_of(loaded.found)
    assert any(told != truth for told in loaded.counted(wrong))


def nothing_is_replaced(*_: object) -> None:
    """Stands in for what sets a file's former content aside."""


def drawn_when_it_came(*_: object) -> tuple[datetime, bool]:
    """Stands in for when a file was drawn, as its name says."""
    return utc_now(), False


@pytest.mark.parametrize(
    ("step", "wrong"),
    [("_forget_earlier", nothing_is_replaced), ("_extracted_at", drawn_when_it_came)],
)
def test_what_is_loaded_wrongly_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str, wrong: Callable[..., Any]
) -> None:
    found = by_plant(3)
    monkeypatch.setattr(ingestion.load, step, wrong)
    told = Loaded(found, [night_by_night(tmp_path, found).warehouse_file]).counted()
    assert told != [truth_of(found)]


@pytest.mark.parametrize("warehouse", ["nights", "whole"])
def test_the_marts_are_of_the_latest_versions(
    found: dict[str, Plan], marts: duckdb.DuckDBPyConnection, warehouse: str
) -> None:
    assert counted(marts, f"{RUNS} {warehouse}.core.fct_production") == truth_of(found)


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
        "from duckdb_columns() inner join duckdb_tables() "
        "using (database_name, schema_name, table_name) where database_name = 'nights' "
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
