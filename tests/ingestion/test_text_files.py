"""Text exports of any encoding and line end, read in blocks: nothing depends on where one ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from landing import exported, of

from ingestion.dialects import Delimited
from ingestion.errors import FileRejected
from ingestion.readers import physical_rows, read_table
from ingestion.readers.records import MAX_LINE_CHARS

TEXT = "máquina;pieza\n1;ñu\n2;€uro\n"
ROWS = [(2, "1", "ñu"), (3, "2", "€uro")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-16-le", "utf-16"),
        ("cp1252", "cp1252"),
        ("iso8859-15", "iso8859-15"),
    ],
)
@pytest.mark.parametrize("block", [7, 16 * 1024**2])
def test_every_encoding_and_line_end(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
    declared: str,
    written: str,
    block: int,
) -> None:
    if end == "\r" and block == 7 and not written.startswith("utf-16"):
        block = 16  # the header must end in the first block to show how lines end
    monkeypatch.setattr("ingestion.readers.lines.BLOCK_BYTES", block)
    table = of(Delimited(encoding=declared, delimiter=";"), "máquina", "pieza")
    rows, faults = exported(tmp_path / "f.csv", TEXT.replace("\n", end).encode(written), table)
    assert rows.rows() == ROWS
    assert faults.is_empty()


@pytest.mark.parametrize(
    ("declared", "content", "message", "line_no"),
    [
        ("utf-8", TEXT.encode("cp1252"), "not utf-8", 1),
        ("utf-8", b"a;b\n1;2\n3;\xe9\n", "not utf-8", 3),
        ("cp1252", b"a;b\n1;2\n" + "3;é\n".encode(), "the file is UTF-8", 3),
        ("cp1252", TEXT.encode("utf-8-sig"), "the file is UTF-8", 1),
        ("cp1252", b"a;b\n1;\x81\n", "not cp1252", 2),
        ("utf-8", TEXT.encode("utf-16"), "starts as utf-16-le", 1),
        ("cp1252", TEXT.encode("utf-16-be"), "starts as utf-16-be", 1),
        ("utf-16", TEXT.encode("utf-16-le"), "looks like utf-16-le", 1),
        ("utf-16-be", TEXT.encode("utf-16"), "starts as utf-16-le", 1),
        ("utf-8", TEXT.encode()[:-6], "not utf-8", 3),
    ],
)
@pytest.mark.parametrize("block", [5, 16 * 1024**2])
def test_bytes_that_contradict_the_declared_encoding(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    declared: str,
    content: bytes,
    message: str,
    line_no: int,
    block: int,
) -> None:
    if "utf-16" in message and block < 16:
        block = 64
    monkeypatch.setattr("ingestion.readers.lines.BLOCK_BYTES", block)
    table = of(Delimited(encoding=declared, delimiter=";"))
    with pytest.raises(FileRejected, match=message) as error:
        exported(tmp_path / "f.csv", content, table)
    assert (error.value.rule, error.value.line_no) == ("wrong_encoding", line_no)


def test_records_do_not_depend_on_where_a_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["id;text;qty"]
    for n in range(60):
        text = ("plain", '"one; two"', '"over\r\ntwo lines"', '"says ""no"""', '5" pipe')[n % 5]
        lines.append(f"{n};{text};{n * n}")
    lines[30] = "too;few"
    content = ("\r\n".join(lines) + "\r\n").encode()
    table = of(Delimited(delimiter=";"), "id", "text", "qty")
    whole, whole_faults = exported(tmp_path / "f.csv", content, table)
    assert (whole.height, whole_faults.height) == (59, 1)
    for block in (16, 100, 333):
        monkeypatch.setattr("ingestion.readers.lines.BLOCK_BYTES", block)
        rows, faults = exported(tmp_path / "f.csv", content, table)
        assert rows.equals(whole)
        assert faults.equals(whole_faults)


