"""Nights that rebuild only what changed leave what one full load leaves: row by row, both ways."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from delivered_nights import DAYS, NIGHTS, deliver, plants_toml
from seeded_faults import FAULTS, MORE_FAULTS, STAGES, Fault, made_anew

from ingestion.load import ingest
from ingestion.settings import Settings
from ingestion.simulator import SITES, simulate
from orchestration.last_build import PUBLISHED, Mark, leave, program, take

PROJECT = str(Path(__file__).parents[2] / "dbt_project")
#: Until when the simulated plant's exports were drawn that arrive in each night.
SIMULATED_UNTIL = ["20260308", "20260309", "20990101"]
#: Relative difference below which two figures are the same: floats are added in any order.
SAME_RATIO = 1e-9
#: When something was loaded differs between a night and a full load.
LOADING = {"loaded_at", "quarantined_at"}
#: The first tells of deliveries that a full load never sees, of contents that were replaced since;
#: the others are the same seeds in every build.
NOT_COMPARED = {"mart_delivery_log", "kpi_definitions", "kpi_inputs", "kpi_metrics"}


@cache
def parsed_project(only_changed: bool) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(["parse", *options(only_changed)])
    assert outcome.success, outcome.exception
    return outcome.result


def options(only_changed: bool) -> list[str]:
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--quiet"]
    return [*folders, "--vars", f"{{only_changed: {str(only_changed).lower()}}}"]


def build(settings: Settings, *, only_changed: bool) -> None:
    """Every model over what was loaded, as a night builds it; the data tests change nothing."""
    run_dbt(
        settings.warehouse_file,
        *("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
        only_changed=only_changed,
    )


def run_dbt(warehouse: Path, *command: str, only_changed: bool) -> None:
    """Let dbt do something to a warehouse; its own files go beside it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    with pytest.MonkeyPatch.context() as env:
        env.setenv("LEANKPI_WAREHOUSE", str(warehouse))
        env.setenv("DBT_TARGET_PATH", str(warehouse.parent / "dbt" / "target"))
        env.setenv("DBT_LOG_PATH", str(warehouse.parent / "dbt" / "logs"))
        env.setenv("LEANKPI_KEEP_OPEN", "true")
        runner = dbtRunner(manifest=parsed_project(only_changed))
        try:
            outcome = runner.invoke([*command, *options(only_changed)])
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    failed = [
        f"{node.node.unique_id}: {node.status} {node.message}"
        for node in (getattr(outcome.result, "results", None) or [])
        if node.status in ("error", "fail", "runtime error")
    ]
    assert outcome.success, "\n".join([f"{outcome.exception}", *failed])


@dataclass
class Warehouses:
    """The nights' warehouse and that of one full load of the same files, and what each changed."""

    con: duckdb.DuckDBPyConnection
    #: Per night after the first and plant, the production dates whose figures were made anew.
    changed_days: list[dict[str, set[date]]]
    #: Likewise, the first day from which the charts were drawn anew.
    redrawn_from: list[dict[str, date]]
    #: The nights' warehouse as the last night left it, and as the first did.
    last_night: Path
    first_night: Path


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouses]:
    kept = os.environ.get("NIGHTS_KEEP")
    root = Path(kept) if kept else tmp_path_factory.mktemp("nights")
    simulate(root / "simulated", 8, 2, 20260302, DAYS[0], site=SITES[0])
    nights, full = Settings(root / "nights"), Settings(root / "full")
    changed_days, redrawn_from = [], []
    for night in range(3):
        land(root, nights, night)
        ingest(nights)
        build(nights, only_changed=night > 0)
        if night == 0:
            first_night = Path(shutil.copyfile(nights.warehouse_file, root / "first_night.duckdb"))
        else:
            changed_days.append(days_made_anew(nights))
            redrawn_from.append(charts_redrawn_from(nights))
    for night in range(3):
        land(root, full, night)
    ingest(full)
    # As if a night had gone through, before somebody builds by hand.
    leave(full.warehouse_file, Mark("run", PUBLISHED, program(), only_changed=False))
    build(full, only_changed=False)
    assert take(full.warehouse_file) is None, "a night would trust a build that it did not see"
    with duckdb.connect() as con:
        con.execute(f"attach '{nights.warehouse_file}' as nights (read_only)")
        con.execute(f"attach '{full.warehouse_file}' as once (read_only)")
        yield Warehouses(con, changed_days, redrawn_from, nights.warehouse_file, first_night)


