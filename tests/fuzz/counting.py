"""How many records an export holds, by the definition of its format and nothing of the readers.

Plain Python over the bytes: what the pipeline says it was delivered is held to this.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatch, fnmatchcase
from xml.etree import ElementTree

import polars as pl
import pyarrow as pa

from ingestion.dialects import (
    Delimited,
    Dialect,
    FixedWidth,
    Json,
    JsonLines,
    Lines,
    Listing,
    Parquet,
    Shdr,
    Workbook,
    Xml,
)
from ingestion.source import Table

#: Unicode's white space; Python strips four separators besides.
BLANK = " \t\n\x0b\x0c\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(code) for code in range(0x2000, 0x200B)
)
#: A quoted field that goes on for more lines was never closed; a longer line is no record.
MAX_RECORD_LINES, MAX_LINE = 50, 1024**2

DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
#: Letters of names beyond ASCII, of the fifth edition of XML 1.0.
NAME_LETTERS = re.compile(
    "[\xb7\xc0-\xd6\xd8-\xf6\xf8-\u037d\u037f-\u1fff\u200c\u200d\u203f\u2040\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)

UNREADABLE = (
    *(ValueError, KeyError, TypeError, ArithmeticError, RecursionError, OSError, EOFError),
    *(NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error),
    *(ElementTree.ParseError, pl.exceptions.PolarsError, pl.exceptions.PanicException),
)


@dataclass(frozen=True)
class Counted:
    """What one table of a file holds: its records by number, None where they cannot be read.

    `lines` are those below the header, whatever they hold; 0 for what has no lines.
    """

    records: dict[int, str] | None
    lines: int
    #: The lines that head the sections of a record, by its number.
    above: dict[int, str] = field(default_factory=dict)


def counted(content: bytes, tables: list[Table]) -> dict[tuple[str | None, str], Counted]:
    """What each table holds, by member of an archive (None: no archive) and table.

    A member that belongs to no table, and an archive that cannot be opened, hold nothing.
    """
    members = archive(content)
    if members is None:
        return {(None, table.name): of_table(content, table.dialect) for table in tables}
    return {
        (name, table.name): of_table(member, table.dialect)
        for name, member in members.items()
        for table in tables
        if fnmatch(name.lower(), table.dialect.member.lower())
    }


def archive(content: bytes) -> dict[str, bytes | None] | None:
    """The members of a zip archive; None for what is none, or is a workbook."""
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = book.namelist()
            if "[Content_Types].xml" in names or "mimetype" in names:
                return None
            return {name: member(book, name) for name in names if not is_left_behind(name)}
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return {}


def is_left_behind(name: str) -> bool:
    """Whether a member is a folder, or something that systems put into archives by themselves."""
    own = name.rpartition("/")[2]
    return own == "" or own.startswith(".") or name.startswith("__MACOSX/")


def member(book: zipfile.ZipFile, name: str) -> bytes | None:
    """A member's bytes; None where it is broken."""
    try:
        return book.read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        return None


def of_table(packed: bytes | None, dialect: Dialect) -> Counted:
    """What one export holds."""
    content = None if packed is None else unpacked(packed)
    if content is None:
        return Counted(None, 0)
    try:
        found = records(content, dialect)
        return Counted(found, lines_below(content, dialect), sections_above(found, dialect))
    except UNREADABLE:
        return Counted(None, lines_below(content, dialect))


def unpacked(packed: bytes) -> bytes | None:
    """The bytes without their compression; None where it is broken."""
    try:
        if packed.startswith(b"\x1f\x8b"):
            return gzip.decompress(packed)
        if packed.startswith(b"\x28\xb5\x2f\xfd"):
            return pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read()
    except (OSError, EOFError, zlib.error, pa.ArrowException):
        return None
    return packed


