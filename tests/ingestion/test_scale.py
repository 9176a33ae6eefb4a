"""Large exports in bounded memory, many small ones, and those that are not finished yet."""

from __future__ import annotations

import gzip
import subprocess
import sys
import weakref
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from landing import PLANTS, Landing, new_landing, run_line, runs_file

import ingestion.load
import ingestion.readers.lines
from benchmarks.large_exports import BYTES_PER_ROW, write_export
from ingestion.warehouse import append, open_warehouse

#: Runs a command and prints its peak memory in KiB. A process begins with the peak of the one that
#: started it, so that must be a small one and not this.
WATCH = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_mib(landing: Landing) -> float:
    """Peak memory of a process that loads what has landed."""
    command = [sys.executable, "-m", "ingestion", "--data-dir", str(landing.settings.data_dir)]
    watched = subprocess.run(
        [sys.executable, "-c", WATCH, *command], capture_output=True, text=True, timeout=300
    )
    return int(watched.stdout) / 1024


def peak_mib_of_export(tmp_path: Path, megabytes: int) -> float:
    """Peak memory of a process that loads an export of so many megabytes."""
    landing = new_landing(tmp_path / f"{megabytes}", PLANTS)
    folder = landing.settings.landing_dir / "vlc" / "mapex"
    rows = megabytes * 1_000_000 // BYTES_PER_ROW
    write_export(folder, "20261101_000000", 0, rows)
    peak = peak_mib(landing)
    assert landing.rows("select accepted_rows as n from raw.deliveries") == [{"n": rows}]
    return peak


def test_20_megabytes_load_in_little_memory(tmp_path: Path) -> None:
    assert peak_mib_of_export(tmp_path, 20) < 700


@pytest.mark.full
def test_200_megabytes_load_in_little_more(tmp_path: Path) -> None:
    assert peak_mib_of_export(tmp_path, 200) < 1_000


def test_exports_that_would_take_all_memory(tmp_path: Path) -> None:
    landing = new_landing(tmp_path)
    header, end = runs_file(), b"\r\n"
    million = ";".join(f"c{n}" for n in range(1_000_000)).encode()
    files = {
        "1 columns": (million + end + run_line().encode() + end, {"missing_column": 1}),
        "2 fields": (runs_file(run_line(), ";" * 1_000_000), {"column_count": 1}),
        "3 long line": (header + b"x" * 10_000_000 + end, {"line_too_long": 1}),
        # A kilobyte of these unpacks to a megabyte.
        "4 long line": (gzip.compress(header + b"x" * 100_000_000 + end), {"line_too_long": 1}),
        "5 blank lines": (gzip.compress(b"\n" * 40_000_000 + runs_file(run_line())), {}),
        "6 blank lines": (gzip.compress(header + b"\n" * 40_000_000), {}),
    }
    for name, (content, _) in files.items():
        landing.put(f"vlc/mapex/his_prod_20260311_020000 {name}.csv", content)
    peak = peak_mib(landing)
    found = landing.rows("select file_path, rule from raw.quarantine order by 1")
    assert [tuple(row.values()) for row in found] == [
        (f"vlc/mapex/his_prod_20260311_020000 {name}.csv", rule)
        for name, (_, rules) in files.items()
        for rule in rules
    ]
    assert landing.rows("select count(*) as n from raw.deliveries") == [{"n": 6}]
    # A block of nothing but line ends is eight million lines; not all blocks may be held at once.
    assert peak < 1_200


def test_rows_that_are_said_again_are_not_remembered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion.readers.lines, "BLOCK_BYTES", 700)
    remembered: list[int] = []
    join = pl.DataFrame.join

    def watched(self: pl.DataFrame, other: pl.DataFrame, **how: object) -> pl.DataFrame:
        if self.columns == ["h1", "h2"]:
            remembered.append(self.height)
        return join(self, other, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(pl.DataFrame, "join", watched)
    landing = new_landing(tmp_path)
    outcome = landing.one("vlc/mapex/his_prod_20260311_020000.csv", runs_file(*[run_line()] * 200))
    assert (outcome.accepted_rows, outcome.duplicate_rows) == (1, 199)
    assert len(remembered) > 10
    assert max(remembered) == 1


def test_what_was_appended_is_not_held_until_the_file_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"file_path": ["a"], "file_bytes": [1], "mtime_ns": [1]}).with_columns(
        contract_version=pl.lit("v"), content_hash=pl.lit("h")
    )
    tables: list[weakref.ref[pa.Table]] = []
    to_arrow = pl.DataFrame.to_arrow

    def watched(self: pl.DataFrame) -> pa.Table:
        table = to_arrow(self)
        tables.append(weakref.ref(table))
        return table

    monkeypatch.setattr(pl.DataFrame, "to_arrow", watched)
    with open_warehouse(tmp_path / "w.duckdb") as con:
        con.execute("begin transaction")
        append(con, "landing_files", frame)
        assert [table() for table in tables] == [None]
        con.execute("rollback")


def test_duplicates_are_found_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion.readers.lines, "BLOCK_BYTES", 700)
    landing = new_landing(tmp_path)
    lines = [run_line(Id_his_prod=str(n % 40)) for n in range(100)]
    outcome = landing.one("vlc/mapex/his_prod_20260311_020000.csv", runs_file(*lines))
    assert (outcome.accepted_rows, outcome.duplicate_rows) == (40, 60)


def test_declarations_are_read_once_and_not_per_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = new_landing(tmp_path)
    for n in range(20):
        landing.put(f"vlc/mapex/his_prod_20260311_{n:06d}.csv", runs_file(run_line()))
    calls: list[str] = []
    version = ingestion.load.contract_version

    def counted(source, plant):  # type: ignore[no-untyped-def]
        calls.append(source.name)
        return version(source, plant)

    monkeypatch.setattr(ingestion.load, "contract_version", counted)
    landing.ingest()
    assert sorted(calls) == ["mapex", "sap_mm", "sap_pm"]


BAD = "vlc/mapex/his_prod_20260311_020000.csv"


@pytest.mark.parametrize("ending", [".part", ".filepart", ".tmp", ".PARTIAL", ".crdownload"])
def test_a_file_that_says_it_is_not_finished_waits(tmp_path: Path, ending: str) -> None:
    landing = new_landing(tmp_path)
    path = landing.put(BAD + ending, runs_file(run_line()))
    (left,) = landing.ingest().left
    assert (left.path, landing.rows("select 1 from raw.deliveries")) == (BAD + ending, [])
    assert "still being written" in left.message
    path.rename(path.with_name(path.name.removesuffix(ending)))
    assert landing.ingest().total("accepted_rows") == 1


def test_a_file_that_grows_since_it_was_listed_waits(tmp_path: Path) -> None:
    landing: Landing = new_landing(tmp_path)
    first = landing.put("vlc/mapex/his_prod_20260310_020000.csv", runs_file(run_line()))
    path = landing.put(BAD, runs_file(run_line(Id_his_prod="2")))

    def grow(outcome: ingestion.load.FileOutcome) -> None:
        if outcome.path.endswith(first.name):
            path.write_bytes(runs_file(run_line(Id_his_prod="2"), run_line(Id_his_prod="3")))

    report = ingestion.load.ingest(landing.settings, grow)
    assert [outcome.path for outcome in report.left] == [BAD]
    assert landing.rows("select run_id from raw.production_counts") == [{"run_id": "1"}]
    assert landing.ingest().total("accepted_rows") == 2
