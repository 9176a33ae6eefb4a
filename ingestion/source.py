"""How a source module declares its exports: files, their dialects, and columns per feed.

A module in `ingestion/sources/` holds one `SOURCE`. Nothing in here knows any system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from ingestion.columns import Column
from ingestion.dialects import (
    Delimited,
    Dialect,
    FixedWidth,
    Json,
    JsonLines,
    Parquet,
    Shdr,
    Workbook,
    Xml,
)
from ingestion.feeds import Feed

System = Literal["mes", "cmms", "erp", "hr", "other"]

#: Compressed exports unpack to at most this much: a bomb is refused, an export of a day is not.
MAX_FILE_BYTES = 4 * 1024**3


@dataclass(frozen=True)
class FeedMapping:
    """How rows of one exported table become rows of one feed."""

    feed: type[Feed]
    columns: Mapping[str, Column]
    #: Only these exported rows produce rows of the feed.
    where: pl.Expr | None = None
    #: One exported row to several (wide matrices); line_no must stay.
    reshape: Callable[[pl.DataFrame], pl.DataFrame] | None = None


@dataclass(frozen=True)
class Table:
    """One kind of exported file (or sheet of one)."""

    name: str
    #: Shell pattern of the file name inside the plant's folder, any case.
    pattern: str
    dialect: Dialect
    #: Exported columns that must be there; more may follow in any order.
    columns: tuple[str, ...]
    feeds: tuple[FeedMapping, ...]
    #: Regular expression with one group, the local extraction time in the file name, and its
    #: format; without one the file's modification time counts.
    stamp: tuple[str, str] | None = (r"_(\d{8}_\d{6})", "%Y%m%d_%H%M%S")
    #: The system exports a row again whenever it changed, so that an open row which does not come
    #: again is still open. False for exports of a fixed window that never come back to a row.
    resends_changes: bool = True
    max_bytes: int = MAX_FILE_BYTES


@dataclass(frozen=True)
class Source:
    """A system's exports."""

    name: str
    title: str
    system: System
    tables: tuple[Table, ...] = field(default=())


__all__ = [
    "MAX_FILE_BYTES",
    "Delimited",
    "FeedMapping",
    "FixedWidth",
    "Json",
    "JsonLines",
    "Parquet",
    "Shdr",
    "Source",
    "Table",
    "Workbook",
    "Xml",
]