def lines_below(content: bytes, dialect: Dialect) -> int:
    """Lines below the header, blank ones too; nothing but blanks and zeros is no last line."""
    if not isinstance(dialect, Lines):
        return 0
    lines = content.split(b"\n" if b"\n" in content else b"\r")
    if not lines[-1].strip(b"\0\r\n \t"):
        lines.pop()
    header = isinstance(dialect, Delimited) and not dialect.headless
    return max(len(lines) - dialect.title_lines - header, 0)


def records(content: bytes, dialect: Dialect) -> dict[int, str]:
    """The records of an export by their number: the line of a text, else the place."""
    match dialect:
        case Delimited():
            return dict(delimited(numbered(content, dialect), dialect))
        case FixedWidth() | JsonLines():
            return {
                number: line for number, line in numbered(content, dialect) if line.strip(BLANK)
            }
        case Shdr():
            return {
                number: line
                for number, line in numbered(content, dialect)
                if line.strip(BLANK) and not line.lstrip(BLANK).startswith("*")
            }
        case Json():
            return dict(enumerate(of_document(content, dialect), 1))
        case Xml():
            return dict(enumerate(of_xml(content, dialect), 1))
        case Parquet():
            rows = pl.read_parquet(io.BytesIO(content), use_statistics=False).rows()
            return dict(enumerate(map(repr, rows), 1))
        case Workbook():
            return of_sheet(content, dialect.sheet)
    raise TypeError(f"nobody counts {type(dialect).__name__}")


def numbered(content: bytes, dialect: Lines) -> Iterator[tuple[int, str]]:
    """The lines of a text below its titles, with their numbers."""
    text = content.decode(dialect.encoding).removeprefix("\ufeff")
    lines = text.split("\n" if "\n" in text else "\r")
    lines[-1] = lines[-1].removesuffix("\x1a")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        if number > dialect.title_lines:
            yield number, line.removesuffix("\r")


def delimited(lines: Iterator[tuple[int, str]], dialect: Delimited) -> Iterator[tuple[int, str]]:
    """The records below the header; a quoted field takes along the lines that it spans."""
    left = list(lines)
    if dialect.drawn:
        left = [(n, line) for n, line in left if not re.match(r"\s*[|+]?[-=─]{2}[-=─|+\s]*$", line)]
    has_header = dialect.headless
    while left:
        number, line = left.pop(0)
        if not has_header and section_of(line, dialect):
            yield number, line
            continue
        if not has_header and is_above_header(line, dialect):
            continue
        if dialect.quote and leaves_quote_open(line, dialect):
            ends = [n for n, (_, below) in enumerate(left) if is_odd(below, dialect.quote)]
            if ends and ends[0] < MAX_RECORD_LINES - 1:
                line = "\n".join([line, *(below for _, below in left[: ends[0] + 1])])
                del left[: ends[0] + 1]
        if has_header and line.strip(BLANK):
            yield number, line
        has_header = True


def section_of(line: str, dialect: Dialect) -> str | None:
    """The column that a line says of the rows below it; None for one that heads no section."""
    if not isinstance(dialect, Listing) or len(line) > MAX_LINE:
        return None
    delimiter = dialect.delimiter if isinstance(dialect, Delimited) else ""
    for column, pattern in (dialect.sections or {}).items():
        found = re.fullmatch(pattern, line.strip(" \t" + delimiter))
        if found and not (delimiter and delimiter in found.group(1)):
            return column
    return None


def sections_above(found: dict[int, str], dialect: Dialect) -> dict[int, str]:
    """What heads the sections of each record."""
    columns = list((dialect.sections if isinstance(dialect, Listing) else None) or ())
    above: dict[int, str] = {}
    heads: list[str] = [""] * len(columns)
    for number, line in found.items():
        if column := section_of(line, dialect):
            place = columns.index(column)
            heads = [*heads[:place], line, *[""] * (len(columns) - place - 1)]
        above[number] = "\n".join(heads)
    return above


