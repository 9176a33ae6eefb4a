"""Text with columns at fixed places to records."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ingestion.readers.lines import lines_of
from ingestion.readers.records import Chunk, broken_line, set_apart
from ingestion.readers.unpack import Readable
from ingestion.source import FixedWidth


def read_fixed_width(stream: Readable, dialect: FixedWidth) -> Iterator[Chunk]:
    """One record per line that is not blank; places count characters, not bytes."""
    raw = pl.col("raw_line")
    is_too_wide = pl.lit(False)
    if dialect.width:
        is_too_wide = raw.str.strip_chars_end().str.len_chars() > dialect.width
    width = pl.format("{} characters, declared are {}", raw.str.len_chars(), pl.lit(dialect.width))
    fields = [
        raw.str.slice(first - 1, last - first + 1).alias(name)
        for name, (first, last) in dialect.places.items()
    ]
    for lines in lines_of(stream, dialect.encoding):
        records = lines.frame.filter(
            (pl.col("line_no") > dialect.title_lines) & (pl.col("text").str.strip_chars() != "")
        ).select("line_no", last_line_no="line_no", raw_line="text")
        if records.is_empty():
            continue
        cut_off = lines.is_cut_off and dialect.final_newline
        cut_off_line = lines.frame["line_no"][-1] if cut_off else None
        records = records.with_columns(
            rule=pl.coalesce(
                broken_line(dialect, cut_off_line),
                pl.when(is_too_wide).then(pl.lit("line_width")),
            ),
            value=pl.when(is_too_wide).then(width),
        )
        sound = records.filter(pl.col("rule").is_null())
        yield Chunk(sound.select("line_no", "raw_line", *fields), set_apart(records))
