"""How many cells the sheets of a workbook span, told before it is read.

A sheet is read as a full rectangle, so two cells in opposite corners, or one that is repeated over
all rows and columns, are enough to ask for all memory there is; the reader cannot be stopped.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import reduce
from typing import IO

from ingestion.errors import FileRejected
from ingestion.rules import RULES

#: A workbook unpacks to at most this much, and a sheet spans at most so many cells.
MAX_BOOK_BYTES = 512 * 1024**2
MAX_CELLS = 20_000_000
BLOCK_BYTES = 1024**2
XLSX_CELL = re.compile(rb"\sr=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
ODS_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
#: Records of a binary sheet: a row, and the kinds of cells.
XLSB_ROW, XLSB_CELLS = 0, range(1, 12)


def refuse_bomb(book: bytes) -> None:
    """FileRejected for a workbook that unpacks into too much or spans too many cells."""
    if len(book) > MAX_BOOK_BYTES:
        raise FileRejected("file_too_large", RULES["file_too_large"])
    if not zipfile.is_zipfile(io.BytesIO(book)):
        return
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_BOOK_BYTES:
            raise FileRejected("file_too_large", RULES["file_too_large"])
        for member in members:
            with archive.open(member) as stream:
                for rows, columns in spans(member.filename, stream):
                    if rows * columns > MAX_CELLS:
                        raise FileRejected(
                            "file_too_large",
                            f"a sheet of {member.filename} spans {rows:,} rows by {columns:,} "
                            "columns: delete the stray cells at its end and save it again",
                        )


def spans(name: str, stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Rows and columns of each sheet in a member of a workbook; none in what is no sheet."""
    if fnmatch(name, "xl/worksheets/*.xml"):
        yield xlsx_span(stream)
    elif fnmatch(name, "xl/worksheets/*.bin"):
        yield xlsb_span(stream.read(MAX_BOOK_BYTES))
    elif name == "content.xml":
        yield from ods_spans(stream)


def xlsx_span(stream: IO[bytes]) -> tuple[int, int]:
    """The last row and column that a cell names."""
    rows = columns = 0
    tail = b""
    while block := stream.read(BLOCK_BYTES):
        for letters, row in XLSX_CELL.findall(tail + block):
            rows, columns = max(rows, int(row)), max(columns, _column_number(letters))
        tail = block[-20:]
    return rows, columns


def _column_number(letters: bytes) -> int:
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def xlsb_span(sheet: bytes) -> tuple[int, int]:
    """The last row and column that a record of a binary sheet names."""
    rows = columns = place = 0
    while place < len(sheet):
        kind, place = _packed(sheet, place, 2)
        length, place = _packed(sheet, place, 4)
        if kind == XLSB_ROW:
            rows = max(rows, int.from_bytes(sheet[place : place + 4], "little") + 1)
        elif kind in XLSB_CELLS:
            columns = max(columns, int.from_bytes(sheet[place : place + 4], "little") + 1)
        place += length
    return rows, columns


def _packed(data: bytes, place: int, most: int) -> tuple[int, int]:
    """A number of seven bits per byte, and the place behind it."""
    value = 0
    for shift, byte in enumerate(data[place : place + most]):
        value |= (byte & 127) << (7 * shift)
        place += 1
        if byte < 128:
            break
    return value, place


def ods_spans(stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Rows and columns up to the last cell that holds something, of each sheet."""
    from lxml import etree

    last_row = last_column = row = column = width = 0
    cells = (f"{ODS_TABLE}table-cell", f"{ODS_TABLE}covered-table-cell")
    tags = (*cells, f"{ODS_TABLE}table-row", f"{ODS_TABLE}table")
    try:
        for _, element in etree.iterparse(
            stream, tag=tags, resolve_entities=False, no_network=True, huge_tree=False
        ):
            if element.tag in cells:
                column += _repeated(element.get(f"{ODS_TABLE}number-columns-repeated"))
                width = column if len(element) else width
            elif element.tag == f"{ODS_TABLE}table-row":
                row += _repeated(element.get(f"{ODS_TABLE}number-rows-repeated"))
                if width:
                    last_row, last_column = row, max(last_column, width)
                column = width = 0
                element.clear()
            else:
                yield last_row, last_column
                last_row = last_column = row = 0
    except etree.XMLSyntaxError as error:
        raise FileRejected("unreadable_file", f"not a readable workbook: {error}") from error


def _repeated(count: str | None) -> int:
    return int(count) if count and count.isdecimal() and len(count) < 10 else 1
