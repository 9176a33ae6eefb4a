"""What an export looks like: a verdict to record beside what was declared, or to start from.

A declaration always wins. The verdict is about a file as a whole, from its first bytes; no row is
read by it. Where it contradicts the declaration, the delivery says so, which is what a person needs
to know when a file was rejected, and when numbers look odd although nothing was.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ingestion.dialects import (
    DELIMITERS,
    Delimited,
    Dialect,
    Json,
    JsonLines,
    Lines,
    Parquet,
    Workbook,
    Xml,
)
from ingestion.readers.lines import UTF16_MARKS, looks_like_utf16
from ingestion.readers.unpack import unpacked
from ingestion.source import Table

SAMPLE_BYTES = 16 * 1024
SAMPLE_LINES = 60
LINE_ENDS = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
QUOTED = re.compile(r'"(?:[^"]|"")*"')
#: Cells that can mean but one decimal mark: other than three digits behind it, or both marks.
COMMA = re.compile(r"[-+(]?(?:\d{1,3}(?:[.' \u00a0]\d{3})+|\d+),(?:\d{1,2}|\d{4,})[-)]?")
POINT = re.compile(r"[-+(]?(?:\d{1,3}(?:[,' \u00a0]\d{3})+|\d+)\.(?:\d{1,2}|\d{4,})[-)]?")
#: Cells that no column is called.
VALUE = re.compile(r"[-+(]?[\d][\d.,:/ T'-]*[-)Z]?")


@dataclass(frozen=True)
class Verdict:
    """What the first bytes of a file say; null where they do not tell."""

    #: text, json, json lines, xml, parquet or workbook.
    kind: str
    encoding: str | None = None
    line_end: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    #: The line of the header; 0 where the first record stands in the first line.
    header_line: int | None = None
    is_drawn: bool = False

    def __str__(self) -> str:
        parts = [self.kind]
        parts += [part for part in (self.encoding, self.line_end) if part]
        if self.delimiter:
            parts.append(
                f"delimiter {self.delimiter!r}" + (" (drawn list)" if self.is_drawn else "")
            )
        if self.decimal:
            parts.append(f"decimal mark {self.decimal!r}")
        if self.header_line is not None:
            parts.append(f"header in line {self.header_line}" if self.header_line else "no header")
        return ", ".join(parts)

    def dialect(self) -> Dialect | None:
        """The dialect to begin a source module with; None where that needs to know its content."""
        # What holds no letter beyond ASCII today may do so tomorrow.
        encoding = "utf-8" if self.encoding in (None, "ascii") else str(self.encoding)
        match self.kind:
            case "text" if self.delimiter:
                return Delimited(
                    encoding=encoding,
                    delimiter=self.delimiter,
                    decimal=self.decimal or ".",
                    title_lines=max((self.header_line or 1) - 1, 0) if not self.is_drawn else 0,
                    quote=None if self.is_drawn else '"',
                    drawn=self.is_drawn,
                )
            case "json":
                return Json()
            case "json lines":
                return JsonLines(encoding=encoding)
            case "parquet":
                return Parquet()
        return None

    def contradicts(self, declared: Dialect) -> list[str]:
        """In which points the file looks other than declared."""
        found = []
        kind = kind_of(declared)
        if self.kind != kind:
            return [f"declared {kind}, looks like {self.kind}"]
        if isinstance(declared, Lines) and not same_encoding(self.encoding, declared.encoding):
            found.append(f"declared {declared.encoding}, looks like {self.encoding}")
        if isinstance(declared, Delimited):
            if self.delimiter and self.delimiter != declared.delimiter:
                found.append(
                    f"declared delimiter {declared.delimiter!r}, looks like {self.delimiter!r}"
                )
            header_line = 0 if declared.headless else declared.title_lines + 1
            is_moved = self.header_line is not None and self.header_line != header_line
            # Layout of these may stand above it.
            is_laid_out = declared.drawn or declared.sections
            if is_moved and not is_laid_out and not found:
                found.append(f"declared header line {header_line}, looks like {self.header_line}")
        if self.decimal and self.decimal != declared.decimal:
            found.append(f"declared decimal mark {declared.decimal!r}, looks like {self.decimal!r}")
        return found


def detect(path: Path, table: Table, member: str | None = None) -> Verdict:
    """The verdict on a file or a member of an archive; FileRejected where it is packed badly."""
    with unpacked(path, table, member) as stream:
        start = stream.read(SAMPLE_BYTES)
    if start.startswith(b"PAR1"):
        return Verdict("parquet")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Verdict("workbook")
    encoding = encoding_of(start)
    return looks_of(start.decode(encoding, errors="replace").removeprefix("\ufeff"), encoding)


def encoding_of(start: bytes) -> str:
    """The encoding of a text by its mark, by its zeros, or by whether it is valid UTF-8."""
    if found := UTF16_MARKS.get(start[:2]):
        return found
    if found := looks_like_utf16(start):
        return found
    if start.isascii():
        return "ascii"
    try:
        # The sample may end inside a character.
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def same_encoding(found: str | None, declared: str) -> bool:
    """Whether bytes that look like one encoding can be in the declared one."""
    if found is None or found == "ascii":
        return True
    declared = codecs.lookup(declared).name
    if declared == "utf-16":
        return found.startswith("utf-16")
    # Code pages look all alike.
    return found == declared or (found == "cp1252" and not declared.startswith("utf"))


def looks_of(text: str, encoding: str) -> Verdict:
    """The verdict on a text by its beginning."""
    first = text.lstrip()[:1]
    if first == "<":
        return Verdict("xml", encoding)
    line_end = next((name for end, name in LINE_ENDS.items() if end in text), None)
    lines = text.splitlines()[:SAMPLE_LINES]
    if first in ("{", "["):
        objects = sum(line.lstrip()[:1] == "{" and line.rstrip()[-1:] == "}" for line in lines)
        is_lines = first == "{" and objects > 1
        return Verdict("json lines" if is_lines else "json", encoding, line_end)
    plain = [QUOTED.sub("", line) for line in lines]
    delimiter, fields = delimiter_of(plain)
    if delimiter is None:
        return Verdict("text", encoding, line_end)
    table = [n for n, line in enumerate(plain) if line.count(delimiter) == fields]
    split = csv.reader((lines[n] for n in table), delimiter=delimiter)
    rows = [[cell.strip() for cell in row] for row in split]
    is_header = not any(VALUE.fullmatch(cell) for cell in rows[0])
    return Verdict(
        "text",
        encoding,
        line_end,
        delimiter,
        decimal_of([cell for row in rows for cell in row]),
        (table[0] + 1) if is_header else 0,
        is_drawn=delimiter == "|" and lines[table[0]].lstrip().startswith("|"),
    )


def delimiter_of(lines: list[str]) -> tuple[str | None, int]:
    """The character that stands equally often in most lines, and how often it does."""
    best: tuple[float, int, str] | None = None
    for delimiter in DELIMITERS:
        counts = Counter(line.count(delimiter) for line in lines if line.strip())
        del counts[0]
        if not counts:
            continue
        fields, agreeing = max(counts.items(), key=lambda item: (item[1], item[0]))
        if best is None or (agreeing, fields) > best[:2]:
            best = agreeing, fields, delimiter
    return (best[2], best[1]) if best else (None, 0)


def decimal_of(cells: list[str]) -> str | None:
    """The decimal mark of the cells that can mean but one; None where they do not agree."""
    commas = sum(COMMA.fullmatch(cell) is not None for cell in cells)
    points = sum(POINT.fullmatch(cell) is not None for cell in cells)
    if commas and points:
        return None
    return "," if commas else "." if points else None


def kind_of(dialect: Dialect) -> str:
    """The kind of file that a dialect declares."""
    match dialect:
        case Json():
            return "json"
        case JsonLines():
            return "json lines"
        case Xml():
            return "xml"
        case Parquet():
            return "parquet"
        case Workbook():
            return "workbook"
    return "text"
