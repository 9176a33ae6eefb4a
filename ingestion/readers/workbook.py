"""Sheets of workbooks (xlsx, xls, xlsb, ods): every cell as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from ingestion.errors import FileRejected
from ingestion.readers.records import Chunk, column_name, faults_frame, unique_names
from ingestion.readers.workbook_span import refuse_bomb
from ingestion.source import Table, Workbook

if TYPE_CHECKING:
    from fastexcel import ExcelReader


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


def headed(sheet: pl.DataFrame, header_row: int = 0, header_rows: int = 1) -> pl.DataFrame:
    """A sheet's rows below its header, named by it, without unnamed columns and blank rows.

    Of a header of several rows the names are joined by a blank, and one that spans several columns
    (a merged cell has its text in the first of them) holds for all of them. A name that stands
    again gets its position in the sheet behind it.
    """
    texts = [name for name in sheet.columns if name != "line_no"]
    levels = [
        [" ".join((cell or "").split()) for cell in sheet.select(texts).row(header_row + level)]
        for level in range(header_rows)
    ]
    for upper, lower in pairwise(levels):
        for place in range(1, len(upper)):
            if not upper[place] and lower[place] and lower[place - 1]:
                upper[place] = upper[place - 1]
    given = [" ".join(filter(None, level)) for level in zip(*levels, strict=True)]
    names = {
        column: column_name(unique)
        for column, name, unique in zip(texts, given, unique_names(given), strict=True)
        if name
    }
    return (
        sheet.slice(header_row + header_rows)
        .select("line_no", *names)
        .filter(pl.any_horizontal(pl.col(list(names)).is_not_null()))
        .rename(names)
    )


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
