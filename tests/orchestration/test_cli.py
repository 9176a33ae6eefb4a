"""The command where no night runs: wrong use, wrong configuration, somebody else's night."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner, Result
from test_lock import hold_elsewhere
from tiny_project import write_plants

from ingestion.settings import Settings
from orchestration.cli import main
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
