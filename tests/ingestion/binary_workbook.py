"""Binary workbooks (xlsb) record by record, as [MS-XLSB] describes them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Kinds of records.
ROW, NUMBER, TEXT = 0, 5, 6
BEGIN_SHEET, END_SHEET, BEGIN_BOOK, END_BOOK = 129, 130, 131, 132
BEGIN_SHEETS, END_SHEETS = 143, 144
BEGIN_ROWS, END_ROWS, SPAN, SHEET = 145, 146, 148, 156


def record(kind: int, body: bytes = b"") -> bytes:
    """Kinds above 127 take two bytes, and a length takes seven bits a byte."""
    written = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    left = len(body)
    while left >= 128:
        written += bytes([left & 0x7F | 0x80])
        left >>= 7
    return written + bytes([left]) + body


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def cell(column: int, value: str | float) -> bytes:
    place = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return record(TEXT, place + text(value))
    return record(NUMBER, place + struct.pack("<d", value))


def row(number: int, values: Sequence[str | float]) -> bytes:
    """A row, counted from 0; empty texts are no cells."""
    head = record(ROW, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
    return head + b"".join(cell(n, value) for n, value in enumerate(values) if value != "")


def sheet(rows: bytes, height: int, width: int) -> bytes:
    span = record(SPAN, struct.pack("<IIII", 0, height - 1, 0, width - 1))
    return (
        record(BEGIN_SHEET)
        + span
        + record(BEGIN_ROWS)
        + rows
        + record(END_ROWS)
        + record(END_SHEET)
    )


def xlsb(name: str, content: bytes) -> bytes:
    """A workbook of one sheet."""
    named = record(SHEET, struct.pack("<II", 0, 1) + text("rId1") + text(name))
    sheets = record(BEGIN_SHEETS) + named + record(END_SHEETS)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.'
        'binary.macroEnabled.main"/></Types>',
        "_rels/.rels": relation(f"{OFFICE}/officeDocument", "xl/workbook.bin"),
        "xl/workbook.bin": record(BEGIN_BOOK) + sheets + record(END_BOOK),
        "xl/_rels/workbook.bin.rels": relation(f"{OFFICE}/worksheet", "worksheets/sheet1.bin"),
        "xl/worksheets/sheet1.bin": content,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, body in parts.items():
            archive.writestr(part, body)
    return buffer.getvalue()


def relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{RELATIONS}">'
        f'<Relationship Id="rId1" Type="{kind}" Target="{target}"/></Relationships>'
    )
