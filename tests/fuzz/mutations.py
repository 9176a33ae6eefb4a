"""What can go wrong with an export on its way: one function per mishap, all driven by a seed."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.dialects import Delimited, Dialect, Text
from ingestion.readers.unpack import BROKEN_ARCHIVE
from tests.fuzz.formats import parquet, zipped

#: Cells that somebody, or some program, has written one day.
CELLS = (
    *("", " ", "0", "-1", "+1", "1e3", "1E999999999", "NaN", "inf", "-0", "00012", "1.234.567,89"),
    *("1,234,567.89", "12-", "(12)", "999999999999999999999999999999", "0,0000001", "٣", "½"),
    *("NULL", "--", "#N/A", "#REF!", "true", "JA", "N'x'", "x" * 300, "x" * 5_000, "\x00"),
    *("0000-00-00", "00.00.0000", "2026-02-31 06:00:00", "31/12/1899", "9999-12-31 23:59:59"),
    *("2026-03-29 02:30:00", "29/03/2026 02:30:00", "10/03/2026 24:00:00", "1", "46091,25"),
    *('"a\nb"', '"a;b,c\td|e"', '"x ""y"" z"', '"a\r\n\r\nb"', '"a"b', "'a;b'"),
    *('"', '""', 'a"b', '"a', 'a"', "a;b", "a,b", "a\tb", "a|b", "a\nb", "a\r\nb"),
    *("=1+1", "=cmd|'/c calc'!A1", "@SUM(A1)", "'; drop table raw.deliveries; --", "../../etc"),
    *("<a/>", "&amp;", "&e;", "{}", "[]", "\\", "\ufeff", "\u202e", "\ud7ff", "🏭", "ä", "\x85"),
    *("line_no", "raw_line", "plant_id", "<!DOCTYPE r>", "*", "sep=;", "\x1a", "a\rb", "\u2028"),
    *("Machine: M9", "Machine:", "\nMachine: M8\n"),
)  # fmt: skip
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1"),
    *("cp1252", "cp500", "cp437", "shift_jis"),
)
LINE_ENDS = ("\n", "\r\n", "\r", "\n\r", "\r\r\n", "\x0b", "\x85", "\u2028")
MEMBERS = (
    "a.csv",
    "b/c.csv",
    "../a.csv",
    "/a.csv",
    "a\\b.csv",
    "a\x00.csv",
    ".hidden",
    "é.csv",
    "d/",
)

TextMishap = Callable[[str, random.Random, str], str]
Mishap = Callable[[bytes, random.Random], bytes]


def mutated(
    content: bytes, dialect: Dialect, other: bytes, seed: int
) -> tuple[bytes, tuple[str, ...]]:
    """An export after some mishaps, and their names; `other` is an export of another kind."""
    chance = random.Random(seed)
    names = []
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        content, name = inside(content, dialect, chance)
        names.append(name)
    if chance.random() < 0.2:
        content, name = once(ENVELOPES, content, chance)
        names.append(name)
    if chance.random() < 0.03:
        content = other
        names.append("another export under this name")
    return content, tuple(names)


def once(mishaps: Sequence[Mishap], content: bytes, chance: random.Random) -> tuple[bytes, str]:
    """One of these mishaps, and its name."""
    mishap = chance.choice(mishaps)
    return mishap(content, chance), mishap.__name__


def inside(content: bytes, dialect: Dialect, chance: random.Random) -> tuple[bytes, str]:
    """One mishap to what a file, or a member of an archive, holds."""
    if content.startswith(b"PK\x03\x04") and chance.random() < 0.8:
        try:
            return within_archive(content, dialect, chance)
        except BROKEN_ARCHIVE:
            return once(BYTES, content, chance)
    if content.startswith(b"PAR1") and chance.random() < 0.5:
        try:
            return once(PARQUET, content, chance)
        except (pa.ArrowException, OSError):
            return once(BYTES, content, chance)
    is_text = not content.startswith((b"PK", b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))
    if not is_text or chance.random() < 0.25:
        return once(BYTES, content, chance)
    encoding = dialect.encoding if isinstance(dialect, Text) else "utf-8"
    delimiter = dialect.delimiter if isinstance(dialect, Delimited) else ""
    try:
        text = content.decode(encoding)
    except UnicodeError:
        return once(BYTES, content, chance)
    mishap = chance.choice(TEXTS if delimiter else [each for each in TEXTS if each not in COLUMNS])
    changed = mishap(text, chance, delimiter)
    name = mishap.__name__
    if chance.random() < 0.08:
        encoding = chance.choice(ENCODINGS)
        name = f"{name} in {encoding}"
    return changed.encode(encoding, "replace"), name


def within_archive(content: bytes, dialect: Dialect, chance: random.Random) -> tuple[bytes, str]:
    """One mishap to a member of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    # The sheets of a workbook are what is worth changing; they stand last.
    name = chance.choice(sorted(members)[-2:])
    members[name], mishap = inside(members[name], dialect, chance)
    return zipped(members), f"{mishap} in {name}"


