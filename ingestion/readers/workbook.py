"""Sheets of workbooks (xlsx, xls, xlsb, ods): every cell as text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import reduce
from typing import TYPE_CHECKING

import polars as pl

from ingestion.errors import FileRejected
from ingestion.readers.records import Chunk, faults_frame
from ingestion.rules import RULES
from ingestion.source import Table, Workbook

if TYPE_CHECKING:
    from fastexcel import ExcelReader

#: A workbook unpacks to at most this much, and a sheet spans at most so many cells.
MAX_BOOK_BYTES = 512 * 1024**2
MAX_CELLS = 20_000_000


class Sheets(Mapping[str, pl.DataFrame]):
    """The sheets of a workbook as text, each read when it is asked for."""

    def __init__(self, book: ExcelReader) -> None:
        self.book = book

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Columns c0, c1, ... and line_no."""
        try:
            sheet = self.book.load_sheet(
                name, header_row=None, dtypes="string", whitespace_as_null=True
            ).to_polars()
        except Exception as error:  # calamine's errors have no common base
            raise FileRejected("unreadable_file", f"sheet {name!r}: {error}") from error
        return sheet.rename(
            {column: f"c{place}" for place, column in enumerate(sheet.columns)}
        ).with_columns(line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))

    def __iter__(self) -> Iterator[str]:
        return iter(self.book.sheet_names)

    def __len__(self) -> int:
        return len(self.book.sheet_names)


def headed(sheet: pl.DataFrame, header_row: int = 0) -> pl.DataFrame:
    """A sheet's rows below its header row, named by it, without unnamed columns and blank rows."""
    texts = [name for name in sheet.columns if name != "line_no"]
    given = sheet.select(texts).row(header_row)
    names = {
        column: name.strip()
        for column, name in zip(texts, given, strict=True)
        if name and name.strip()
    }
    return (
        sheet.slice(header_row + 1)
        .select("line_no", *names)
        .filter(pl.any_horizontal(pl.col(list(names)).is_not_null()))
        .rename(names)
    )


def refuse_bomb(book: bytes) -> None:
    """Refuse a workbook that would unpack into more than it may; calamine cannot be stopped.

    A sheet is read as a full rectangle, so two cells in opposite corners are enough to ask for
    all memory there is.
    """
    if not zipfile.is_zipfile(io.BytesIO(book)):
        return
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_BOOK_BYTES:
            raise FileRejected("file_too_large", RULES["file_too_large"])
        for member in members:
            if fnmatch(member.filename, "xl/worksheets/*.xml"):
                with archive.open(member) as stream:
                    xml = stream.read(MAX_BOOK_BYTES)
                refs = re.findall(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"', xml)
                rows = max((int(row) for _, row in refs), default=0)
                columns = max((_column_number(letters) for letters, _ in refs), default=0)
                if rows * columns > MAX_CELLS:
                    raise FileRejected(
                        "file_too_large",
                        f"sheet {member.filename} spans {rows:,} rows by {columns:,} columns: "
                        "delete the stray cells at its end and save it again",
                    )


def _column_number(letters: bytes) -> int:
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def read_workbook(book_bytes: bytes, table: Table, dialect: Workbook) -> Chunk:
    """The rows of one sheet, as its `prepare` shapes them; every cell as text."""
    import fastexcel

    try:
        refuse_bomb(book_bytes)
        book = fastexcel.read_excel(book_bytes)
    except FileRejected:
        raise
    except Exception as error:  # calamine's errors have no common base
        raise FileRejected("unreadable_file", f"not a readable workbook: {error}") from error
    if dialect.sheet not in book.sheet_names:
        raise FileRejected(
            "missing_column",
            f"no sheet {dialect.sheet!r} in the workbook ({', '.join(book.sheet_names)})",
        )
    try:
        rows = dialect.prepare(Sheets(book))
    except (pl.exceptions.PolarsError, KeyError, IndexError) as error:
        raise FileRejected(
            "missing_column", f"sheet {dialect.sheet!r} is not laid out as declared: {error}"
        ) from error
    missing = [column for column in table.columns if column not in rows.columns]
    if missing:
        raise FileRejected(
            "missing_column",
            f"column {missing[0]!r} is not in sheet {dialect.sheet!r}",
            column=missing[0],
        )
    texts = [name for name in rows.columns if name != "line_no"]
    raw = pl.concat_str([pl.col(name).fill_null("") for name in texts], separator="\t")
    return Chunk(
        rows.select("line_no", raw.alias("raw_line"), *texts),
        faults_frame(),
    )
