"""What every reader yields: physical records as rows of text, and those with broken structure."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

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
