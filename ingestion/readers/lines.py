"""Bytes to physical lines: decoded as declared, in blocks, however long the file is."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ingestion.errors import FileRejected
from ingestion.readers.records import MAX_LINE_CHARS
from ingestion.readers.unpack import Readable

#: Small enough for bounded memory, large enough that a block costs more than what surrounds it.
BLOCK_BYTES = 8 * 1024**2
UTF8_MARK = codecs.BOM_UTF8
UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
#: What DOS programs write behind the last line.
DOS_END = "\x1a"


@dataclass
class Lines:
    """Physical lines in order: line_no and text without the line's end.

    `is_cut_off`: the last of these lines has no end, so that it may not be all there is of it.
    """

    frame: pl.DataFrame
    is_last: bool = False
    is_cut_off: bool = False


def lines_of(stream: Readable, encoding: str) -> Iterator[Lines]:
    """The lines of a text in blocks; the last block says so and may be empty.

    Lines end with LF or CRLF, or with CR alone where the text has no LF: old Macs and some report
    writers. Of a line that is too long to be a record only as much is kept as shows that.
    """
    rest, end, next_line = "", "", 1
    for text in decoded(stream, encoding):
        text = rest + text
        if not end:
            # A CR that stands last may be half of a CRLF.
            end = "\n" if "\n" in text else "\r" if "\r" in text[:-1] else ""
        complete, found, rest = text.rpartition(end) if end else ("", "", text)
        rest = rest[: MAX_LINE_CHARS + 1]
        if found:
            frame = numbered(complete, end, next_line)
            next_line += frame.height
            yield Lines(frame)
    rest = rest.removesuffix(DOS_END)
    yield Lines(
        numbered(rest, "\n", next_line).head(1 if rest else 0),
        is_last=True,
        is_cut_off=bool(rest),
    )


def numbered(text: str, end: str, first: int) -> pl.DataFrame:
    """A block of text as lines, counted from `first`."""
    lines = pl.Series("text", [text], pl.String).str.split(end).explode()
    return pl.DataFrame({"text": lines}).select(
        pl.int_range(first, first + lines.len(), dtype=pl.Int64).alias("line_no"),
        pl.col("text").str.strip_suffix("\r"),
    )


def decoded(stream: Readable, encoding: str) -> Iterator[str]:
    """The text in blocks, without a byte order mark.

    FileRejected names the first line whose bytes contradict the declared encoding.
    """
    declared = encoding.lower()
    block = stream.read(BLOCK_BYTES)
    check_marks(block, declared)
    decoder = codecs.getincrementaldecoder(declared)("strict")
    suspicion = None if declared.startswith("utf") else Utf8Suspicion(declared)
    lines, is_first = 0, True
    while True:
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            raise FileRejected(
                "wrong_encoding",
                f"not {encoding}: {error}",
                line_no=lines + block.count(b"\n", 0, start) + 1,
            ) from error
        if suspicion is not None:
            suspicion.look_at(block, lines)
        if text:
            yield text.removeprefix("\ufeff") if is_first else text
            is_first = False
        if not block:
            return
        lines += block.count(b"\n")
        block = stream.read(BLOCK_BYTES)


def check_marks(start: bytes, declared: str) -> None:
    """Refuse a text whose first bytes say that it is in another encoding than the declared one."""
    found = UTF16_MARKS.get(start[:2]) or looks_like_utf16(start)
    if declared == "utf-16" and start and start[:2] not in UTF16_MARKS:
        hint = f"; it looks like {found}, which can be declared" if found else ""
        raise FileRejected(
            "wrong_encoding",
            f"declared UTF-16, but the file has no UTF-16 mark{hint}",
            line_no=1,
        )
    if found and declared not in ("utf-16", found):
        raise FileRejected(
            "wrong_encoding", f"declared {declared}, but the file starts as {found}", line_no=1
        )


def looks_like_utf16(start: bytes) -> str | None:
    """The byte order of UTF-16 without a mark: nearly every second byte of a header is zero."""
    sample = start[:400]
    for name, zeros, letters in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        if len(zeros) > 3 and zeros.count(0) > 0.8 * len(zeros) and letters.count(0) == 0:
            return name
    return None


class Utf8Suspicion:
    """Tells UTF-8 that was declared as a code page, which can read any bytes.

    What decides is that text which is valid UTF-8 beyond ASCII to its end is practically never
    anything else.
    """

    def __init__(self, declared: str) -> None:
        self.declared = declared
        self.decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self.first_line: int | None = None

    def look_at(self, block: bytes, lines: int) -> None:
        """The next bytes, none at the end; FileRejected there if all of them were UTF-8."""
        if self.decoder is None:
            return
        try:
            self.decoder.decode(block, final=not block)
        except UnicodeDecodeError:
            self.decoder = None
            return
        if self.first_line is None and not block.isascii():
            first = next(place for place, byte in enumerate(block) if byte > 127)
            self.first_line = lines + block.count(b"\n", 0, first) + 1
        if not block and self.first_line is not None:
            raise FileRejected(
                "wrong_encoding",
                f"declared {self.declared}, but the file is UTF-8",
                line_no=self.first_line,
            )
