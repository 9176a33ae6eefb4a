"""Text with columns at fixed places to records."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ingestion.readers.lines import lines_of
from ingestion.readers.records import Chunk, broken_line, set_apart
from ingestion.readers.sections import Sections
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
    sections = Sections(dialect)
    for lines in lines_of(stream, dialect.encoding):
        records = lines.frame.filter(
            (pl.col("line_no") > dialect.title_lines) & (pl.col("text").str.strip_chars() != "")
        ).select("line_no", last_line_no="line_no", raw_line="text")
        if records.is_empty():
            continue
        cut_off = lines.is_cut_off and dialect.final_newline
        cut_off_line = lines.frame["line_no"][-1] if cut_off else None
        broken = broken_line(dialect, cut_off_line)
        told = sections.tell(records.select("line_no", text="raw_line", is_whole=broken.is_null()))
        records = records.with_columns(
            rule=pl.coalesce(
                pl.when(told.is_section).then(pl.lit("section_line")),
                broken,
                pl.when(is_too_wide).then(pl.lit("line_width")),
                pl.when(told.is_outside).then(pl.lit("outside_section")),
            ),
        ).with_columns(value=pl.when(pl.col("rule") == "line_width").then(width))
        is_sound = records["rule"].is_null()
        rows = records.filter(is_sound).select("line_no", "raw_line", *fields)
        if dialect.sections:
            rows = rows.hstack(told.columns.filter(is_sound))
        yield Chunk(rows, set_apart(records))
    sections.refuse_unseen()
