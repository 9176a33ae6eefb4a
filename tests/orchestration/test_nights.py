"""Nights of a tiny plant, one after another, as `leankpi nightly` runs them.

They share a data directory, as nights do: each test goes on where the one before left off.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from test_cli import HOLD
from tiny_project import SUITES, land, tiny_ingest, write_plants, write_project

from ingestion.settings import Settings
from orchestration import assets, definitions, nightly
from orchestration.cli import main
from orchestration.journal import Silent
from orchestration.publish import versions

# One night builds on the one before, so they run in order: `make test` keeps a file on one worker.


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    root = tmp_path_factory.mktemp("nights")
    settings = Settings(root / "data")
    write_plants(settings)
    build = definitions.build_defs
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LEANKPI_DBT_PROJECT", str(write_project(root / "project")))
        patched.setattr(assets, "ingest", tiny_ingest)
        patched.setattr(definitions, "build_defs", lambda s, j: build(s, j, SUITES))
        yield settings


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, [*arguments, "--data-dir", str(settings.data_dir)], catch_exceptions=False
    )


def published(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.published_link), read_only=True) as con:
        return con.execute(query).fetchall()


def only_changed(settings: Settings) -> bool:
    """Whether the last build was told to rebuild only what changed."""
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        return con.execute("select only_changed from staging.stg_build").fetchall() == [(True,)]


def last_night(settings: Settings) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((settings.data_dir / "last_night.json").read_text())
    return content


def test_1_publishes_and_says_what_came_in(plant: Settings) -> None:
    land(plant, "a.csv", "100")
    land(plant, "b.csv", "300")

    night = run(plant, "nightly")

    assert night.exit_code == 0, night.output
    assert published(plant, "select produced_qty, scrap_qty from mart_scrap_daily") == [(400, 2)]
    assert "2 rows = 2 accepted + 0 quarantined + 0 duplicates" in night.output
    assert "0 errors, 0 warnings" in night.output
    assert "Scrap ratio" in night.output
    assert "0.5%" in night.output
    assert last_night(plant)["outcome"] == "published"
    assert not only_changed(plant)
    # The tiny project has not the marts that the board shows: that takes nothing back.
    assert "The board was not written, the marts are published" in night.output
    assert last_night(plant)["board_error"]


def test_1b_every_check_was_run_and_is_published(plant: Settings) -> None:
    outcomes = published(
        plant, "select stage, engine, check_name, passed from data_quality order by all"
    )
    assert outcomes == [
        ("core", "dbt", "quantity_is_known", True),
        ("core", "dbt", "unique_fct_production_run_id", True),
        ("facts", "great_expectations", "no_more_than_the_line_can_make", True),
        ("facts", "great_expectations", "not_much_less_either", True),
        ("marts", "dbt", "relationships_mart_scrap_daily_plant_id__plant_id__ref_dim_plant_", True),
    ]


def test_2_nothing_new_publishes_nothing_and_does_not_start_dagster(
    plant: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions(plant)

    def never(*_: object) -> None:
        raise AssertionError("started the job for nothing")

    monkeypatch.setattr(nightly, "_run_job", never)
    night = run(plant, "nightly")

    assert night.exit_code == 0
    assert "Nothing new" in night.output
    assert versions(plant) == before
    # The record still explains what readers see.
    assert last_night(plant)["outcome"] == "published"
    assert "nothing new" in run(plant, "status").output


def test_3_the_same_bytes_under_a_new_name_publish_nothing(plant: Settings) -> None:
    before = versions(plant)
    land(plant, "again.csv", "100")

    night = run(plant, "nightly")

    assert night.exit_code == 0, night.output
    assert "Nothing new" in night.output
    assert versions(plant) == before


def test_4_a_rejected_file_does_not_stop_the_others(plant: Settings) -> None:
    land(plant, "c.csv", "200")
    land(plant, "bad.csv", "12,5x")

    night = run(plant, "nightly")

    assert night.exit_code == 3, night.output
    assert "rejected: p1/mes/bad.csv: not a number" in night.output
    assert "p1/mes/bad.csv:1" in night.output
    assert published(plant, "select sum(produced_qty) from fct_production") == [(600,)]
    # The line itself may tell of people: it stays in the warehouse.
    quarantined = published(plant, "select rule, value, raw_line from quarantine")
    assert quarantined == [("not_a_number", "12,5x", None)]
    # The night before went through, so what it built is trusted.
    assert only_changed(plant)


def test_5_an_implausible_fact_blocks_and_says_what_to_do(plant: Settings) -> None:
    before = versions(plant)
    implausible = land(plant, "d.csv", "5000")
    land(plant, "e.csv", "5")

    night = run(plant, "nightly")

    assert night.exit_code == 4, night.output
    assert "fct_production: no_more_than_the_line_can_make" in night.output
    assert "run_id=d, produced_qty=5000" in night.output
    assert "Look at the counter." in night.output
    assert versions(plant) == before
    assert published(plant, "select sum(produced_qty) from fct_production") == [(600,)]
    # No mart was built either, so nothing half-new waits in the warehouse.
    with duckdb.connect(str(plant.warehouse_file), read_only=True) as con:
        assert con.execute("select sum(produced_qty) from marts.mart_scrap_daily").fetchall() == [
            (600,)
        ]
    later = run(plant, "status")
    assert later.exit_code == 0
    assert "Blocked" in later.output
    assert "run_id=d, produced_qty=5000" in later.output
    assert only_changed(plant)
    _take_back(plant, implausible)


def test_6_a_warning_travels_with_the_numbers(plant: Settings) -> None:
    night = run(plant, "nightly")

    assert night.exit_code == 0, night.output
    assert "0 errors, 1 warnings" in night.output
    assert "not_much_less_either" in night.output
    assert published(
        plant, "select check_name, failing_rows_qty from data_quality where not passed"
    ) == [("not_much_less_either", 1)]
    # The night before was blocked on its way: nothing that it built is trusted.
    assert not only_changed(plant)


def test_7_a_broken_structure_blocks_and_shows_the_rows(plant: Settings) -> None:
    unknown = land(plant, "f.csv", "-")

    night = run(plant, "nightly")

    assert night.exit_code == 4, night.output
    assert "fct_production: quantity_is_known" in night.output
    assert "run_id=f" in night.output
    assert "Ask the plant what it made." in night.output
    assert published(plant, "select sum(produced_qty) from fct_production") == [(605,)]
    _take_back(plant, unknown)


def test_8_a_broken_model_is_a_crash_and_readers_keep_the_last_night(
    plant: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path / "project")
    monkeypatch.setenv("LEANKPI_DBT_PROJECT", str(project))
    (project / "models/marts/mart_scrap_daily.sql").write_text(
        'select plant_id, no_such_column from {{ ref("fct_production") }}'
    )

    night = run(plant, "nightly")

    assert night.exit_code == 1, night.output
    assert "mart_scrap_daily" in night.output
    assert "no_such_column" in night.output
    assert published(plant, "select sum(produced_qty) from fct_production") == [(605,)]
    assert not only_changed(plant)


def test_9_readers_can_be_rolled_back_and_stay_there(plant: Settings) -> None:
    assert run(plant, "nightly", "--rebuild").exit_code == 0
    # What the night before left is trusted, and yet all is made anew.
    night = run(plant, "nightly", "--rebuild")
    assert night.exit_code == 0, night.output
    assert not only_changed(plant)
    kept = versions(plant)

    back = run(plant, "rollback")

    assert back.exit_code == 0
    assert f"They see {kept[-2].name} now" in back.output
    assert "Rolled back" in run(plant, "status").output
    assert run(plant, "nightly").exit_code == 0
    assert versions(plant) == kept
    assert run(plant, "rollback", "--to", "1999").exit_code == 2


def test_a1_a_warehouse_that_somebody_opens_meanwhile_is_named_with_its_holder(
    plant: Settings,
) -> None:
    # While dbt builds, whose process says it in its own words.
    holder = None

    class Meanwhile(Silent):
        def phase(self, name: str, total: int | None) -> None:
            nonlocal holder
            if name == "build core":
                holder = subprocess.Popen(
                    [sys.executable, "-c", HOLD, str(plant.warehouse_file)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                assert holder.stdout is not None
                assert holder.stdout.readline() == "open\n"

    try:
        record = nightly.run_night(plant, Meanwhile(), rebuild=True)
    finally:
        assert holder is not None
        holder.communicate("\n", timeout=10)

    assert record.exit_code == 1
    assert (record.error or "").startswith(
        f"close the program that has {plant.warehouse_file} open (PID {holder.pid})"
    )
    assert last_night(plant)["error"] == record.error


def test_a2_a_name_in_brackets_is_shown_after_the_publication(plant: Settings) -> None:
    # A name with a slash in brackets, as markup would close a style.
    (plant.landing_dir / "p1" / "mes" / "a[").mkdir()
    land(plant, "a[/b].csv", "7x")
    land(plant, "his_prod[copy].csv", "8x")

    night = run(plant, "nightly")

    assert night.exit_code == 3, night.output
    for name in ("a[/b].csv", "his_prod[copy].csv"):
        assert f"rejected: p1/mes/{name}: not a number" in night.output
    assert "p1/mes/a[/b].csv:1" in night.output
    assert run(plant, "status").exit_code == 0


def _take_back(settings: Settings, path: Path) -> None:
    """Undo a delivery, as the plant would by a corrected one."""
    path.unlink()
    with duckdb.connect(str(settings.warehouse_file)) as con:
        name = f"p1/mes/{path.name}"
        con.execute(
            "delete from raw.production_counts where delivery_id in "
            "(select delivery_id from raw.deliveries where file_path = ?)",
            [name],
        )
        con.execute("delete from raw.deliveries where file_path = ?", [name])