# --- bytes ----------------------------------------------------------------------------------------


def span(size: int, chance: random.Random) -> tuple[int, int]:
    """A place, and one up to fifty behind it."""
    first = chance.randrange(size + 1)
    return first, min(size, first + chance.randint(1, 50))


def flipped_bits(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def random_bytes(content: bytes, chance: random.Random) -> bytes:
    first, last = span(len(content), chance)
    return content[:first] + chance.randbytes(last - first) + content[last:]


def zeroed(content: bytes, chance: random.Random) -> bytes:
    first, last = span(len(content), chance)
    return content[:first] + b"\0" * (last - first) + content[last:]


def cut_out(content: bytes, chance: random.Random) -> bytes:
    first, last = span(len(content), chance)
    return content[:first] + content[last:]


def cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def repeated(content: bytes, chance: random.Random) -> bytes:
    first, last = span(len(content), chance)
    return content[:last] + content[first:last] * chance.randint(1, 5) + content[last:]


def inserted(content: bytes, chance: random.Random) -> bytes:
    first, _ = span(len(content), chance)
    piece = chance.choice(
        (b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\0", b"\r", b"\n", b'"', b"\x1a")
    )
    return content[:first] + piece + content[first:]


def padded_with_zeros(content: bytes, chance: random.Random) -> bytes:
    return content + b"\0" * chance.choice((1, 511, 4096))


def twice(content: bytes, chance: random.Random) -> bytes:
    return content + content


# --- lines ----------------------------------------------------------------------------------------


def any_line(lines: list[str], chance: random.Random) -> int:
    """One of the lines, seldom the header."""
    return 0 if chance.random() < 0.1 else chance.randrange(len(lines))


def lost_line(text: str, chance: random.Random, delimiter: str) -> str:
    lines = text.split("\n")
    del lines[any_line(lines, chance)]
    return "\n".join(lines)


def repeated_line(text: str, chance: random.Random, delimiter: str) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines) + 1), lines[any_line(lines, chance)])
    return "\n".join(lines)


def joined_lines(text: str, chance: random.Random, delimiter: str) -> str:
    lines = text.split("\n")
    place = any_line(lines, chance)
    return "\n".join([*lines[:place], "".join(lines[place : place + 2]), *lines[place + 2 :]])


def broken_line(text: str, chance: random.Random, delimiter: str) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(LINE_ENDS) + text[place:]


def shuffled_lines(text: str, chance: random.Random, delimiter: str) -> str:
    first, *lines = text.split("\n")
    chance.shuffle(lines)
    return "\n".join([first, *lines])


def backward_lines(text: str, chance: random.Random, delimiter: str) -> str:
    return "\n".join(reversed(text.split("\n")))


def blank_lines(text: str, chance: random.Random, delimiter: str) -> str:
    lines = text.split("\n")
    for _ in range(chance.randint(1, 5)):
        blank = chance.choice(("", " ", "\t", "\r", "\x00", "\xa0", "\x1c", delimiter * 3))
        lines.insert(any_line(lines, chance), blank)
    return "\n".join(lines)


