"""Files nobody foresaw: each is reported, none stops the others or the next night."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from landing import PLANTS, RUN_COLUMNS, Landing, new_landing, run_line, runs_file

import ingestion.load

LAST = "vlc/mapex/his_prod_20260399_zzz.csv"
WITH_BOOK = (
    PLANTS
    + """
[[plants.vlc.sources]]
source = "maven_bottling_line"
folder = "book"
"""
)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """A plant whose last file in the order of loading is good."""
    landing = new_landing(tmp_path, WITH_BOOK)
    landing.put(
        "vlc/sap_mm/MARA_20260301_020000.txt", b"MATNR\tMAKTX\tMTART\tMEINS\r\nA\tB\tROH\tST\r\n"
    )
    return landing


def assert_the_others_loaded(landing: Landing) -> None:
    assert landing.rows("select item_id from raw.items") == [{"item_id": "A"}]
    for row in landing.rows("select * from raw.deliveries"):
        parts = row["accepted_rows"] + row["quarantined_rows"] + row["duplicate_rows"]
        assert row["delivered_rows"] == parts, row["file_path"]


def test_inch_marks_are_text(landing: Landing) -> None:
    outcome = landing.one(
        "vlc/mapex/his_prod_20260311_020000.csv",
        runs_file(
            run_line(Observaciones='tubo 5" y 6"'),
            run_line(Id_his_prod="2", Observaciones='p"q'),
            run_line(Id_his_prod="3", Observaciones='"citado; ""bien"""'),
            run_line(Id_his_prod="4", Observaciones='r"s'),
            run_line(Id_his_prod="5", Unidades_ok="malo"),
        ),
    )
    assert (outcome.accepted_rows, outcome.rules) == (4, {"not_a_number": 1})
    assert landing.rows("select line_no from raw.quarantine") == [{"line_no": 6}]


def test_a_quote_that_is_a_riddle_costs_its_own_line(landing: Landing) -> None:
    outcome = landing.one(
        "vlc/mapex/his_prod_20260311_020000.csv",
        runs_file(
            run_line(Id_his_fase='"7"', Observaciones='x"1;2"y'.replace(";", ",")),
            run_line(Id_his_prod="2"),
        ),
    )
    assert outcome.accepted_rows == 1
    assert outcome.rules == {"stray_quote": 1}


@pytest.mark.parametrize("cell", ['"uno"dos', '"uno" ', '"uno""dos"tres', '"uno\r\ndos"tres'])
def test_text_behind_a_closing_quote_costs_its_own_line(landing: Landing, cell: str) -> None:
    outcome = landing.one(
        "vlc/mapex/his_prod_20260311_020000.csv",
        runs_file(run_line(Observaciones=cell), run_line(Id_his_prod="2", Observaciones='""')),
    )
    assert outcome.accepted_rows == 1
    assert outcome.rules == {"stray_quote": 1}


def test_a_header_with_an_open_quote_keeps_its_other_names(landing: Landing) -> None:
    header = ";".join(RUN_COLUMNS).replace("Observaciones", '"Observaciones')
    outcome = landing.one(
        "vlc/mapex/his_prod_20260311_020000.csv", runs_file(run_line(), header=header)
    )
    assert (outcome.status, outcome.accepted_rows) == ("accepted", 1)
    outcome = landing.one(
        "vlc/mapex/his_prod_20260312_020000.csv",
        runs_file(run_line(), header=header.replace("Unidades_ok", '"Unidades_ok')),
    )
    assert (outcome.delivered_rows, list(outcome.rules)) == (1, ["missing_column"])


@pytest.mark.parametrize("required_last", [True, False])
def test_lines_that_end_with_a_carriage_return_alone(landing: Landing, required_last: bool) -> None:
    columns = list(RUN_COLUMNS[:-1]) if required_last else list(RUN_COLUMNS)
    lines = [run_line(), run_line(Id_his_prod="2")]
    rows = [";".join(line.split(";")[: len(columns)]) for line in lines]
    content = "\r".join([";".join(columns), *rows, ""]).encode()
    outcome = landing.one("vlc/mapex/his_prod_20260311_020000.csv", content)
    assert (outcome.delivered_rows, outcome.accepted_rows) == (2, 2)


def test_a_very_long_line(landing: Landing) -> None:
    outcome = landing.one(
        "vlc/mapex/his_prod_20260311_020000.csv",
        runs_file(run_line(Observaciones="x" * 10_000_000), run_line(Id_his_prod="2")),
    )
    assert (outcome.accepted_rows, outcome.rules) == (1, {"line_too_long": 1})
    (entry,) = landing.rows("select length(raw_line) as n from raw.quarantine")
    assert entry["n"] == 10_000


def test_nul_bytes(landing: Landing) -> None:
    content = runs_file(run_line(), run_line(Id_his_prod="2\0"), run_line(Id_his_prod="3"))
    outcome = landing.one("vlc/mapex/his_prod_20260311_020000.csv", content)
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (2, 1)


def test_a_name_that_is_no_utf8(landing: Landing) -> None:
    folder = os.fsencode(landing.settings.landing_dir / "vlc" / "mapex")
    Path(os.fsdecode(folder)).mkdir(parents=True)
    with open(folder + b"/his_prod_20260311_020000_\xe9.csv", "wb") as file:  # noqa: PTH123
        file.write(runs_file(run_line()))
    landing.ingest()
    assert landing.rows("select file_path from raw.deliveries where source = 'mapex'") == [
        {"file_path": r"vlc/mapex/his_prod_20260311_020000_\xe9.csv"}
    ]
    assert_the_others_loaded(landing)


