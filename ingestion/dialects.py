"""Dialects: how an export is written, declared once per table; nothing is guessed per row.

A source module picks the dialect of its format and says what differs from the usual. What reads
each of them stands in `ingestion/readers/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from ingestion.errors import ConfigError

#: Delimiters that exports are written with.
DELIMITERS = (";", "\t", "|", ",")


class Notation(NamedTuple):
    """How a dialect writes numbers, and what stands for none."""

    decimal: str
    thousands: str | None
    trailing_minus: bool
    bracket_minus: bool
    credit_marks: bool
    currency: str | None
    nulls: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How values are written: numbers, and what stands for none. Every dialect says it.

    A minus stands in front of its number; the marks below allow further places. `thousands`
    groups three digits: `,`, `.`, `'` or a blank, which also means blanks that do not break.
    """

    decimal: str = "."
    thousands: str | None = None
    #: `155,22-`, as SAP lists write it.
    trailing_minus: bool = False
    #: `(155.22)`, as accountants do.
    bracket_minus: bool = False
    #: `155.22 CR` is negative, `155.22 DR` positive.
    credit_marks: bool = False
    #: `$1,234.50`, `1.234,50 EUR`: the mark in front of amounts or behind them.
    currency: str | None = None
    nulls: tuple[str, ...] = ("",)
    #: Shell pattern, any case, of the members of a zip archive that hold this table.
    member: str = "*"

    @property
    def notation(self) -> Notation:
        return Notation(
            self.decimal,
            self.thousands,
            self.trailing_minus,
            self.bracket_minus,
            self.credit_marks,
            self.currency,
            self.nulls,
        )


@dataclass(frozen=True, kw_only=True)
class Text(Dialect):
    """A text. The encoding is one of Python's; `utf-16` stands for a file with a byte order mark,
    `utf-16-le` and `utf-16-be` for one that may have none.
    """

    encoding: str = "utf-8"


@dataclass(frozen=True, kw_only=True)
class Lines(Text):
    """A text whose records are lines."""

    #: Every export of the system ends with a line end; one that does not was cut off.
    final_newline: bool = False
    #: Lines above the header, or above the first record where there is none.
    title_lines: int = 0
    #: A row whose first field starts with this is a totals row.
    totals_mark: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listing(Lines):
    """A text whose rows may stand in sections, as reports have them.

    `sections`: columns that a line above the rows says, such as `Machine: M12`, and the regular
    expression of such a line with one group, the value: `{"Machine": r"Machine: *(.*)"}`. It is the
    expression of the whole line, without the blanks and delimiters around it. The value holds for
    the rows below until the next such line, and one without a value says nothing of its rows, which
    is better than what the line before said; where sections stand within others, the outermost is
    declared first, and a line of it ends those within.
    """

    sections: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        for column, pattern in (self.sections or {}).items():
            try:
                groups = re.compile(pattern).groups
                pl.Series([""]).str.extract(pattern, groups)
            except (re.error, pl.exceptions.PolarsError) as error:
                raise ConfigError(f"sections of {column!r}: {pattern!r}: {error}") from error
            if groups != 1:
                raise ConfigError(
                    f"sections of {column!r}: {pattern!r} has {groups} groups, it needs one "
                    "around the value; (?:...) is none"
                )


@dataclass(frozen=True, kw_only=True)
class Delimited(Listing):
    """A delimited text export.

    Its first line that is not blank and heads no section is the header; a line that repeats it is
    no data.
    """

    delimiter: str = ","
    quote: str | None = '"'
    #: The header's names where the file's own are unusable (nameless or duplicated columns).
    header: tuple[str, ...] | None = None
    #: There is no header line: `header` names the columns.
    headless: bool = False
    #: A list drawn with bars and rules, as SAP writes what was not converted: every record stands
    #: between bars (the delimiter), lines of dashes and titles above the header are layout.
    drawn: bool = False


@dataclass(frozen=True, kw_only=True)
class FixedWidth(Listing):
    """A text whose columns stand at fixed places.

    `places`: the first and the last character of each column, counted from 1. `width` is the
    length of a whole line, where it is known: a longer line is broken.
    """

    places: Mapping[str, tuple[int, int]]
    width: int | None = None


@dataclass(frozen=True, kw_only=True)
class Json(Text):
    """A JSON document with an array of objects at a path of names (`data.orders`), or as a whole.

    What is nested is named by its path (`item.id`); an array inside a record stays JSON text.
    Numbers keep the digits they are written with.
    """

    records: str = ""


@dataclass(frozen=True, kw_only=True)
class JsonLines(Lines):
    """One JSON object per line, named as in `Json`."""


@dataclass(frozen=True, kw_only=True)
class Xml(Dialect):
    """An XML document with an element that repeats (B2MML, MTConnect and the like).

    `record` is the element's name, with as many of its parents as tell it (`Events/*`). Names are
    without their namespaces. A record's columns are named by the path below it (`Quantity`,
    `MaterialActual/Quantity/UnitOfMeasure`, `MaterialActual[2]/ID`, `@id`, `Quantity@unit`),
    `text()` is its own text and `name()` its own name. `above` adds what stands above it, in front
    of it: `SegmentResponse/ID`, `DeviceStream/@name`, `Sync*/ApplicationArea/CreationDateTime`; its
    first name is that of the nearest element above, and may be a pattern.
    """

    record: str
    above: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Parquet(Dialect):
    """A Parquet file. Times without a zone arrive as `2026-03-10 06:00:00`, those with one as
    `2026-03-10T05:00:00+00:00`; what is nested is named by its path (`item.id`).
    """


@dataclass(frozen=True, kw_only=True)
class Shdr(Lines):
    """What an MTConnect adapter says: `timestamp|item|value|item|value`, one moment per line.

    Columns: `timestamp` and `items`, the rest of the line, which `ingestion.reshapes.shdr_items`
    takes apart. `conditions` are the items that say level, native code, native severity, qualifier
    and text instead of one value (shell patterns); the adapter's device model lists them.
    """

    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Workbook(Dialect):
    """One sheet of a workbook (xlsx, xls, xlsb, ods).

    `prepare` gets every sheet as text (columns c0, c1, ..., with line_no) and returns the rows
    of this table with line_no; cells that hold dates or times arrive as ISO text.
    """

    sheet: str
    prepare: Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame]