def test_what_stands_around_the_records_is_no_record(tmp_path: Path) -> None:
    content = b'sep=;\r\n\r\n"a\r\nb";c\r\n1;2\r\n\r\n3;4\r\n\x1a'
    rows, faults = exported(
        tmp_path / "f.csv", content, of(Delimited(delimiter=";", final_newline=True), "a b", "c")
    )
    assert rows.rows() == [(5, "1", "2"), (7, "3", "4")]
    assert faults.is_empty()


def test_a_name_that_stands_twice_is_addressed_by_its_position(tmp_path: Path) -> None:
    content = b"Menge;Einheit;Menge;\n1;ST;2;x\n"
    table = of(Delimited(delimiter=";"), "Einheit", "Menge__3", "column__4")
    rows, _ = exported(tmp_path / "f.csv", content, table)
    assert rows.to_dicts() == [
        {"line_no": 2, "Menge": "1", "Einheit": "ST", "Menge__3": "2", "column__4": "x"}
    ]
    with pytest.raises(FileRejected, match="declare Menge__3 for the one at place 3"):
        exported(tmp_path / "f.csv", content, of(Delimited(delimiter=";"), "Menge"))


def test_a_line_without_end_costs_no_memory_and_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.readers.lines.BLOCK_BYTES", 100_000)
    long = b'"' + b"x" * (3 * MAX_LINE_CHARS)
    content = b"a;b\n1;2\n" + long + b"\n3;4\n"
    path = tmp_path / "f.csv"
    rows, faults = exported(path, content, of(Delimited(delimiter=";"), "a", "b"))
    assert rows["a"].to_list() == ["1", "3"]
    assert faults.select("line_no", "rule").rows() == [(3, "line_too_long")]
    assert faults["raw_line"].str.len_chars().item() <= MAX_LINE_CHARS + 200_000


PEAK = """
import resource, sys
from pathlib import Path
import polars as pl
import ingestion.readers.lines as lines
from ingestion.readers import physical_rows, read_table
from ingestion.source import Delimited, Table

lines.BLOCK_BYTES = 1024**2
table = Table(name="t", pattern="*", dialect=Delimited(), columns=("a",), feeds=())
rows = sum(chunk.rows.height for chunk in read_table(Path(sys.argv[1]), table))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_mib(path: Path, rows: int) -> int:
    """Peak memory of a process that reads this export."""
    run = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    read, peak = run.stdout.split()
    assert int(read) == rows
    return int(peak)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for rows in (20_000, 400_000):
        path = tmp_path / f"{rows}.csv"
        frame = pl.DataFrame({"a": pl.int_range(rows, eager=True)}).with_columns(
            b=pl.lit("x" * 40), c=pl.col("a") * 7
        )
        frame.write_csv(path)
        peaks.append(peak_mib(path, rows))
    assert path.stat().st_size > 20_000_000
    # Read whole, the file and its lines alone would take more.
    assert peaks[1] - peaks[0] < 40


def test_a_file_that_is_gone_while_it_is_read_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_table(tmp_path / "gone.csv", of(Delimited())))


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a;b\n1;2\n", 1),
        (b"a;b\n1;2\n3", 2),
        (b"a;b\n1;2\n\0\0 \r", 1),
        # What begins in one block and ends in zeros a block later is a line, too.
        (b"a;b\n1;2\n3" + b"\0" * 1024**2, 2),
        (b"a;b\r1;2\r3", 2),
        (b"", 0),
    ],
)
def test_lines_of_a_file_that_is_rejected_as_a_whole(
    tmp_path: Path, content: bytes, rows: int
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    assert physical_rows(path, of(Delimited(delimiter=";"), "c")) == rows


def test_a_blank_line_in_a_quoted_field_of_a_short_file_stays(tmp_path: Path) -> None:
    table = of(Delimited(delimiter=";"), "a", "b c")
    content = b'\n \na;"b\n\nc"\n1;"x\n\ny"\n\n2;z\n'
    rows, faults = exported(tmp_path / "f.csv", content, table)
    assert rows.rows() == [(6, "1", "x\n\ny"), (10, "2", "z")]
    assert faults.is_empty()
