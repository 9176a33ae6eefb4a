"""Workbooks: headers of two rows, merged cells, and those that would take all memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest
from binary_workbook import row, sheet, xlsb
from landing import exported, of
from test_hostile_files import sheet as xlsx

from ingestion.dialects import Workbook
from ingestion.errors import FileRejected
from ingestion.readers import headed
from ingestion.readers.workbook_span import ods_spans, xlsb_span, xlsx_span

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def ods(**sheets: str) -> bytes:
    """An OpenDocument workbook of sheets with these rows."""
    tables = "".join(
        f'<table:table table:name="{name}">{rows}</table:table>' for name, rows in sheets.items()
    )
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{OFFICE}:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        "</manifest:manifest>",
        "content.xml": f'<office:document-content xmlns:office="{OFFICE}:office:1.0" '
        f'xmlns:table="{OFFICE}:table:1.0" xmlns:text="{OFFICE}:text:1.0">'
        "<office:body><office:spreadsheet>"
        f"{tables}</office:spreadsheet></office:body></office:document-content>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def ods_row(*cells: str, repeated: int = 1, wide: int = 1) -> str:
    written = "".join(
        f'<table:table-cell table:number-columns-repeated="{wide}" office:value-type="string">'
        f"<text:p>{cell}</text:p></table:table-cell>"
        if cell
        else "<table:table-cell/>"
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{written}</table:table-row>'


def xlsx_rows(*rows: tuple[str, ...]) -> str:
    return "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{chr(65 + place)}{n}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for place, cell in enumerate(row)
            if cell
        )
        + "</row>"
        for n, row in enumerate(rows, 1)
    )


ROWS = (
    ("Stops of March", "", "", "", ""),
    ("Machine", "Date", "Minutes", "", "Note"),
    ("", "", "Setup", "Fault", ""),
    ("M1", "2026-03-10", "5", "7,5", "a"),
    ("", "2026-03-11", "", "2", ""),
    ("", "", "", "", ""),
    ("M2", "2026-03-10", "1", "", "b"),
)


def matrix(name: str) -> Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame]:
    """One row per machine and day; the machine stands in a cell merged over its days."""
    return lambda sheets: headed(sheets[name], 1, header_rows=2).with_columns(
        pl.col("Machine").forward_fill()
    )


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xlsb"])
def test_merged_headers_of_two_rows(tmp_path: Path, kind: str) -> None:
    books = {
        "xlsx": xlsx(xlsx_rows(*ROWS)),
        "ods": ods(Other=ods_row("x"), Products="".join(ods_row(*cells) for cells in ROWS)),
        "xlsb": xlsb(
            "Products", sheet(b"".join(row(n, cells) for n, cells in enumerate(ROWS)), 7, 5)
        ),
    }
    table = of(Workbook(sheet="Products", prepare=matrix("Products")), "Machine", "Minutes Fault")
    rows, _ = exported(tmp_path / f"f.{kind}", books[kind], table)
    assert rows.columns == [
        "line_no",
        "Machine",
        "Date",
        "Minutes Setup",
        "Minutes Fault",
        "Note",
    ]
    assert rows.rows() == [
        (4, "M1", "2026-03-10", "5", "7,5", "a"),
        (5, "M1", "2026-03-11", None, "2", None),
        (7, "M2", "2026-03-10", "1", None, "b"),
    ]


def test_a_name_that_stands_twice_in_a_sheet(tmp_path: Path) -> None:
    book = xlsx(xlsx_rows(("id", "qty", "qty"), ("A", "1", "2")))
    table = of(
        Workbook(sheet="Products", prepare=lambda sheets: headed(sheets["Products"])), "qty__3"
    )
    rows, _ = exported(tmp_path / "f.xlsx", book, table)
    assert rows.rows() == [(2, "A", "1", "2")]


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    table = of(Workbook(sheet="Sheet1", prepare=matrix("Sheet1")))
    with pytest.raises(FileRejected, match=r"no sheet 'Sheet1' in the workbook \(Products\)"):
        exported(tmp_path / "f.xlsx", xlsx(xlsx_rows(*ROWS)), table)


FAR_XLSX = (
    '<row r="1"><c s="1" r="A1"/></row><row r="2"><c\nt="s" r=\'XFD1048576\'><v>1</v></c></row>'
)


#: The last cell of a binary sheet.
FAR_XLSB = row(1_048_575, [*[""] * 16_383, 1.0])


def test_a_number_of_a_binary_sheet_keeps_its_digits(tmp_path: Path) -> None:
    rows = row(0, ("id", "qty")) + row(1, ("A", 1.5)) + row(2, ("B", 1200.0))
    table = of(Workbook(sheet="S", prepare=lambda sheets: headed(sheets["S"])), "qty")
    found, _ = exported(tmp_path / "f.xlsb", xlsb("S", sheet(rows, 3, 2)), table)
    assert found.rows() == [(2, "A", "1.5"), (3, "B", "1200")]


def test_spans() -> None:
    assert xlsx_span(io.BytesIO(FAR_XLSX.encode())) == (1_048_576, 16_384)
    assert xlsb_span(sheet(FAR_XLSB, 1, 1)) == (1_048_576, 16_384)
    book = ods(
        # Blank cells up to the end of the sheet, as programs write them, span nothing.
        A=ods_row("a", "b") + ods_row("", repeated=1_048_570),
        B=ods_row("a", repeated=9, wide=8),
    )
    with zipfile.ZipFile(io.BytesIO(book)) as archive, archive.open("content.xml") as content:
        assert list(ods_spans(content)) == [(1, 2), (9, 8)]


@pytest.mark.parametrize(
    "book",
    [
        xlsx(FAR_XLSX),
        ods(Products=ods_row("a", repeated=1_048_576, wide=16_384)),
        xlsb("Products", sheet(row(0, ["a"]) + FAR_XLSB, 1, 1)),
    ],
    ids=["xlsx", "ods", "xlsb"],
)
def test_workbooks_that_would_take_all_memory_are_refused(tmp_path: Path, book: bytes) -> None:
    table = of(Workbook(sheet="Products", prepare=lambda sheets: sheets["Products"]))
    with pytest.raises(FileRejected, match="spans 1,048,576 rows by 16,384 columns") as error:
        exported(tmp_path / "f", book, table)
    assert error.value.rule == "file_too_large"
    assert len(book) < 5_000
