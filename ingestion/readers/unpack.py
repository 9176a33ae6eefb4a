"""A delivered file as a stream of bytes, out of its compression, never more than it may hold."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ingestion.errors import FileRejected
from ingestion.rules import RULES
from ingestion.source import Table

GZIP = b"\x1f\x8b"
BROKEN = (OSError, EOFError, zlib.error)


class Readable(Protocol):
    """What a parser needs of a stream."""

    def read(self, size: int = -1, /) -> bytes: ...


class Bounded:
    """A stream that ends in FileRejected where it gives more bytes than it may, or breaks.

    `broken` are the errors that its packing raises; a plain file's errors are those of the disk.
    """

    def __init__(
        self,
        stream: Readable,
        limit: int,
        packing: str = "",
        broken: tuple[type[Exception], ...] = (),
    ) -> None:
        self.stream, self.limit, self.left = stream, limit, limit
        self.packing, self.broken = packing, broken

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""
        # One byte beyond the limit tells a stream that ends there from one that goes on.
        most = self.left + 1
        try:
            block = self.stream.read(most if size < 0 else min(size, most))
        except self.broken as error:
            raise FileRejected("unreadable_file", f"broken {self.packing} file: {error}") from error
        self.left -= len(block)
        if self.left < 0:
            raise FileRejected(
                "file_too_large", f"more than {self.limit:,} bytes: {RULES['file_too_large']}"
            )
        return block


@contextmanager
def unpacked(path: Path, table: Table) -> Iterator[Bounded]:
    """The bytes of an export, unpacked where its first bytes say that it is packed."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start.startswith(GZIP):
            with gzip.open(file) as stream:
                yield Bounded(stream, table.max_bytes, "gzip", BROKEN)
        else:
            yield Bounded(file, table.max_bytes)