@pytest.mark.parametrize("seconds", [999_999_999_999, -1, 60])
def test_clocks_gone_wrong(landing: Landing, seconds: int) -> None:
    path = landing.put(
        "vlc/mapex/cfg_turno_x.csv", b"Id_turno;Cod_turno;Ini_turno;Fin_turno\r\n1;M;a;b\r\n"
    )
    os.utime(path, (seconds, seconds))
    landing.ingest()
    assert_the_others_loaded(landing)
    assert landing.ingest().files == []


@pytest.mark.parametrize("stamp", ["20620404_020000", "99991231_235959"])
def test_an_extraction_in_the_future_is_refused(landing: Landing, stamp: str) -> None:
    outcome = landing.one(f"vlc/mapex/his_prod_{stamp}.csv", runs_file(run_line()))
    assert outcome.status == "rejected"
    assert "rename the file" in outcome.message
    assert landing.rows("select 1 from raw.deliveries where watermark_at > now()::timestamp") == []
    assert_the_others_loaded(landing)


def test_what_breaks_the_reader_is_rejected_and_the_others_load(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        """As polars raises where its core fails."""

    def panic(*_: object) -> None:
        raise Panic("the core gave up")

    bad = "vlc/mapex/his_prod_20260311_020000.csv"
    monkeypatch.setattr(ingestion.load, "read_table", panic)
    landing.put(bad, runs_file(run_line()))
    outcomes = {outcome.path: outcome for outcome in landing.ingest().files}
    assert list(outcomes[bad].rules) == ["could_not_be_read"]
    assert "Panic: the core gave up" in outcomes[bad].message
    monkeypatch.undo()
    assert landing.ingest().files == []


def sheet(cells: str) -> bytes:
    """A workbook with one sheet of these cells."""
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/'
        'package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.'
        'openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        "</Types>",
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
        'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Products" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        'package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.'
        'org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/'
        f'spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def zipped(book: bytes, name: str = "book.xlsx") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, book)
    return buffer.getvalue()


BOOK_NAME = "vlc/book/Manufacturing_Downtime.zip"


def test_a_workbook_with_cells_in_far_corners_is_refused(landing: Landing) -> None:
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    landing.put(BOOK_NAME, zipped(sheet(far)))
    outcomes = [outcome for outcome in landing.ingest().files if outcome.path.startswith(BOOK_NAME)]
    assert {rule for outcome in outcomes for rule in outcome.rules} == {"file_too_large"}
    assert "spans 1,048,576 rows by 16,384 columns" in outcomes[0].message
    assert_the_others_loaded(landing)


def test_a_workbook_that_unpacks_into_too_much_is_refused(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.readers.workbook_span.MAX_BOOK_BYTES", 10_000)
    landing.put(BOOK_NAME, zipped(sheet("<row/>" * 10_000)))
    outcomes = [outcome for outcome in landing.ingest().files if outcome.path.startswith(BOOK_NAME)]
    assert {rule for outcome in outcomes for rule in outcome.rules} == {"file_too_large"}


def test_members_of_an_archive_are_never_paths(landing: Landing, tmp_path: Path) -> None:
    landing.put(BOOK_NAME, zipped(sheet("<row/>"), "../../../escaped.xlsx"))
    landing.ingest()
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith("escaped")]
    assert_the_others_loaded(landing)


def test_a_landing_that_is_gone_is_no_quiet_night(landing: Landing) -> None:
    landing.ingest()
    (landing.settings.landing_dir).rename(landing.settings.data_dir / "unmounted")
    (left,) = landing.ingest().left
    assert "cannot be listed" in left.message
    assert "mounted" in left.message


INJECTION = 'x"); drop table raw.deliveries; --'


def test_names_that_are_statements_are_names(landing: Landing) -> None:
    quoted = '"' + INJECTION.replace('"', '""') + '"'
    header = ";".join(RUN_COLUMNS).replace("Observaciones", quoted)
    name = f"his_prod_20260311_020000 {INJECTION}.csv"
    rows = runs_file(
        run_line(Observaciones=quoted),
        run_line(Id_his_prod=INJECTION.replace(";", "").replace('"', "'")),
        run_line(Id_his_prod="3", Unidades_ok="') or drop schema raw --"),
        header=header,
    )
    outcome = landing.one(f"vlc/mapex/{name}", rows)
    assert (outcome.accepted_rows, outcome.rules) == (2, {"not_a_number": 1})
    landing.put(f"{INJECTION}/x/{name}", rows)
    landing.ingest()
    assert landing.rows("select file_path from raw.deliveries where source = 'mapex'") == [
        {"file_path": f"vlc/mapex/{name}"}
    ]
    assert landing.rows("select run_id from raw.production_counts order by line_no") == [
        {"run_id": "1"},
        {"run_id": "x') drop table raw.deliveries --"},
    ]


@pytest.mark.parametrize(
    "name", ["..", "...csv", "..\\..\\x.csv", "%2e%2e%2fx.csv", "a\nb.csv", "\x1b[2J.csv", "~.csv"]
)
def test_names_that_look_like_paths_stay_names(landing: Landing, name: str) -> None:
    name = f"his_prod_20260311_020000_{name}.csv"
    outcome = landing.one(f"vlc/mapex/{name}", runs_file(run_line()))
    assert (outcome.path, outcome.accepted_rows) == (f"vlc/mapex/{name}", 1)
    assert_the_others_loaded(landing)
