"""The command where no night runs: wrong use, wrong configuration, somebody else's night."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from test_lock import hold_elsewhere
from tiny_project import write_plants

from ingestion.settings import Settings
from orchestration.cli import main
from orchestration.console import LiveProgress
from orchestration.journal import Journal, read_record, record_file


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data-dir", str(settings.data_dir)])


def test_help_names_every_command_and_exit_status() -> None:
    overview = CliRunner().invoke(main, ["--help"]).output
    for command in ("nightly", "status", "rollback", "simulate", "dev"):
        assert command in overview
    nightly = CliRunner().invoke(main, ["nightly", "--help"]).output
    for status in range(6):
        assert f"  {status}  " in nightly


def test_without_plants_the_night_says_what_to_write(settings: Settings) -> None:
    night = run(settings, "nightly")

    assert night.exit_code == 2
    assert "plants.toml: not found" in night.output
    assert not settings.warehouse_file.exists()


def test_a_misspelt_key_is_named(settings: Settings) -> None:
    write_plants(settings)
    settings.plants_file.write_text(settings.plants_file.read_text() + 'time_zon = "UTC"\n')

    night = run(settings, "nightly")

    assert night.exit_code == 2
    assert "time_zon" in night.output


def test_a_second_night_is_told_who_runs(settings: Settings) -> None:
    write_plants(settings)
    holder = hold_elsewhere(settings.lock_file)
    try:
        night = run(settings, "nightly")
    finally:
        holder.communicate("\n", timeout=10)

    assert night.exit_code == 5
    assert f"process {holder.pid}" in night.output
    assert not record_file(settings).exists(), "it must not overwrite the running night's record"


def test_status_of_nothing(settings: Settings) -> None:
    status = run(settings, "status")

    assert status.exit_code == 0
    assert "No night has run" in status.output
    assert not settings.data_dir.exists()


def test_status_tells_a_running_night_from_a_killed_one(settings: Settings) -> None:
    journal = Journal(settings)
    journal.begin("run")
    assert "Ended without a word" in run(settings, "status").output

    holder = hold_elsewhere(settings.lock_file)
    try:
        assert "Running since" in run(settings, "status").output
    finally:
        holder.communicate("\n", timeout=10)


def test_rollback_of_nothing_is_refused(settings: Settings) -> None:
    refused = run(settings, "rollback")

    assert refused.exit_code == 2
    assert "nothing has been published" in refused.output


HOLD = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
print("open", flush=True)
input()
"""


@pytest.mark.parametrize("arguments", [[], ["--rebuild"]])
def test_a_warehouse_that_somebody_has_open_is_named_with_its_holder(
    settings: Settings, arguments: list[str]
) -> None:
    write_plants(settings)
    duckdb.connect(str(settings.warehouse_file)).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.warehouse_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        night = run(settings, "nightly", *arguments)
    finally:
        holder.communicate("\n", timeout=10)

    assert night.exit_code == 1, night.output
    assert isinstance(night.exception, SystemExit), "a traceback is no message"
    record = read_record(settings)
    assert record is not None
    assert record.outcome == "crashed"
    assert record.error == (
        f"close the program that has {settings.warehouse_file} open (PID {holder.pid}), and run "
        f"the night again; readers open {settings.published_link}"
    )
    for output in (night.output, run(settings, "status").output):
        # A path may be wrapped, in the terminal's width.
        assert record.error.replace(" ", "") in "".join(output.split())
    # The headline sends people there for every word of it.
    assert "Could not set lock" in (settings.data_dir / "last_night.log").read_text()


def test_a_damaged_warehouse_is_a_crash_that_is_noted(settings: Settings) -> None:
    write_plants(settings)
    settings.warehouse_file.write_bytes(b"not a database" * 1_000)

    night = run(settings, "nightly")

    assert night.exit_code == 1, night.output
    assert isinstance(night.exception, SystemExit)
    assert "not a valid DuckDB database file" in " ".join(night.output.split())
    record = read_record(settings)
    assert record is not None
    assert record.outcome == "crashed"


