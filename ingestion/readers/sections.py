"""Lines that head a section: what they say stands in a column of every row below them."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from ingestion.dialects import Dialect, Listing
from ingestion.errors import FileRejected

#: More section lines than this do not stand above a header.
MAX_ABOVE_HEADER = 1_000


def section_columns(dialect: Dialect) -> list[str]:
    """The columns that section lines fill, the outermost first."""
    return list(dialect.sections or ()) if isinstance(dialect, Listing) else []


class Told(NamedTuple):
    """What is told of each record: whether it heads a section, and what sections say of it."""

    is_section: pl.Series
    #: Not every column of sections is said above it.
    is_outside: pl.Series
    columns: pl.DataFrame


class Sections:
    """What the section lines of a file said, carried on from block to block."""

    def __init__(self, dialect: Listing, delimiter: str = "") -> None:
        self.patterns = dict(dialect.sections or {})
        self.delimiter = delimiter
        self.said: dict[str, str | None] = dict.fromkeys(self.patterns)
        self.unseen = dict(self.patterns)
        self.first_outside: int | None = None

    def values(self, line: pl.Expr) -> dict[str, pl.Expr]:
        """What a line says if it heads a section, by column; null in any other line.

        Delimiters around it are those of empty fields. A value with a delimiter in it is none: the
        line is a row that begins like a section.
        """
        bare = line.str.strip_chars(f" \t{self.delimiter}")
        values = {
            column: bare.str.extract(f"^(?:{pattern})$", 1).str.strip_chars()
            for column, pattern in self.patterns.items()
        }
        if not self.delimiter:
            return values
        return {
            column: pl.when(~value.str.contains(self.delimiter, literal=True)).then(value)
            for column, value in values.items()
        }

    def is_section(self, line: pl.Expr) -> pl.Expr:
        """Whether a line heads a section."""
        values = self.values(line).values()
        return pl.any_horizontal(pl.lit(False), *(value.is_not_null() for value in values))

    def tell(self, records: pl.DataFrame) -> Told:
        """What the next records (line_no, text, is_whole) are told; one that is not whole heads no
        section. A section line ends the sections within: those of the columns declared behind its.
        """
        if not self.patterns:
            no = pl.repeat(False, records.height, eager=True)
            return Told(no, no, pl.DataFrame())
        values = records.select(**self.values(pl.when("is_whole").then("text")))
        filled, is_begun = [], pl.lit(False)
        for column, before in self.said.items():
            said = pl.col(column).fill_null(pl.when(is_begun).then(pl.lit(""))).forward_fill()
            filled.append(said.fill_null(pl.lit(before, pl.String)).replace("", None))
            is_begun |= pl.col(column).is_not_null()
        columns = values.select(filled)
        is_section = values.select(is_begun).to_series()
        is_outside = ~is_section & columns.select(pl.any_horizontal(pl.all().is_null())).to_series()
        if columns.height:
            self.said = columns.row(-1, named=True)
        self.unseen = {
            column: pattern for column, pattern in self.unseen.items() if not values[column].count()
        }
        if self.first_outside is None and is_outside.any():
            self.first_outside = records["line_no"].filter(is_outside)[0]
        return Told(is_section, is_outside, columns)

    def refuse_unseen(self) -> None:
        """FileRejected where there are rows, and no line of the file says what a column holds."""
        if self.first_outside is None or not self.unseen:
            return
        column, pattern = next(iter(self.unseen.items()))
        raise FileRejected(
            "missing_column",
            f"no line heads a section as declared for {column!r} ({pattern}), so that nothing says "
            "it of any row: mend the pattern in the source module, or ask for the agreed export",
            line_no=self.first_outside,
            column=column,
        )