def land(root: Path, settings: Settings, night: int) -> None:
    """Everything that arrives in a night, of the typed plants and of the simulated one."""
    settings.landing_dir.mkdir(parents=True, exist_ok=True)
    simulated = Settings(root / "simulated")
    configured = simulated.plants_file.read_text(encoding="utf-8")
    settings.plants_file.write_text(configured + plants_toml(night), encoding="utf-8")
    deliver(settings.landing_dir, night)
    for path in sorted(simulated.landing_dir.rglob("*")):
        stamps = [word for word in path.stem.split("_") if word.startswith("2026")]
        if path.is_file() and (not stamps or stamps[0] < SIMULATED_UNTIL[night]):
            link = settings.landing_dir / path.relative_to(simulated.landing_dir)
            if not link.exists():
                link.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, link)


def days_made_anew(settings: Settings) -> dict[str, set[date]]:
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        rows = con.execute(
            """
            select plant_id, period_start_date
            from intermediate.rollup_machine_changes
            where is_changed and period_type = 'day'
            union
            select plant_id, period_start_date
            from intermediate.rollup_quality_changes
            where is_changed and period_type = 'day'
            """
        ).fetchall()
    found: dict[str, set[date]] = {plant: set() for plant in NIGHTS}
    for plant, day in rows:
        found.setdefault(plant, set()).add(day)
    return found


def charts_redrawn_from(settings: Settings) -> dict[str, date]:
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        return dict(
            con.execute(
                "select plant_id, min(period_start_date) from intermediate.kpi_signal_changes "
                "where is_changed and period_type = 'day' group by plant_id"
            ).fetchall()
        )


def tables(con: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], list[Any]]:
    """Columns (name, type) of every table that a night writes, its key first; views are drawn from
    these, and what else is intermediate is made anew each night or leads to figures."""
    found: dict[tuple[str, str], list[Any]] = {}
    for schema, table, column, kind in con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = ? "
        "and (schema_name in ('core', 'marts') or table_name = 'kpi_figures') "
        "order by schema_name, table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault((schema, table), []).append((column, kind))
    return found


def differences(
    con: duckdb.DuckDBPyConnection, nights: str = "nights", only: Collection[str] = ()
) -> dict[str, list[Any]]:
    """Rows that only one warehouse has, or that differ, by table."""
    columns_of = tables(con, nights)
    assert columns_of == tables(con, "once")
    found = {
        table: different_rows(con, nights, f"{schema}.{table}", columns)
        for (schema, table), columns in columns_of.items()
        if table not in NOT_COMPARED and (not only or table in only)
    }
    return {table: rows for table, rows in found.items() if rows}


def different_rows(
    con: duckdb.DuckDBPyConnection, nights: str, table: str, columns: list[Any]
) -> list[Any]:
    """How many rows either warehouse has, and the first that differ; nothing where none does."""
    key = columns[0][0]
    differs = [
        f"(n.{name} is null) <> (o.{name} is null) or abs(n.{name} - o.{name}) > "
        f"{SAME_RATIO} * greatest(abs(n.{name}), abs(o.{name}), 1e-6)"
        if kind == "DOUBLE"
        else f"n.{name} is distinct from o.{name}"
        for name, kind in columns
        if name not in LOADING
    ]
    rows = con.execute(
        f"select n.*, o.* from {nights}.{table} as n "
        f"full join once.{table} as o on n.{key} = o.{key} "
        f"where {' or '.join(differs)} limit 3"
    ).fetchall()
    counts = con.execute(
        f"select (select count(*) from {nights}.{table}), (select count(*) from once.{table})"
    ).fetchone()
    assert counts is not None
    return [counts, *rows] if rows or counts[0] != counts[1] else []


def test_nights_leave_what_one_full_load_leaves(warehouses: Warehouses) -> None:
    assert len(tables(warehouses.con, "nights")) > 40
    assert differences(warehouses.con) == {}


