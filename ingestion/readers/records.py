"""What every reader yields: physical records as rows of text, and those with broken structure."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingestion.source import Text

#: A record longer than this is a fault; nothing of a feed needs so much.
MAX_LINE_CHARS = 1024**2
#: An export with more columns is no list of records.
MAX_COLUMNS = 10_000


@dataclass
class Chunk:
    """Part of an exported table.

    `rows`: line_no, raw_line and the exported columns, all text. `faults`: line_no, raw_line,
    rule, column_name, value of records whose structure is broken.
    """

    rows: pl.DataFrame
    faults: pl.DataFrame


def faults_frame() -> pl.DataFrame:
    """An empty frame of broken records."""
    return pl.DataFrame(
        schema={
            "line_no": pl.Int64,
            "raw_line": pl.String,
            "rule": pl.String,
            "column_name": pl.String,
            "value": pl.String,
        }
    )


def broken_line(dialect: Text, cut_off_line: int | None) -> pl.Expr:
    """The rule that a text record breaks whatever its columns are; `cut_off_line` has no end."""
    raw = pl.col("raw_line")
    mark = dialect.totals_mark
    is_total = raw.str.strip_chars_start(" |").str.starts_with(mark) if mark else pl.lit(False)
    return (
        pl.when(is_total)
        .then(pl.lit("totals_row"))
        .when(pl.col("last_line_no") == cut_off_line if cut_off_line else pl.lit(False))
        .then(pl.lit("truncated_line"))
        .when(raw.str.len_chars() > MAX_LINE_CHARS)
        .then(pl.lit("line_too_long"))
    )


def set_apart(records: pl.DataFrame) -> pl.DataFrame:
    """Those of the records (line_no, raw_line, rule, value) that break a rule, as faults."""
    return records.filter(pl.col("rule").is_not_null()).select(
        "line_no", "raw_line", "rule", pl.lit(None, pl.String).alias("column_name"), "value"
    )
