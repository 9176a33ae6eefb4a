"""Exported files and how they become bytes.

A file is kept as rows of text until it is written, so that faults can be planted in it and
pointed at by line. Line numbers count lines of the file; the header is line 1.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path


@dataclass(slots=True)
class Row:
    """One row of an exported table."""

    fields: list[str]
    row_id: str
    is_final: bool = True  # False: the row is still open and will come again
    raw: str | None = None  # written as it stands, without quoting
    is_touched: bool = False  # a fault has been planted in it already


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a system writes text."""

    extension: str
    separator: str
    encoding: str
    has_quotes: bool


MAPEX = Dialect("csv", ";", "cp1252", has_quotes=True)
SAP = Dialect("txt", "\t", "cp1252", has_quotes=False)
SAP_UNICODE = Dialect("txt", "\t", "utf-16", has_quotes=False)
TYPED = Dialect("csv", ",", "utf-8", has_quotes=True)


@dataclass(slots=True)
class ExportFile:
    """One table as one system exports it in one night."""

    folder: str
    table: str
    stamp: str
    at: int  # the instant of the extraction
    dialect: Dialect
    header: list[str]
    rows: list[Row]
    footer: list[Row] = field(default_factory=list)
    is_truncated: bool = False  # the last line breaks off

    @property
    def path(self) -> str:
        """Below the plant's landing folder."""
        return f"{self.folder}/{self.table}_{self.stamp}.{self.dialect.extension}"

    def line_no(self, row: Row) -> int:
        for n, other in enumerate((*self.rows, *self.footer), start=2):
            if other is row:
                return n
        raise ValueError(f"{self.path} does not hold row {row.row_id}")

    def text_of(self, row: Row) -> str:
        if row.raw is not None:
            return row.raw
        if not self.dialect.has_quotes:
            return self.dialect.separator.join(row.fields)
        return self.dialect.separator.join(
            _quoted(value, self.dialect.separator) for value in row.fields
        )

    def content(self) -> bytes:
        lines = [self.dialect.separator.join(self.header)]
        lines += [self.text_of(row) for row in (*self.rows, *self.footer)]
        text = "\r\n".join(lines) + ("" if self.is_truncated else "\r\n")
        if self.dialect.encoding == "utf-16":
            # Little endian with its mark, on every machine.
            return b"\xff\xfe" + text.encode("utf-16-le")
        return text.encode(self.dialect.encoding)


def columns(names: str) -> list[str]:
    """The header of a table from its names in one line."""
    return names.split()


def write(file: ExportFile, landing: Path, content: bytes) -> Path:
    """Put a file into the landing folder, dated to its extraction."""
    path = landing / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (file.at, file.at))
    return path


def _quoted(value: str, separator: str) -> str:
    if '"' in value or separator in value:
        return '"' + value.replace('"', '""') + '"'
    return value


def comma(value: Decimal | float | int, digits: int) -> str:
    """1234,5"""
    return f"{value:.{digits}f}".replace(".", ",")


def german(thousandths: int) -> str:
    """1.234,500 for a quantity in thousandths; the sign is the caller's."""
    whole, part = divmod(abs(thousandths), 1_000)
    return f"{whole:,}".replace(",", ".") + f",{part:03d}"


def german_money(cents: int) -> str:
    """1.234,56; the sign is the caller's."""
    whole, part = divmod(abs(cents), 100)
    return f"{whole:,}".replace(",", ".") + f",{part:02d}"


def trailing_minus(text: str, signed: int) -> str:
    return f"{text}-" if signed < 0 else text
