"""Dialects: how an export is written, declared once per table; nothing is guessed per row.

A source module picks the dialect of its format and says what differs from the usual. What reads
each of them stands in `ingestion/readers/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, kw_only=True)
class Notation:
    """How values are written: numbers and what stands for none. Every dialect has it.

    A minus stands in front of its number; the marks below allow further places. `thousands`
    groups three digits: `,`, `.`, `'` or a blank, which also means blanks that do not break.
    """

    decimal: str = "."
    thousands: str | None = None
    #: `155,22-`, as SAP lists write it.
    trailing_minus: bool = False
    nulls: tuple[str, ...] = ("",)


@dataclass(frozen=True, kw_only=True)
class Delimited(Notation):
    """A delimited text export."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    #: Every export of the system ends with a line end; one that does not was cut off.
    final_newline: bool = False
    #: A row whose first field starts with this is a totals row.
    totals_mark: str | None = None
    #: The header's names where the file's own are unusable (nameless or duplicated columns).
    header: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Workbook(Notation):
    """One sheet of a workbook (xlsx, xls, xlsb, ods), alone or inside a zip archive.

    `prepare` gets every sheet as text (columns c0, c1, ..., with line_no) and returns the rows
    of this table with line_no; cells that hold dates or times arrive as ISO text.
    """

    sheet: str
    prepare: Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame]
    member: str | None = None


Dialect = Delimited | Workbook
