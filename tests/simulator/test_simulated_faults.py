"""Faults on purpose: each is where its ledger says, and none of them changes the truth."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from simulated import ENCODINGS, Simulated

from ingestion.simulator import PlantExists, SimulationRefused, simulate

KINDS = {
    "required_value",
    "unknown_code",
    "not_a_number",
    "column_count",
    "end_after_start",
    "not_a_timestamp",
    "truncated_line",
    "limits_in_order",
    "totals_row",
    "duplicate",
    "correction",
    "already_loaded",
}
TRUTHS = (
    "machine_time",
    "runs",
    "rejections",
    "orders",
    "stock_moves",
    "opening_stock",
    "costs",
    "items",
    "rates",
    "maintenance",
    "labour",
    "energy",
    "measurements",
    "shifts",
    "unobserved",
)
SEPARATORS = {"mapex": ";", "typed_csv": ","}
#: Start and end, as the tables that have both call them.
SPANS = {"mapex": ("Fecha_ini", "Fecha_fin"), "typed_csv": ("start_at", "end_at")}


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    data = tmp_path_factory.mktemp("plant")
    simulate(data, days=30, machines=6, seed=4)
    return Simulated(data)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    data = tmp_path_factory.mktemp("clean")
    simulate(data, days=30, machines=6, seed=4, dirt=False)
    return Simulated(data)


def text_lines(plant: Simulated, file: str) -> list[str]:
    content = (plant.landing / file).read_bytes()
    return content.decode(ENCODINGS[file.split("/")[1]]).split("\r\n")


def test_every_kind_of_fault_is_planted(plant: Simulated) -> None:
    assert set(plant.truth("defects")["rule"]) == KINDS


def test_faults_do_not_change_the_truth(plant: Simulated, clean: Simulated) -> None:
    for table in TRUTHS:
        assert_frame_equal(plant.truth(table), clean.truth(table))


def test_only_totals_are_left_without_faults(clean: Simulated) -> None:
    assert set(clean.truth("defects")["rule"]) == {"totals_row"}


def test_faulty_files_hold_the_clean_lines_and_the_ledger_says_the_rest(
    plant: Simulated, clean: Simulated
) -> None:
    """Line by line: what differs from the clean export is in the ledger, or its repair."""
    ledger = plant.truth("defects").filter(pl.col("line_no").is_not_null())
    repairs = Counter(ledger["repaired_in"].drop_nulls())
    by_file = ledger.filter(pl.col("rule") != "totals_row").group_by("file").agg("line_no")
    faulty = dict(by_file.rows())
    for path in sorted((clean.landing / "vlc").rglob("*.*")):
        name = str(path.relative_to(clean.landing))
        lines = text_lines(plant, name)
        expected = Counter(text_lines(clean, name))
        kept = Counter(
            line for n, line in enumerate(lines, start=1) if n not in faulty.get(name, [])
        )
        # A repair adds a line here; a spoilt line is missing here. Nothing else differs.
        added = (kept - expected).total() - (lines[-1] != "")
        missing = (expected - kept).total()
        assert max(added, 0) <= repairs[name], name
        assert missing <= len(faulty.get(name, [])) + (lines[-1] != ""), name


def test_the_ledger_points_at_the_lines(plant: Simulated) -> None:
    for fault in plant.truth("defects").iter_rows(named=True):
        if fault["line_no"] is None:
            continue
        lines = text_lines(plant, fault["file"])
        header, line = lines[0], lines[fault["line_no"] - 1]
        folder = fault["file"].split("/")[1]
        separator = SEPARATORS.get(folder, "\t")
        names = header.split(separator)
        cells = next(csv.reader([line], delimiter=separator))
        rule = fault["rule"]
        if rule == "column_count":
            assert len(cells) == len(names) + 1
            assert '"' not in line
        elif rule == "truncated_line":
            assert fault["line_no"] == len(lines), "the file ends inside this line"
            assert len(cells) < len(names)
        elif rule == "totals_row":
            assert cells[0] == "*"
        elif rule == "duplicate":
            assert lines.count(line) == 2
            assert lines.index(line) < fault["line_no"] - 1
        elif rule == "end_after_start":
            row = dict(zip(names, cells, strict=True))
            written = [row[name].split(" ") for name in SPANS[folder]]
            start, end = ([*day.split("/")[::-1], time] for day, time in written)
            assert end < start
        elif rule == "limits_in_order":
            row = dict(zip(names, cells, strict=True))
            assert float(row["lower_limit"]) > float(row["upper_limit"])
        else:
            assert len(cells) == len(names)
            assert cells[names.index(fault["column_name"])] == fault["value"]


def test_spoilt_rows_come_right_later(plant: Simulated) -> None:
    repaired = plant.truth("defects").filter(pl.col("repaired_in").is_not_null())
    assert set(repaired["rule"]) == KINDS - {
        "required_value",
        "unknown_code",
        "totals_row",
        "duplicate",
        "already_loaded",
    }
    for fault in repaired.iter_rows(named=True):
        assert fault["repaired_in"] > fault["file"]
        row_id = fault["row_id"].split("-")[1] if "MB51" in fault["file"] else fault["row_id"]
        assert any(line.startswith(row_id) for line in text_lines(plant, fault["repaired_in"]))


def test_garbage_ids_are_nowhere_in_the_truth(plant: Simulated) -> None:
    garbage = plant.truth("defects").filter(
        pl.col("rule").is_in(["required_value", "unknown_code"])
    )
    assert garbage.height >= 2
    assert not set(garbage["row_id"]) & set(plant.truth("runs")["run_id"])


def test_numbers_are_unmistakably_wrong(plant: Simulated) -> None:
    """A number that a German reader could take for another one would be a lie, not a fault."""
    numbers = plant.truth("defects").filter(rule="not_a_number")
    for value in numbers.filter(~pl.col("file").str.contains("typed_csv"))["value"]:
        whole, _, rest = value.rpartition(".")
        assert "," in whole or len(rest) != 3


def test_resent_files_have_the_bytes_of_another(plant: Simulated) -> None:
    resent = plant.truth("defects").filter(rule="already_loaded")["file"]
    assert len(resent) >= 2
    for file in resent:
        path = plant.landing / file
        digest = hashlib.sha256(path.read_bytes()).digest()
        same = [
            other
            for other in path.parent.glob(f"{path.name.split('_2')[0]}_2*")
            if other != path and hashlib.sha256(other.read_bytes()).digest() == digest
        ]
        assert len(same) == 1
        assert same[0].stat().st_mtime < path.stat().st_mtime


def test_plants_toml_has_the_plant(plant: Simulated) -> None:
    entry = tomllib.loads((plant.data / "plants.toml").read_text(encoding="utf-8"))["plants"]["vlc"]
    assert entry["time_zone"] == "Europe/Madrid"
    assert [s["code"] for s in entry["shifts"]] == ["M", "T", "N"]
    assert [s["folder"] for s in entry["sources"]] == list(ENCODINGS)
    machines = set(plant.truth("machine_time")["machine_id"])
    assert set(entry["code_maps"]["equipment"].values()) == machines


def test_other_plants_stay_as_they_are(tmp_path: Path) -> None:
    mine = '# by hand\n[plants.bcn]\nname = "Barcelona"  # keep me\n'
    (tmp_path / "plants.toml").write_text(mine, encoding="utf-8")
    simulate(tmp_path, days=1, machines=1, seed=1)
    once = (tmp_path / "plants.toml").read_text(encoding="utf-8")
    assert once.startswith(mine)
    assert set(tomllib.loads(once)["plants"]) == {"bcn", "vlc"}
    simulate(tmp_path, days=1, machines=1, seed=1)
    assert (tmp_path / "plants.toml").read_text(encoding="utf-8") == once


@pytest.mark.parametrize(
    "text",
    [
        '[plants.vlc]\nname = "the real one"\n',
        "this is no toml",
    ],
)
def test_a_plants_file_in_the_way_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plants.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlantExists):
        simulate(tmp_path, days=1, machines=1, seed=1)
    assert (tmp_path / "plants.toml").read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["plants.toml"]


def test_two_simulations_do_not_mix(tmp_path: Path) -> None:
    simulate(tmp_path, days=1, machines=2, seed=1)
    before = sorted((tmp_path / "landing").rglob("*"))
    with pytest.raises(SimulationRefused, match="another data directory"):
        simulate(tmp_path, days=1, machines=2, seed=2)
    assert sorted((tmp_path / "landing").rglob("*")) == before


def test_delivered_files_of_others_are_not_mixed_with(tmp_path: Path) -> None:
    folder = tmp_path / "landing" / "vlc" / "mapex"
    folder.mkdir(parents=True)
    (folder / "his_prod_20260101_020000.csv").write_text("theirs")
    with pytest.raises(SimulationRefused, match="was not written by a simulation"):
        simulate(tmp_path, days=1, machines=2, seed=2)
