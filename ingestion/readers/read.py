"""Which module reads which dialect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingestion.dialects import Lines
from ingestion.readers.delimited import read_delimited
from ingestion.readers.fixed_width import read_fixed_width
from ingestion.readers.json_records import read_json, read_json_lines
from ingestion.readers.parquet import read_parquet
from ingestion.readers.records import Chunk
from ingestion.readers.shdr import read_shdr
from ingestion.readers.unpack import seekable, unpacked
from ingestion.readers.workbook import read_workbook
from ingestion.readers.workbook_span import MAX_BOOK_BYTES
from ingestion.readers.xml_records import read_xml
from ingestion.source import (
    Delimited,
    FixedWidth,
    Json,
    JsonLines,
    Parquet,
    Shdr,
    Table,
    Workbook,
    Xml,
)


def read_table(path: Path, table: Table, member: str | None = None) -> Iterator[Chunk]:
    """The records of one exported table of a file, or of a member of an archive.

    FileRejected where it cannot be read.
    """
    dialect = table.dialect
    match dialect:
        case Workbook():
            with unpacked(path, table, member) as stream:
                yield read_workbook(stream.read(MAX_BOOK_BYTES + 1), table, dialect)
        case Delimited():
            with unpacked(path, table, member) as stream:
                yield from read_delimited(stream, table, dialect)
        case FixedWidth():
            with unpacked(path, table, member) as stream:
                yield from read_fixed_width(stream, dialect)
        case Shdr():
            with unpacked(path, table, member) as stream:
                yield from read_shdr(stream, dialect)
        case JsonLines():
            with unpacked(path, table, member) as stream:
                yield from read_json_lines(stream, table, dialect)
        case Json():
            with unpacked(path, table, member) as stream:
                yield from read_json(stream, table, dialect)
        case Xml():
            with unpacked(path, table, member) as stream:
                yield from read_xml(stream, table, dialect)
        case Parquet():
            with seekable(path, table, member) as file:
                yield from read_parquet(file, table)
        case _:
            raise TypeError(f"no reader for {type(dialect).__name__}")


def physical_rows(path: Path, table: Table, member: str | None = None) -> int:
    """Lines below the header of a text, for a file that is rejected as a whole; 0 for others."""
    dialect = table.dialect
    if not isinstance(dialect, Lines):
        return 0
    # Lines end with CR alone only where there is no LF.
    ends, has_tail = {b"\n": 0, b"\r": 0}, {b"\n": False, b"\r": False}
    with unpacked(path, table, member) as stream:
        while block := stream.read(1024**2):
            for end in ends:
                ends[end] += block.count(end)
                _, found, tail = block.rpartition(end)
                has_tail[end] = bool(tail.strip(b"\0\r\n \t")) or (not found and has_tail[end])
    end = b"\n" if ends[b"\n"] else b"\r"
    above = dialect.title_lines + (isinstance(dialect, Delimited) and not dialect.headless)
    return max(ends[end] + has_tail[end] - above, 0)
