"""What every reader yields: physical records as rows of text, and those with broken structure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from ingestion.dialects import Lines
from ingestion.errors import FileRejected
from ingestion.rules import RULES
from ingestion.source import Table

#: A record longer than this is a fault; nothing of a feed needs so much.
MAX_LINE_CHARS = 1024**2
#: An export with more columns is no list of records.
MAX_COLUMNS = 10_000
#: A number with more digits in front of its mark is kept as it is written: none of ours.
MAX_DIGITS = 40
#: Names of ours that an exported column cannot have as well.
RESERVED = ("line_no", "raw_line")
#: Records that are parsed one by one are gathered up to about so much text.
CHUNK_CHARS = 8 * 1024**2
#: Every record takes a cell for each name that others of its chunk have: a chunk ends at so many
#: cells, and records with more of them per character of theirs are no table.
CHUNK_CELLS = 2_000_000
MAX_CELLS_PER_CHAR = 30


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


def broken_line(dialect: Lines, cut_off_line: int | None) -> pl.Expr:
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


def unique_names(names: list[str]) -> list[str]:
    """The names of a header, with the position behind those that are empty or stand there again."""
    seen: set[str] = set()
    unique: list[str] = []
    for place, name in enumerate(names, 1):
        plain = name and name not in seen
        seen.add(name)
        unique.append(name if plain else f"{name or 'column'}__{place}")
    return unique


def column_name(name: str) -> str:
    """The name of an exported column; `exported_line_no` where a column of ours is called so."""
    return f"exported_{name}" if name in RESERVED else name


def plain_number(digits: str) -> str:
    """A number as it is written, without an exponent."""
    if "e" not in digits and "E" not in digits:
        return digits
    value = Decimal(digits)
    return f"{value:f}" if abs(value.adjusted()) <= MAX_DIGITS else digits


class Record(NamedTuple):
    """A record that a parser gives as named texts; without them, the rule that it breaks."""

    line_no: int
    raw: str
    fields: dict[str, str | None] | None
    rule: str | None = None
    value: str | None = None


def in_chunks(records: Iterable[Record], table: Table) -> Iterator[Chunk]:
    """Records gathered to chunks; a name that a record does not have is null in it.

    FileRejected where no record of the file has a declared column.
    """
    missing, is_empty = set(table.columns), True
    gathered: list[Record] = []
    names: set[str] = set()
    chars = 0
    for record in records:
        gathered.append(record)
        names.update(record.fields or ())
        chars += len(record.raw) + sum(map(len, record.fields or ()))
        cells = len(gathered) * len(names)
        if chars >= CHUNK_CHARS or cells >= CHUNK_CELLS:
            if cells > MAX_CELLS_PER_CHAR * chars:
                raise FileRejected(
                    "unreadable_file", "records that have hardly a name in common: is it a table?"
                )
            chunk = gathered_chunk(gathered, table)
            missing, is_empty = missing - given_columns(gathered), False
            gathered, names, chars = [], set(), 0
            yield chunk
    if gathered:
        missing, is_empty = missing - given_columns(gathered), False
        yield gathered_chunk(gathered, table)
    if missing and not is_empty:
        column = min(missing)
        raise FileRejected(
            "missing_column",
            f"no record has {column!r}: {RULES['missing_column']}",
            column=column,
        )


def given_columns(records: list[Record]) -> set[str]:
    """The names that any of the records has."""
    return {column_name(name) for record in records for name in record.fields or ()}


def gathered_chunk(records: list[Record], table: Table) -> Chunk:
    """Records as a frame of every name that one of them has, or that is declared."""
    sound = [record for record in records if record.rule is None]
    names = list(dict.fromkeys(name for record in sound for name in record.fields or ()))
    if len(names) > MAX_COLUMNS:
        raise FileRejected(
            "unreadable_file", f"records with more than {MAX_COLUMNS:,} names: is it a table?"
        )
    given = {column_name(name) for name in names}
    names += [name for name in table.columns if name not in given]
    rows = pl.DataFrame(
        {
            "line_no": pl.Series([record.line_no for record in sound], dtype=pl.Int64),
            "raw_line": pl.Series([record.raw for record in sound], dtype=pl.String),
        }
        | {
            column_name(name): pl.Series(
                [(record.fields or {}).get(name) for record in sound], dtype=pl.String
            )
            for name in names
        }
    )
    broken = [
        (record.line_no, record.raw, record.rule, None, record.value)
        for record in records
        if record.rule is not None
    ]
    return Chunk(rows, pl.DataFrame(broken, schema=faults_frame().schema, orient="row"))
