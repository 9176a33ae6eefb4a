"""What is looked up about rows that were put aside, and about a file before it is delivered."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingestion.errors import ConfigError
from ingestion.feeds import MachineStates, ScrapEvents
from ingestion.feeds.base import feed_columns
from ingestion.load import ingest
from ingestion.settings import Settings
from orchestration.cli import main
from orchestration.export_check import check_export
from orchestration.lock import night_lock
from orchestration.quarantine import NoQuarantine, counts, export, rows

PLANTS = """
[plants.p1]
name = "Plant"
time_zone = "Europe/Madrid"
currency = "EUR"
day_start = "06:00"
[[plants.p1.shifts]]
code = "M"
start = "06:00"
end = "14:00"
[[plants.p1.sources]]
source = "typed_csv"
folder = "typed"
"""
HEADER = "run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty"
RUNS = f"""{HEADER}
r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 07:00:00,100,90,10
r2,m1,i1,1,2026-03-02 07:00:00,2026-03-02 08:00:00,ninety,90,0
=cmd|'/c calc'!A1,m1,i1,1,2026-03-02 08:00:00,2026-03-02 08:00:00,80,80,0
r4,m1,i1,1,2026-03-02 09:00:00,2026-03-02 10:00:00,lots,70,0
"""
FILE = "p1/typed/production_counts_20260303_060000.csv"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "data")
    (settings.landing_dir / FILE).parent.mkdir(parents=True)
    settings.plants_file.write_text(PLANTS, encoding="utf-8")
    (settings.landing_dir / FILE).write_text(RUNS, encoding="utf-8")
    return settings


def test_rows_are_counted_per_rule_with_the_first_place(settings: Settings) -> None:
    ingest(settings)
    found = {
        one.rule: (one.row_qty, one.first_file, one.first_line_no) for one in counts(settings, {})
    }
    assert found == {"not_a_number": (2, FILE, 3), "end_after_start": (1, FILE, 4)}
    assert counts(settings, {"rule": "not_a_number", "plant": "p2"}) == []


def test_a_row_says_where_it_stands_and_what_is_wrong(settings: Settings) -> None:
    ingest(settings)
    (row,) = rows(settings, {"rule": "not_a_number"}, 1)
    assert (row["file_path"], row["line_no"]) == (FILE, 3)
    assert (row["column_name"], row["value"]) == ("produced_qty", "ninety")
    assert row["raw_line"].startswith("r2,m1")


def test_what_a_spreadsheet_takes_for_a_formula_goes_out_as_text(
    settings: Settings, tmp_path: Path
) -> None:
    ingest(settings)
    target = tmp_path / "to send back.csv"
    assert export(settings, {"rule": "end_after_start"}, target) == 1
    with target.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["raw_line"].startswith("'=cmd|")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_an_export_is_a_formula(settings: Settings, tmp_path: Path, start: str) -> None:
    formula = f"{start}HYPERLINK(A1)"
    (settings.landing_dir / FILE).write_text(RUNS.replace("ninety", formula), encoding="utf-8")
    ingest(settings)
    target = tmp_path / "to send back.csv"
    export(settings, {"rule": "not_a_number"}, target)
    with target.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert f"'{formula}" in cells
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


def test_a_replaced_file_is_past(settings: Settings) -> None:
    ingest(settings)
    mended = (
        RUNS.replace("ninety", "90").replace("lots", "70").replace("08:00:00,80", "09:00:00,80")
    )
    (settings.landing_dir / FILE).write_text(mended, encoding="utf-8")
    ingest(settings)
    assert counts(settings, {}) == []


def test_without_a_warehouse_it_says_so(settings: Settings) -> None:
    with pytest.raises(NoQuarantine, match="leankpi nightly"):
        counts(settings, {})


def test_a_file_is_checked_without_a_trace(settings: Settings) -> None:
    export_file = settings.landing_dir / FILE
    before = sorted(path for path in settings.data_dir.rglob("*"))
    check = check_export(settings, "p1", export_file)
    (outcome,) = check.outcomes
    assert (outcome.delivered_rows, outcome.accepted_rows, outcome.quarantined_rows) == (4, 1, 3)
    assert check.feed_rows == {"production_counts": 1}
    assert [row["line_no"] for row in check.examples["not_a_number"]] == [3, 5]
    empty = {(one.feed, one.column): one.kpis for one in check.empty}
    assert "rework_ratio" in empty["production_counts", "rework_qty"]
    assert ("production_counts", "good_qty") not in empty
    assert sorted(path for path in settings.data_dir.rglob("*")) == before


def test_a_check_looks_at_nothing_but_the_file(settings: Settings, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "production_counts_20260302_060000.csv").write_text(RUNS, encoding="utf-8")
    more = f'location = "{share}"\ninclude = ["production_*"]\n'
    settings.plants_file.write_text(PLANTS + more, encoding="utf-8")
    (outcome,) = check_export(settings, "p1", settings.landing_dir / FILE).outcomes
    assert outcome.path == FILE
    (tmp_path / "machines.csv").write_text("machine_id\nm1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"include of typed_csv is production_\*"):
        check_export(settings, "p1", tmp_path / "machines.csv")


@pytest.mark.parametrize(
    ("plant", "name", "message"),
    [
        ("p2", "production_counts.csv", "there are p1"),
        ("p1", "orders.csv", r"no table of p1's sources has a pattern for orders\.csv"),
        ("p1", "missing.csv", "is no file"),
    ],
)
def test_what_cannot_be_checked_is_explained(
    settings: Settings, tmp_path: Path, plant: str, name: str, message: str
) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_text(RUNS, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        check_export(settings, plant, tmp_path / name)


def test_the_commands_print_it(settings: Settings, tmp_path: Path) -> None:
    ingest(settings)
    where = ["--data-dir", str(settings.data_dir)]
    listed = CliRunner().invoke(main, ["quarantine", "list", *where])
    assert (listed.exit_code, "not_a_number" in listed.output) == (0, True), listed.output
    shown = CliRunner().invoke(main, ["quarantine", "show", "--rule", "not_a_number", *where])
    assert "line 3: produced_qty='ninety'" in shown.output
    checked = CliRunner().invoke(
        main, ["sources", "check", "p1", str(settings.landing_dir / FILE), *where]
    )
    assert "4 rows, of them 1 accepted, 3 quarantined, 0 duplicates" in checked.output
    assert "nothing was written" in checked.output


def test_what_was_mended_is_read_again(settings: Settings, tmp_path: Path) -> None:
    # A plant that says where it stands has no hour that comes twice, nor one that is skipped.
    nights = RUNS.replace("2026-03-02 07", "2026-03-29 02")
    (settings.landing_dir / FILE).unlink()
    late = settings.landing_dir / FILE.replace("20260303", "20260330")
    late.write_text(nights, encoding="utf-8")
    ingest(settings)
    rules = {one.rule for one in counts(settings, {})}
    assert "nonexistent_local_time" in rules
    where = ["--data-dir", str(settings.data_dir)]
    nothing = CliRunner().invoke(main, ["quarantine", "replay", *where])
    assert "nothing was read again" in nothing.output
    plants = settings.plants_file.read_text(encoding="utf-8")
    settings.plants_file.write_text(plants.replace("Europe/Madrid", "UTC"), encoding="utf-8")
    done = CliRunner().invoke(main, ["quarantine", "replay", *where])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert "1 files read, 1 rows accepted" in done.output
    assert ["p1", "typed_csv", "nonexistent_local_time", "2", "0"] in lines
    assert "nonexistent_local_time" not in {one.rule for one in counts(settings, {})}


def test_nothing_is_replayed_while_a_night_runs(settings: Settings) -> None:
    ingest(settings)
    run = "from orchestration.cli import main; main()"
    command = [sys.executable, "-c", run, "quarantine", "replay"]
    with night_lock(settings.lock_file):
        done = subprocess.run(
            [*command, "--data-dir", str(settings.data_dir)], capture_output=True, text=True
        )
    assert done.returncode == 5
    assert "another night is running" in done.stderr


def test_a_template_has_the_columns_that_typed_files_need(tmp_path: Path) -> None:
    target = tmp_path / "scrap_events.csv"
    done = CliRunner().invoke(main, ["sources", "template", "scrap_events", str(target)])
    assert done.exit_code == 0, done.output
    header = target.read_text(encoding="utf-8").splitlines()
    assert header == [",".join(feed_columns(ScrapEvents))]
    again = CliRunner().invoke(main, ["sources", "template", "scrap_events", str(target)])
    assert (again.exit_code, "exists already" in again.output) == (2, True)
    unknown = CliRunner().invoke(main, ["sources", "template", "scrap", str(target)])
    assert (unknown.exit_code, "scrap_events" in unknown.output) == (2, True)


def test_a_template_says_how_its_columns_are_typed(tmp_path: Path) -> None:
    asked = ["sources", "template", "machine_states", str(tmp_path / "machine_states.csv")]
    said = " ".join(CliRunner().invoke(main, asked).output.split())
    assert "2026-12-31 18:30:00" in said
    assert "Times are the plant's clock." in said
    assert "machine_states_20260302_060000.csv" in said
    for state in MachineStates.columns()["state"].categories:
        assert state in said
    assert "machine_states" in CliRunner().invoke(main, ["sources", "template", "--help"]).output


def test_what_cannot_be_read_is_shown_with_what_can(settings: Settings) -> None:
    folder = (settings.landing_dir / FILE).parent
    (folder / "machine_states.csv").write_text(
        "state_id,machine_id,layer,start_at,state\n"
        "s1,m1,0,02/03/2026 06:00,producing\n"
        "s2,m1,0,2026-03-02 06:00:00,working\n",
        encoding="utf-8",
    )
    ingest(settings)
    asked = ["quarantine", "show", "--data-dir", str(settings.data_dir), "--rule"]
    unread = CliRunner().invoke(main, [*asked, "not_a_timestamp"]).output
    assert "written like: 2026-12-31 18:30:00, 2026-12-31 18:30\n" in unread
    unknown = CliRunner().invoke(main, [*asked, "unknown_code"]).output
    assert "one of: producing, rework, setup, delay, no_order, planned_down" in unknown
    other = CliRunner().invoke(main, [*asked, "not_a_number"]).output
    assert "one of" not in other and "written like" not in other


def test_a_draft_says_what_it_rests_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.proposals.draft.module_file", lambda name: tmp_path / "m.py")
    export_file = tmp_path / "production_counts.csv"
    export_file.write_text(RUNS, encoding="utf-8")
    command = ["sources", "new", "shop_floor", "--from", str(export_file)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "looks like the feed production_counts (4 of 4 required columns" in done.output
    assert f"leankpi sources check <plant> {export_file}" in " ".join(done.output.split())
    # As the README writes it, so that it can stand at the end of any plants.toml.
    assert '[[plants.<plant>.sources]] source = "shop_floor"' in " ".join(done.output.split())
    assert (tmp_path / "m.py").read_text(encoding="utf-8").startswith('"""shop_floor: drafted')
    refused = CliRunner().invoke(main, ["sources", "new", "mapex", "--from", str(export_file)])
    assert (refused.exit_code, "already" in refused.output) == (2, True)
