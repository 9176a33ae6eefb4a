"""Parquet to records of text, batch by batch.

Every row group is read whole and nothing is filtered on the way, so that statistics in the footer,
which a foreign writer may have got wrong, cannot hide a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ingestion.errors import FileRejected
from ingestion.readers.records import MAX_COLUMNS, Chunk, column_name, faults_frame, plain_number
from ingestion.rules import RULES
from ingestion.source import Table

BATCH_ROWS = 50_000
#: A few bytes can stand for any number of equal rows.
MAX_ROWS = 200_000_000


def read_parquet(file: BinaryIO, table: Table) -> Iterator[Chunk]:
    """The rows of a Parquet file, numbered from 1; raw_line is the row as JSON."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = 1
    try:
        book = pq.ParquetFile(file, page_checksum_verification=True)
        if book.metadata.num_rows > MAX_ROWS or book.metadata.num_columns > MAX_COLUMNS:
            raise FileRejected("file_too_large", RULES["file_too_large"])
        for batch in book.iter_batches(batch_size=BATCH_ROWS):
            frame = pl.from_arrow(pa.Table.from_batches([batch]))
            assert isinstance(frame, pl.DataFrame)
            rows = as_text(flattened(frame))
            check_columns(rows, table)
            raw = rows.select(pl.struct(pl.all()).struct.json_encode()).to_series()
            numbers = pl.int_range(first, first + rows.height, dtype=pl.Int64, eager=True)
            yield Chunk(
                rows.select(numbers.alias("line_no"), raw.alias("raw_line"), pl.all()),
                faults_frame(),
            )
            first += rows.height
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FileRejected("unreadable_file", f"broken Parquet file: {error}") from error


def check_columns(rows: pl.DataFrame, table: Table) -> None:
    """FileRejected where a declared column is missing."""
    for column in table.columns:
        if column not in rows.columns:
            raise FileRejected(
                "missing_column",
                f"no column {column!r} ({', '.join(rows.columns[:60])}): {RULES['missing_column']}",
                column=column,
            )


def flattened(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame without structs: their fields are named by their paths."""
    while structs := [name for name, kind in frame.schema.items() if kind == pl.Struct]:
        for name in structs:
            fields = frame[name].struct.unnest()
            frame = frame.drop(name).with_columns(
                field.alias(f"{name}.{field.name}") for field in fields
            )
    return frame


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as text, without a loss that a feed could notice."""
    for name in [name for name, kind in frame.schema.items() if kind == pl.Binary]:
        # Some writers do not say that their bytes are text.
        try:
            frame = frame.with_columns(pl.col(name).cast(pl.String))
        except pl.exceptions.ComputeError:
            frame = frame.with_columns(pl.col(name).bin.encode("hex"))
    return frame.select(
        text_of(name, kind).alias(column_name(name)) for name, kind in frame.schema.items()
    )


def text_of(name: str, kind: pl.DataType) -> pl.Expr:
    """One column as text, by its type."""
    value = pl.col(name)
    match kind:
        case pl.Datetime(time_zone=None):
            return value.dt.strftime("%Y-%m-%d %H:%M:%S%.f")
        case pl.Datetime():
            return value.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.f%:z")
        case pl.Float32() | pl.Float64():
            return value.cast(pl.String).map_batches(without_exponents, return_dtype=pl.String)
        case pl.List() | pl.Array():
            return pl.when(value.is_not_null()).then(pl.struct(value).struct.json_encode())
        case pl.Duration():
            return value.dt.total_microseconds().cast(pl.String)
        case _:
            return value.cast(pl.String)


def without_exponents(numbers: pl.Series) -> pl.Series:
    """Numbers as text, those with an exponent written out: they are few."""
    written = numbers.filter(numbers.str.contains("e", literal=True).fill_null(False)).unique()
    return numbers.replace(written, pl.Series(map(plain_number, written), dtype=pl.String))
