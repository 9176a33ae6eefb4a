"""A delivered file as a stream of bytes, out of its packing, never more than it may hold.

gzip and zstd are unpacked on the fly, also inside a zip archive. Members of an archive are read in
place and never written under their own names.
"""

from __future__ import annotations

import errno
import gzip
import lzma
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from ingestion.errors import FileRejected
from ingestion.rules import RULES
from ingestion.source import Table

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
#: How a zip archive starts, and one without a file.
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MAX_MEMBERS = 10_000
#: Workbooks are zip archives themselves; one of these entries tells them.
WORKBOOK_ENTRIES = ("[Content_Types].xml", "mimetype")
BLOCK_BYTES = 1024**2
#: What the standard library raises over an archive that is broken somewhere.
BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, KeyError, ValueError),
)


class Readable(Protocol):
    """What a parser needs of a stream."""

    def read(self, size: int = -1, /) -> bytes: ...


class Bounded:
    """A stream that ends in FileRejected where it gives more bytes than it may, or breaks.

    `packing` names what is unpacked; the errors of a plain file are those of the disk.
    """

    def __init__(self, stream: Readable, limit: int, packing: str) -> None:
        self.stream, self.limit, self.left, self.packing = stream, limit, limit, packing

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""
        # One byte beyond the limit tells a stream that ends there from one that goes on.
        most = self.left + 1
        try:
            block = self.stream.read(most if size < 0 else min(size, most))
        except Exception as error:  # each packing has errors of its own
            if not self.packing:
                raise
            raise FileRejected("unreadable_file", f"broken {self.packing} file: {error}") from error
        self.left -= len(block)
        if self.left < 0:
            raise too_large(self.limit)
        return block


def too_large(limit: int) -> FileRejected:
    """The refusal of what unpacks into more than it may."""
    return FileRejected("file_too_large", f"more than {limit:,} bytes: {RULES['file_too_large']}")


@contextmanager
def unpacked(path: Path, table: Table, member: str | None = None) -> Iterator[Bounded]:
    """The bytes of an export, or of one member of an archive, unpacked as their start says."""
    with path.open("rb") as file:
        if member is None:
            yield decompressed(file, table.max_bytes, "")
            return
        with broken_archives_refused():
            archive = zipfile.ZipFile(file)
            stream = archive.open(member)
        with archive, stream:
            yield decompressed(cast(BinaryIO, stream), table.max_bytes, "zip")


def decompressed(stream: BinaryIO, limit: int, packing: str) -> Bounded:
    """A stream without its compression."""
    with broken_archives_refused():
        start = cast(Any, stream).peek(4)[:4]
    if start.startswith(GZIP):
        return Bounded(gzip.GzipFile(fileobj=stream), limit, "gzip")
    if start == ZSTD:
        import pyarrow as pa

        return Bounded(pa.CompressedInputStream(pa.PythonFile(stream), "zstd"), limit, "zstd")
    return Bounded(stream, limit, packing)


@contextmanager
def broken_archives_refused() -> Iterator[None]:
    """FileRejected for what goes wrong inside where an archive is broken."""
    try:
        yield
    except BROKEN_ARCHIVE as error:
        # A directory that points to nowhere looks like a fault of the disk, whose own are others.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise FileRejected("unreadable_file", f"broken zip archive: {error}") from error


@contextmanager
def seekable(path: Path, table: Table, member: str | None = None) -> Iterator[BinaryIO]:
    """The bytes of an export for a parser that jumps; what is packed goes through a copy."""
    with unpacked(path, table, member) as stream:
        if not stream.packing:
            yield cast(BinaryIO, stream.stream)
            return
        with tempfile.TemporaryFile() as copy:
            while block := stream.read(BLOCK_BYTES):
                copy.write(block)
            copy.seek(0)
            yield cast(BinaryIO, copy)


def archive_members(path: Path, limit: int) -> list[str] | None:
    """The names of an archive's files in order; None for what is no zip archive.

    FileRejected for an archive with entries that no honest program writes, or with more in it than
    `limit` bytes. What systems leave in archives by themselves (`__MACOSX/`, `.DS_Store`) is passed
    over.
    """
    with path.open("rb") as file:
        if file.read(4) not in ZIP:
            return None
    with broken_archives_refused(), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if any(entry.filename in WORKBOOK_ENTRIES for entry in entries):
        return None
    if len(entries) > MAX_MEMBERS:
        raise FileRejected("file_too_large", f"the archive holds more than {MAX_MEMBERS:,} files")
    for entry in entries:
        refuse_unsafe(entry)
    if sum(entry.file_size for entry in entries) > limit:
        raise too_large(limit)
    names = [entry.filename for entry in entries if not entry.is_dir()]
    if len(set(names)) < len(names):
        raise FileRejected("unsafe_archive", "the archive holds two files of the same name")
    return sorted(
        name
        for name in names
        if not name.startswith("__MACOSX/") and not name.rpartition("/")[2].startswith(".")
    )


def refuse_unsafe(entry: zipfile.ZipInfo) -> None:
    """Refuse paths that lead out of an archive, links, and what is encrypted."""
    name = entry.filename
    parts = name.split("/")
    shown = name.encode("unicode_escape").decode()[:200]
    if not name.isprintable() or "\\" in name or ":" in name or ".." in parts or parts[0] == "":
        raise FileRejected("unsafe_archive", f"entry {shown!r}: {RULES['unsafe_archive']}")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FileRejected("unsafe_archive", f"entry {shown!r} is a link or a device, no file")
    if entry.flag_bits & 1:
        raise FileRejected("unreadable_file", f"entry {shown!r} is encrypted: deliver it open")
