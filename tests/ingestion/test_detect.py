"""The verdict on what a file looks like: recorded, said where it matters, never followed."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing import Landing, exported, new_landing, of, run_line, runs_file

from ingestion.detect import Verdict, detect
from ingestion.dialects import Delimited, Dialect, Json, JsonLines, Parquet, Workbook, Xml

SPANISH = "Id;Fecha;Piezas;Importe\r\n1;10/03/2026 06:00:00;5;1.234,50\r\n2;11/03/2026;7;12,5\r\n"
ACCENTS = SPANISH.replace("Id", "Número")
WORKBOOK = Workbook(sheet="s", prepare=lambda sheets: sheets["s"])
CODE_PAGE = Delimited(delimiter=";", encoding="cp1252")
LIST = "10.03.2026  List\n-----\n|Mat |Menge|\n|----|-----|\n|A   |1,50-|\n|B   |2,00 |\n"


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (SPANISH.encode("cp1252"), Verdict("text", "ascii", "CRLF", ";", ",", 1)),
        (ACCENTS.encode("cp1252"), Verdict("text", "cp1252", "CRLF", ";", ",", 1)),
        (ACCENTS.encode(), Verdict("text", "utf-8", "CRLF", ";", ",", 1)),
        (SPANISH.encode("utf-16"), Verdict("text", "utf-16-le", "CRLF", ";", ",", 1)),
        (SPANISH.encode("utf-16-be"), Verdict("text", "utf-16-be", "CRLF", ";", ",", 1)),
        (gzip.compress(SPANISH.encode(), mtime=0), Verdict("text", "ascii", "CRLF", ";", ",", 1)),
        (b"a\tb\r1\t2.5\r", Verdict("text", "ascii", "CR", "\t", ".", 1)),
        (b'a,b\n"x, y; z",1.25\n"1,5",3\n', Verdict("text", "ascii", "LF", ",", None, 1)),
        # Three digits behind a mark can be either.
        (b"a;b\n1.234;5,678\n", Verdict("text", "ascii", "LF", ";", None, 1)),
        (b"1;2026-03-10\n2;2026-03-11\n", Verdict("text", "ascii", "LF", ";", None, 0)),
        (b"Report\nof today\n\na;b\n1;2\n3;4\n", Verdict("text", "ascii", "LF", ";", None, 4)),
        (LIST.encode(), Verdict("text", "ascii", "LF", "|", ",", 3, is_drawn=True)),
        (b"only one column\n1\n2\n", Verdict("text", "ascii", "LF")),
        (b"", Verdict("text", "ascii")),
        (b'{"a": [\n{"b": 1}\n]}', Verdict("json", "ascii", "LF")),
        (b'[{"b": 1}]', Verdict("json", "ascii")),
        (b'{"b": 1}\n{"b": 2}\n', Verdict("json lines", "ascii", "LF")),
        (b'\xef\xbb\xbf<?xml version="1.0"?><r/>', Verdict("xml", "utf-8")),
        (parquet(), Verdict("parquet")),
    ],
)
def test_verdicts(tmp_path: Path, content: bytes, verdict: Verdict) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    assert detect(path, of(Delimited())) == verdict


@pytest.mark.parametrize(
    ("content", "declared", "contradiction"),
    [
        (SPANISH, Delimited(delimiter=";", decimal=",", encoding="cp1252"), []),
        (SPANISH, Delimited(delimiter=";"), ["declared decimal mark '.', looks like ','"]),
        (
            SPANISH,
            Delimited(delimiter=",", decimal=","),
            ["declared delimiter ',', looks like ';'"],
        ),
        (SPANISH, Json(), ["declared json, looks like text"]),
        (
            "Informe\n" + SPANISH,
            Delimited(delimiter=";", decimal=","),
            ["declared header line 1, looks like 2"],
        ),
        ("Informe\n" + SPANISH, Delimited(delimiter=";", decimal=",", title_lines=1), []),
        (
            "Machine: 1\n" + SPANISH,
            Delimited(delimiter=";", decimal=",", sections={"Machine": r"Machine: (\d+)"}),
            [],
        ),
        (LIST, Delimited(delimiter="|", quote=None, drawn=True, decimal=","), []),
        ("é;b\n1;2\n", CODE_PAGE, ["declared cp1252, looks like utf-8"]),
        ("a;b\n1;2\n", Delimited(delimiter=";", encoding="cp850"), []),
        ("<r/>", Xml(record="r"), []),
        ('{"a": 1}\n{"a": 2}\n', JsonLines(), []),
        ("x", Parquet(), ["declared parquet, looks like text"]),
        ("x", WORKBOOK, ["declared workbook, looks like text"]),
    ],
)
def test_contradictions(
    tmp_path: Path, content: str, declared: Dialect, contradiction: list[str]
) -> None:
    path = tmp_path / "f"
    path.write_bytes(content.encode())
    assert detect(path, of(declared)).contradicts(declared) == contradiction


@pytest.mark.parametrize("content", [SPANISH, LIST, "Report\n\na\tb\n1\t2.5\n"])
def test_the_proposed_dialect_reads_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(content.encode("utf-16"))
    proposed = detect(path, of(Delimited())).dialect()
    assert proposed is not None
    rows, _ = exported(path, path.read_bytes(), of(proposed))
    assert rows.height >= 1
    assert rows.width > 2


BAD = "vlc/mapex/his_prod_20260311_020000.csv"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return new_landing(tmp_path)


def test_a_declaration_wins_and_the_delivery_says_what_was_seen(landing: Landing) -> None:
    odd = runs_file(*[run_line(Id_his_prod=str(n), SegCicloNominal="12.75") for n in range(5)])
    outcome = landing.one(BAD, odd)
    assert outcome.rules == {"not_a_number": 5}
    (row,) = landing.rows("select detected, contradiction from raw.deliveries")
    assert row == {
        "detected": "text, ascii, CRLF, delimiter ';', decimal mark '.', header in line 1",
        "contradiction": "declared decimal mark ',', looks like '.'",
    }


def test_a_rejection_says_what_the_file_looks_like(landing: Landing) -> None:
    outcome = landing.one(BAD, runs_file(run_line()).replace(b";", b"\t"))
    assert list(outcome.rules) == ["missing_column"]
    assert outcome.message.startswith("fields are separated by '\\t', declared is ';': column ")
    assert "(declared delimiter ';', looks like '\\t')" in outcome.message
    (entry,) = landing.rows("select message from raw.quarantine")
    assert entry["message"] == outcome.message


def test_what_is_as_declared_contradicts_nothing(landing: Landing) -> None:
    landing.one(BAD, runs_file(run_line(Observaciones="avería")))
    (row,) = landing.rows("select contradiction from raw.deliveries")
    assert row == {"contradiction": None}