def test_what_fails_before_the_first_step_is_noted(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plants(settings)
    project = tmp_path / "project"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: [")
    monkeypatch.setenv("LEANKPI_DBT_PROJECT", str(project))

    night = run(settings, "nightly")

    assert night.exit_code == 1, night.output
    record = read_record(settings)
    assert record is not None
    assert record.outcome == "crashed"
    assert "does not parse" in (record.error or "")


# --- names that mean something to a terminal ------------------------------------------------------

HOSTILE = [
    "a[/b].csv",
    "his_prod[copy].csv",
    "[bold]x[/bold].csv",
    "c\x1b[2J\x07\r\n.csv",
    "d\udcff",
]
SHOWN = [
    "a[/b].csv",
    "his_prod[copy].csv",
    "[bold]x[/bold].csv",
    r"c\x1b[2J\x07\r\n.csv",
    r"d\udcff",
]


@pytest.mark.parametrize(("name", "shown"), list(zip(HOSTILE, SHOWN, strict=True)))
def test_file_names_are_shown_as_they_stand(settings: Settings, name: str, shown: str) -> None:
    journal = Journal(settings)
    journal.begin("run")
    check = {
        "severity": "error",
        "fact": name,
        "check_name": name,
        "observed": name,
        "expected": name,
        "reason": name,
        "failing_rows": name,
        "what_to_do": name,
    }
    journal.record.failed_checks = [check, check | {"severity": "warn"}]
    journal.record.rejected = [{"path": name, "message": name}]
    journal.record.quarantine = [
        {
            "plant_id": name,
            "source": name,
            "rule": name,
            "rows": 1,
            "example_path": name,
            "example_line_no": 7,
        }
    ]
    journal.fail(ValueError(name))

    status = run(settings, "status")

    assert status.exit_code == 0, status.output
    assert status.exception is None
    assert f"rejected: {shown}: {shown}" in status.output
    assert f"{shown}:7" in status.output
    assert f"{shown}: {shown}: {shown}" in status.output, "the warning"
    assert not {"\x1b", "\x07", "\r"} & set(status.output)


@pytest.mark.parametrize("name", HOSTILE)
def test_progress_shows_file_names_as_they_stand(name: str) -> None:
    out = io.StringIO()
    progress = LiveProgress(Console(file=out, force_terminal=True, width=200))
    progress.phase("ingest", 1)
    progress.advance(f"{name}: accepted")
    progress._bars.refresh()
    progress.close()

    assert "accepted" in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()


# --- simulate -------------------------------------------------------------------------------------


def test_exports_of_somebody_else_are_not_mixed_with_simulated_ones(settings: Settings) -> None:
    simulated = run(settings, "simulate", "--days", "1", "--machines", "2")
    assert simulated.exit_code == 0, simulated.output

    refused = run(settings, "simulate", "--days", "2", "--machines", "2")

    assert refused.exit_code == 2
    assert "already holds exports" in refused.output


def test_several_plants_are_simulated_side_by_side(settings: Settings) -> None:
    simulated = run(settings, "simulate", "--days", "1", "--machines", "2", "--plants", "3")
    assert simulated.exit_code == 0, simulated.output
    assert {path.name for path in settings.landing_dir.iterdir()} == {"vlc", "scl", "ldh"}
    assert [line.split(":")[0] for line in simulated.output.splitlines() if "plant " in line] == [
        "plant vlc",
        "plant scl",
        "plant ldh",
    ]


def test_a_plant_of_the_same_name_is_not_overwritten(settings: Settings) -> None:
    settings.data_dir.mkdir()
    settings.plants_file.write_text("[plants")

    refused = run(settings, "simulate", "--days", "1", "--machines", "2")

    assert refused.exit_code == 2
    assert "leankpi: plants.toml cannot be read" in refused.output


def test_a_simulation_that_is_asked_for_the_impossible_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.simulator.MAX_DAYS", 1)

    refused = run(settings, "simulate", "--days", "2", "--machines", "2")

    assert refused.exit_code == 2
    assert "leankpi: days must be between 1 and 1, not 2" in refused.output


def test_a_simulation_beyond_the_calendar_says_so(settings: Settings) -> None:
    arguments = ["--days", "2", "--machines", "2", "--start", "9999-12-30"]

    refused = run(settings, "simulate", *arguments)

    assert refused.exit_code == 2
    assert "leankpi: date value out of range" in refused.output


# --- records --------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "{", '{"started_at": 1}', "[]"])
def test_a_damaged_record_is_no_record(settings: Settings, content: str) -> None:
    settings.data_dir.mkdir()
    record_file(settings).write_text(content)

    assert read_record(settings) is None
    assert run(settings, "status").exit_code == 0


def test_a_record_of_a_newer_version_is_still_read(settings: Settings) -> None:
    journal = Journal(settings)
    journal.begin("run")
    journal.finish("published", version="marts-x")
    content = json.loads(record_file(settings).read_text())
    record_file(settings).write_text(json.dumps(content | {"a_later_field": 1}))

    record = read_record(settings)

    assert record is not None
    assert (record.outcome, record.pid) == ("published", os.getpid())


def test_kpi_asks_for_a_publication_first(settings: Settings) -> None:
    for arguments in (["kpi", "list"], ["kpi", "explain", "oee"]):
        result = CliRunner().invoke(main, [*arguments, "--data-dir", str(settings.data_dir)])
        assert result.exit_code == 2
        assert "leankpi nightly" in result.output
