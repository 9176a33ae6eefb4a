"""Which module reads which dialect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingestion.readers.delimited import read_delimited
from ingestion.readers.fixed_width import read_fixed_width
from ingestion.readers.records import Chunk
from ingestion.readers.unpack import unpacked
from ingestion.readers.workbook import read_workbook
from ingestion.source import Delimited, FixedWidth, Table, Text, Workbook


def read_table(path: Path, table: Table) -> Iterator[Chunk]:
    """The records of one exported table of a file; FileRejected where it cannot be read."""
    match table.dialect:
        case Workbook():
            yield read_workbook(path.read_bytes(), table, table.dialect)
        case Delimited():
            with unpacked(path, table) as stream:
                yield from read_delimited(stream, table, table.dialect)
        case FixedWidth():
            with unpacked(path, table) as stream:
                yield from read_fixed_width(stream, table.dialect)


def physical_rows(path: Path, table: Table) -> int:
    """Lines below the header of a text, for a file that is rejected as a whole; 0 for others."""
    dialect = table.dialect
    if not isinstance(dialect, Text):
        return 0
    above = dialect.title_lines + (isinstance(dialect, Delimited) and not dialect.headless)
    with unpacked(path, table) as stream:
        lines, last = 0, b""
        # Lines end with CR alone only where there is no LF.
        ends = {b"\n": 0, b"\r": 0}
        while block := stream.read(1024**2):
            for end in ends:
                ends[end] += block.count(end)
            last = (last + block)[-1024:]
    end = b"\n" if ends[b"\n"] else b"\r"
    lines = ends[end] + bool(last.rpartition(end)[2].strip(b"\0\r\n \t"))
    return max(lines - above, 0)
