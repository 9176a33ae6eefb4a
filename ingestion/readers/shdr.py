"""Lines of an MTConnect adapter (SHDR) to records: the moment, and the items it says."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import translate

import polars as pl

from ingestion.readers.lines import lines_of
from ingestion.readers.records import Chunk, broken_line, set_apart
from ingestion.readers.unpack import Readable
from ingestion.source import Shdr

#: Level, native code, native severity, qualifier and text, which may hold bars itself.
CONDITION_BARS = 5


def read_shdr(stream: Readable, dialect: Shdr) -> Iterator[Chunk]:
    """One record per line that is not blank and no command to the agent (`* ...`)."""
    text = pl.col("raw_line")
    is_condition = condition(text.str.extract(r"^[^|]*\|([^|]*)"), dialect.conditions)
    bars = text.str.count_matches("|", literal=True)
    is_broken = (
        pl.when(is_condition)
        .then(bars < 1 + CONDITION_BARS)
        .otherwise((bars < 2) | (bars % 2 == 1))
    )
    found = pl.format("{} fields; an item needs a value", bars + 1)
    for lines in lines_of(stream, dialect.encoding):
        records = lines.frame.filter(
            (pl.col("line_no") > dialect.title_lines)
            & ~pl.col("text").str.contains(r"^\s*(?:\*|$)")
        ).select("line_no", last_line_no="line_no", raw_line="text")
        if records.is_empty():
            continue
        cut_off = lines.is_cut_off and dialect.final_newline
        cut_off_line = lines.frame["line_no"][-1] if cut_off else None
        records = records.with_columns(
            rule=pl.coalesce(
                broken_line(dialect, cut_off_line),
                pl.when(is_broken).then(pl.lit("column_count")),
            ),
            value=pl.when(is_broken).then(found),
        )
        parts = text.str.splitn("|", 2).struct.rename_fields(["timestamp", "items"])
        yield Chunk(
            records.filter(pl.col("rule").is_null())
            .select("line_no", "raw_line", parts.alias("parts"))
            .unnest("parts"),
            set_apart(records),
        )


def condition(item: pl.Expr, patterns: tuple[str, ...]) -> pl.Expr:
    """Whether an item is one of the declared conditions."""
    if not patterns:
        return pl.lit(False)
    # Python ends its patterns with \Z, which is written \z here.
    return item.str.contains("|".join(translate(each) for each in patterns).replace(r"\Z", r"\z"))