def test_every_plant_has_figures(warehouses: Warehouses) -> None:
    rows = warehouses.con.execute(
        "select plant_id, count(*) from nights.marts.kpi_values where value is not null "
        "group by plant_id"
    ).fetchall()
    assert set(dict(rows)) == {*NIGHTS, SITES[0].plant_id}
    assert all(qty > 100 for _, qty in rows)


def march(*days: int) -> set[date]:
    return {date(2026, 3, day) for day in days}


def test_only_affected_production_dates_are_rebuilt(warehouses: Warehouses) -> None:
    second, third = warehouses.changed_days
    whole = set(DAYS)
    assert {plant: days for plant, days in second.items() if plant in NIGHTS} == {
        "quiet": set(),
        # What is known of the seventh day goes on until the plant's day ends.
        "daily": march(7, 8),
        "late": march(3),
        # A row that moves to another day restates both.
        "moved": march(2, 4),
        "cancelled": march(5),
        "closed": march(5),
        "identified": whole,
        "rated": whole,
        "replaced": march(3),
        "labelled": whole,
        # The last day is not known as far as the shift reaches now.
        "shifted": whole - march(7),
        "charted": {date(2026, 2, 27)},
        "swapped": march(4),
        "measured": set(),
        "broken": march(4),
        "relined": whole,
        "routed": march(2),
        "counting": whole | march(8),
    }
    assert third["quiet"] == march(7, 8, 9)
    assert third["daily"] == march(8, 9)
    assert third["late"] == march(3)
    assert third["moved"] == march(2)
    assert third["closed"] == march(5)
    assert third["rated"] == {day for day in DAYS if day >= date(2026, 3, 5)}
    assert third["replaced"] == march(3, 6)
    assert third["labelled"] == third["shifted"] == set()


def test_charts_go_on_from_the_first_changed_day(warehouses: Warehouses) -> None:
    second, third = warehouses.redrawn_from
    assert second["charted"] == date(2026, 2, 27)
    # Where the new baseline begins.
    assert third["charted"] == date(2026, 3, 2)
    assert "quiet" not in second
    signals = warehouses.con.execute(
        "select max(point_no), count(distinct series_key), count(*) filter (point_no > 20) "
        "from nights.marts.mart_kpi_signals where plant_id = 'charted' and kpi_id = 'oee' "
        "and scope_id = 'm1' and period_type = 'day'"
    ).fetchone()
    assert signals == (24, 2, 4), "no chart went on beyond its baseline"


def test_most_of_a_simulated_plant_is_kept(warehouses: Warehouses) -> None:
    second, _ = warehouses.changed_days
    changed = second[SITES[0].plant_id]
    assert changed == march(6, 7)


def differences_of(warehouses: Warehouses, folder: Path, *stages: str, fault: Fault | None) -> Any:
    """What differs in tables of these stages that one build carried over all nights."""

    def run(warehouse: Path, models: Collection[str]) -> None:
        run_dbt(warehouse, "run", "--select", *models, only_changed=True)

    built = made_anew(
        stages,
        fault,
        parsed_project(True),
        run,
        warehouses.last_night,
        warehouses.first_night,
        folder,
    )
    con = warehouses.con
    con.execute(f"attach '{built}' as tried (read_only)")
    try:
        return differences(con, "tried", [model for stage in stages for model in STAGES[stage]])
    finally:
        con.execute("detach tried")


# The stage that costs most has one fault, which the long proof seeds.
@pytest.mark.parametrize(
    "stages",
    [("facts", "signals", "values", "marts"), pytest.param(("figures",), marks=pytest.mark.full)],
    ids="+".join,
)
def test_all_nights_at_once_leave_the_same(
    warehouses: Warehouses, tmp_path: Path, stages: tuple[str, ...]
) -> None:
    assert differences_of(warehouses, tmp_path, *stages, fault=None) == {}


@pytest.mark.parametrize(
    "wrong", [*FAULTS, *(pytest.param(wrong, marks=pytest.mark.full) for wrong in MORE_FAULTS)]
)
def test_a_night_that_goes_wrong_is_found(
    warehouses: Warehouses, tmp_path: Path, wrong: str
) -> None:
    fault = (FAULTS | MORE_FAULTS)[wrong]
    assert fault.found_in in differences_of(warehouses, tmp_path, fault.stage, fault=fault)
