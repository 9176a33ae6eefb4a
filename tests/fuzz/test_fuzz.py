"""Three hundred mutated exports, the same each time; `make fuzz` does ten thousand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import ingestion.load
import tests.fuzz.__main__ as command
from ingestion.conform import _no_faults
from ingestion.readers import Chunk
from tests.fuzz.cases import Report, make_case, run
from tests.fuzz.samples import Sample, of_formats

ROOT = Path(__file__).parents[2]
#: A process begins with the peak memory of the one that started it, so that must be a small one.
FROM_A_SMALL_ONE = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


@pytest.fixture(scope="module")
def clean() -> list[Sample]:
    return of_formats()


def test_nothing_is_lost_of_mutated_exports() -> None:
    fuzz = [sys.executable, "-m", "tests.fuzz", "--cases", "300"]
    done = subprocess.run(
        [sys.executable, "-c", FROM_A_SMALL_ONE, *fuzz],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("300 cases")


def test_a_case_is_made_again_by_its_number(clean: list[Sample]) -> None:
    once = {number: make_case(number, clean) for number in range(200)}
    again = of_formats()
    for number, case in once.items():
        assert make_case(number, again).content == case.content
    assert len({case.content for case in once.values()}) > 180
    mishaps = {mishap for case in once.values() for mishap in case.mishaps}
    assert mishaps >= {"other_cells", "cut_off", "shuffled_lines", "lost_column", "with_zstd"}


# --- it can fail: faults of the pipeline that it must find ----------------------------------------

Patch = pytest.MonkeyPatch
#: Cases of the formats, which stay the same when a source comes with a new sample.
FAULTY = range(20)


def lose_the_last_record(patch: Patch) -> None:
    read = ingestion.load.read_table

    def lossy(*arguments: Any) -> Iterator[Chunk]:
        for chunk in read(*arguments):
            yield replace(chunk, rows=chunk.rows.head(max(chunk.rows.height - 1, 0)))

    patch.setattr(ingestion.load, "read_table", lossy)


def count_a_record_and_forget_it(patch: Patch) -> None:
    accepted = ingestion.load._append_feed

    def forgetful(con: Any, delivery: Any, feed: str, rows: pl.DataFrame, events: Any) -> None:
        accepted(con, delivery, feed, rows.head(max(rows.height - 1, 0)), events)

    patch.setattr(ingestion.load, "_append_feed", forgetful)


def check_no_rule(patch: Patch) -> None:
    patch.setattr("ingestion.conform._broken_rules", lambda *_: _no_faults())


def put_aside_without_the_line(patch: Patch) -> None:
    append = ingestion.load.append

    def vague(con: Any, table: str, rows: pl.DataFrame) -> None:
        if table == "quarantine":
            rows = rows.with_columns(raw_line=pl.lit("somewhere"))
        append(con, table, rows)

    patch.setattr(ingestion.load, "append", vague)


def fail_over_some_bytes(patch: Patch) -> None:
    read = ingestion.load.read_table

    def brittle(path: Path, *arguments: Any) -> Iterator[Chunk]:
        if b'"' in path.read_bytes():
            raise MemoryError("a quote")
        yield from read(path, *arguments)

    patch.setattr(ingestion.load, "read_table", brittle)


def take_one_file_for_all(patch: Patch) -> None:
    patch.setattr(ingestion.load, "_in_one_transaction", lambda con, file, route, content_hash: [])


def take_too_long(patch: Patch) -> None:
    patch.setattr("tests.fuzz.cases.MAX_CPU_S", 0.001)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lose_the_last_record, "but it holds"),
        (count_a_record_and_forget_it, "accepted, but the feeds have"),
        (check_no_rule, "breaks"),
        (put_aside_without_the_line, "shows 'somewhere'"),
        (fail_over_some_bytes, "the reader failed"),
        (take_one_file_for_all, "nobody told"),
        (take_too_long, " s for "),
    ],
)
def test_a_fault_of_the_pipeline_is_found(
    tmp_path: Path,
    monkeypatch: Patch,
    clean: list[Sample],
    fault: Callable[[Patch], None],
    words: str,
) -> None:
    report = Report()
    fault(monkeypatch)
    run(FAULTY, clean, tmp_path, report)
    told = [problem for problem in report.problems if words in problem]
    assert told, report.problems
    assert told[0].startswith("case")


def test_files_that_change_what_becomes_of_others_are_found(
    tmp_path: Path, monkeypatch: Patch, clean: list[Sample]
) -> None:
    seen: list[str] = []
    conform = ingestion.load.conform

    def with_memory(rows: pl.DataFrame, table: Any, ctx: Any) -> Any:
        result = conform(rows, table, ctx)
        # As a cache would that outlives its file.
        if len(seen) > 5:
            result.accepted = [frame.clear() for frame in result.accepted]
        seen.append(ctx.plant.plant_id)
        return result

    monkeypatch.setattr(ingestion.load, "conform", with_memory)
    report = Report()
    run(FAULTY, clean, tmp_path, report)
    assert any("other files changed" in problem for problem in report.problems)


def test_the_command_says_so(
    monkeypatch: Patch, capsys: pytest.CaptureFixture[str], tmp_path: Path, clean: list[Sample]
) -> None:
    monkeypatch.chdir(tmp_path)
    lose_the_last_record(monkeypatch)
    monkeypatch.setattr(command, "samples", lambda: clean)
    monkeypatch.setattr(sys, "argv", ["fuzz", "--case", "4"])
    assert command.main() == 1
    said = capsys.readouterr().out
    assert "case 4: " in said and "but it holds" in said
    (written,) = tmp_path.glob("case4-*")
    assert written.read_bytes() == make_case(4, clean).content