def is_above_header(line: str, dialect: Delimited) -> bool:
    """Whether a line stands above the header: blank, a spreadsheet's hint, a title of a list."""
    text = line.strip(BLANK)
    if dialect.drawn and (
        not text.startswith(dialect.delimiter) or not text.strip(dialect.delimiter + " ")
    ):
        return True
    return not text or re.fullmatch(r'"?sep=."?', text) is not None


def is_odd(line: str, quote: str) -> bool:
    """Whether an odd number of quotes stands in a line; one that is too long counts for nothing."""
    return len(line.encode()) <= MAX_LINE and line.count(quote) % 2 == 1


def leaves_quote_open(line: str, dialect: Delimited) -> bool:
    """Whether a quoted field starts in a line that does not end in it."""
    quote = dialect.quote or ""
    if not is_odd(line, quote):
        return False
    place = 0
    while place <= len(line):
        if line.startswith(quote, place):
            place = end_of_quoted(line, place + 1, quote)
            if place < 0:
                return True
        # What follows a quoted field up to the delimiter is a riddle, but no opening.
        found = line.find(dialect.delimiter, place)
        if found < 0:
            return False
        place = found + len(dialect.delimiter)
    return False


def end_of_quoted(line: str, place: int, quote: str) -> int:
    """Where a quoted field ends, behind its last quote; -1 where it does not."""
    while (found := line.find(quote, place)) >= 0:
        if not line.startswith(quote, found + 1):
            return found + 1
        place = found + 2
    return -1


def of_document(content: bytes, dialect: Json) -> Iterator[str]:
    """The elements of the array at the declared path."""

    def plain(number: str) -> str:
        value = Decimal(number)
        return f"{value:f}" if abs(value.adjusted()) < 40 else number

    # Two blanks more than the standard has, which do no harm.
    text = content.decode(dialect.encoding).translate({11: " ", 12: " "})
    value = json.loads(
        text.removeprefix("\ufeff"),
        object_pairs_hook=dict,
        parse_float=plain,
        parse_int=str,
    )
    for name in filter(None, dialect.records.split(".")):
        value = value[name]
    if not isinstance(value, list):
        raise ValueError("no array")
    yield from map(json.dumps, value)


def of_xml(content: bytes, dialect: Xml) -> Iterator[str]:
    """The outermost elements that are called so."""
    wanted = dialect.record.split("/")

    def below(element: ElementTree.Element, path: list[str]) -> Iterator[str]:
        path = [*path, element.tag.rpartition("}")[2]]
        tail = path[-len(wanted) :]
        if len(tail) == len(wanted) and all(map(fnmatchcase, tail, wanted)):
            yield ElementTree.tostring(element, "unicode").strip()
            return
        for child in element:
            yield from below(child, path)

    yield from below(root_of(document(content)), [])


def root_of(content: bytes | str) -> ElementTree.Element:
    """The outermost element. Python knows the names of the fourth edition of the standard: letters
    that the fifth allows besides are spelled out."""
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError:
        text = content if isinstance(content, str) else content.decode()
        spelled = NAME_LETTERS.sub(lambda letter: f"u{ord(letter[0]):x}", DECLARATION.sub("", text))
        return ElementTree.fromstring(spelled)


def document(content: bytes) -> bytes | str:
    """A document; one in UTF-16 without what its first line says, which can only be wrong or
    superfluous: its bytes tell."""
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
    encoding = marks.get(content[:2])
    if encoding is None:
        return content
    return DECLARATION.sub("", content.decode(encoding))


def of_sheet(content: bytes, sheet: str) -> dict[int, str]:
    """The rows of an xlsx sheet of one header row that hold anything below it."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        tag = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        names = [
            each.get("name")
            for each in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{tag}sheet")
        ]
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"))
    rows = {}
    for place, row in enumerate(root.iter(f"{tag}row"), 1):
        cells = ["".join(cell.itertext()) for cell in row.iter(f"{tag}c")]
        if place > 1 and any(cell.strip(BLANK) for cell in cells):
            rows[int(row.get("r") or place)] = "\t".join(cells)
    return rows
