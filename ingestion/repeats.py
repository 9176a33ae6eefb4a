"""Rows that a file says twice: exact repeats of millions of rows in bounded memory."""

from __future__ import annotations

import polars as pl

#: Rows kept in one piece. A look at a piece takes a few times its memory (100 MB), however many
#: pieces a file fills; 16 bytes a row stay.
PIECE_ROWS = 1_000_000


class Repeats:
    """What was read of a file so far, as 128 bits per row of the columns that tell rows apart."""

    def __init__(self, told_by: list[str]) -> None:
        self.told_by = told_by
        self.pieces: list[pl.DataFrame] = []

    def is_first(self, rows: pl.DataFrame) -> pl.Series:
        """Whether each of the next rows says something new; it is kept for those to come."""
        row = pl.col(self.told_by[0]) if len(self.told_by) == 1 else pl.struct(self.told_by)
        marks = rows.select(h1=row.hash(seed=1), h2=row.hash(seed=2))
        is_first = marks.select(pl.struct(pl.all()).is_first_distinct()).to_series()
        # What was seen is long and the chunk is short: only the other way round is quick. One half
        # picks the few candidates, for it takes a third of the time of both.
        again = [piece.join(marks, on="h1", how="semi") for piece in self.pieces]
        if sum(piece.height for piece in again):
            found = pl.concat(again)
            repeats = marks.with_row_index().join(found, on=["h1", "h2"], how="semi")["index"]
            is_first &= ~pl.int_range(marks.height, eager=True).is_in(repeats.implode())
        self._keep(marks.filter(is_first))
        return is_first

    def _keep(self, marks: pl.DataFrame) -> None:
        if self.pieces and self.pieces[-1].height + marks.height <= PIECE_ROWS:
            marks = pl.concat([self.pieces.pop(), marks], rechunk=True)
        self.pieces.append(marks)