def other_line_ends(text: str, chance: random.Random, delimiter: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", chance.choice(LINE_ENDS))


def no_last_line_end(text: str, chance: random.Random, delimiter: str) -> str:
    return text.rstrip("\r\n")


def very_long_line(text: str, chance: random.Random, delimiter: str) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice('x";,|{<') * 1_100_000 + text[place:]


def totals_line(text: str, chance: random.Random, delimiter: str) -> str:
    return text.rstrip("\r\n") + f"\n*{delimiter}Total{delimiter}1.234,00\n"


# --- columns and cells ----------------------------------------------------------------------------


def per_line(text: str, delimiter: str, change: Callable[[list[str]], list[str]]) -> str:
    """Every line with its cells changed alike."""
    return "\n".join(delimiter.join(change(line.split(delimiter))) for line in text.split("\n"))


def lost_column(text: str, chance: random.Random, delimiter: str) -> str:
    place = chance.randrange(12)
    return per_line(text, delimiter, lambda cells: cells[:place] + cells[place + 1 :])


def one_more_column(text: str, chance: random.Random, delimiter: str) -> str:
    place, cell = chance.randrange(12), chance.choice(CELLS)
    return per_line(text, delimiter, lambda cells: [*cells[:place], cell, *cells[place:]])


def backward_columns(text: str, chance: random.Random, delimiter: str) -> str:
    return per_line(text, delimiter, lambda cells: cells[::-1])


def repeated_column(text: str, chance: random.Random, delimiter: str) -> str:
    place = chance.randrange(12)
    return per_line(text, delimiter, lambda cells: [*cells, *cells[place : place + 1]])


def other_delimiter(text: str, chance: random.Random, delimiter: str) -> str:
    return text.replace(delimiter, chance.choice((";", ",", "\t", "|", " ", "")))


def quoted_cells(text: str, chance: random.Random, delimiter: str) -> str:
    return per_line(text, delimiter, lambda cells: [f'"{cell.strip()}"' for cell in cells])


def other_cells(text: str, chance: random.Random, delimiter: str) -> str:
    """Some cells, or some words where there are none, hold something else."""
    first, found, rest = text.partition("\n")
    return first + found + with_other_cells(rest, chance, delimiter)


def other_header(text: str, chance: random.Random, delimiter: str) -> str:
    first, found, rest = text.partition("\n")
    return with_other_cells(first, chance, delimiter) + found + rest


def with_other_cells(text: str, chance: random.Random, delimiter: str) -> str:
    pattern = f"[^{re.escape(delimiter)}\r\n]+" if delimiter else r"[\w.:+-]+"
    places = [found.span() for found in re.finditer(pattern, text)]
    for first, last in sorted(chance.sample(places, min(len(places), chance.randint(1, 6))))[::-1]:
        text = text[:first] + chance.choice(CELLS) + text[last:]
    return text


# --- Parquet --------------------------------------------------------------------------------------


def other_type(content: bytes, chance: random.Random) -> bytes:
    table = pq.read_table(io.BytesIO(content))
    place = chance.randrange(table.num_columns)
    kinds = (pa.binary(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.null())
    kind = chance.choice(kinds)
    values = pa.array([None] * table.num_rows) if kind == pa.null() else table[place].cast(kind)
    return parquet(table.set_column(place, table.column_names[place], values))


def nested(content: bytes, chance: random.Random) -> bytes:
    rows = pq.read_table(io.BytesIO(content)).to_pylist()
    for row in rows:
        row["nested"] = {"id": chance.choice((1, None)), "of": [{"x": 1}], "line_no": 3}
    return parquet(pa.Table.from_pylist(rows))


def other_rows(content: bytes, chance: random.Random) -> bytes:
    rows = pq.read_table(io.BytesIO(content)).to_pylist()
    for _ in range(chance.randint(1, 5) if rows else 0):
        row = chance.choice(rows)
        row[chance.choice(sorted(row))] = chance.choice([*CELLS, None])
    chance.shuffle(rows)
    return parquet(pa.Table.from_pylist(rows[chance.randrange(3) :]))


def no_rows(content: bytes, chance: random.Random) -> bytes:
    return parquet(pq.read_table(io.BytesIO(content)).slice(0, 0))


# --- what a file is packed in ---------------------------------------------------------------------


def gzipped(content: bytes, chance: random.Random) -> bytes:
    return gzip.compress(content, mtime=0)


def gzipped_in_pieces(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return gzip.compress(content[:place], mtime=0) + gzip.compress(content[place:], mtime=0)


def with_zstd(content: bytes, chance: random.Random) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def in_an_archive(content: bytes, chance: random.Random) -> bytes:
    names = chance.sample(MEMBERS, chance.randint(1, 2))
    return zipped({name: content if place == 0 else b"" for place, name in enumerate(names)})


def packed_twice(content: bytes, chance: random.Random) -> bytes:
    return in_an_archive(gzip.compress(content, mtime=0), chance)


def packed_and_damaged(content: bytes, chance: random.Random) -> bytes:
    packed, _ = once((gzipped, with_zstd, in_an_archive), content, chance)
    return once((flipped_bits, cut_off, padded_with_zeros, cut_out), packed, chance)[0]


BYTES: list[Mishap] = [
    flipped_bits,
    random_bytes,
    zeroed,
    cut_out,
    cut_off,
    repeated,
    inserted,
    padded_with_zeros,
    twice,
]
COLUMNS: list[TextMishap] = [
    lost_column,
    one_more_column,
    backward_columns,
    repeated_column,
    other_delimiter,
    quoted_cells,
]
TEXTS: list[TextMishap] = [
    *COLUMNS,
    *[other_cells] * 16,
    other_header,
    lost_line,
    repeated_line,
    joined_lines,
    broken_line,
    shuffled_lines,
    backward_lines,
    blank_lines,
    other_line_ends,
    no_last_line_end,
    very_long_line,
    totals_line,
]
PARQUET: list[Mishap] = [other_type, nested, other_rows, no_rows]
ENVELOPES: list[Mishap] = [
    gzipped,
    gzipped_in_pieces,
    with_zstd,
    in_an_archive,
    packed_twice,
    packed_and_damaged,
]
