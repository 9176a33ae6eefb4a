"""Exported bytes to frames of text: one row per physical record, with its line and raw text.

Nothing is interpreted here beyond the record structure; values are read in `conform.py`.
Memory is bounded: delimited text comes in chunks of about CHUNK_CHARS.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import reduce
from typing import cast

import polars as pl

from ingestion.errors import FileRejected
from ingestion.rules import RULES
from ingestion.source import Delimited, Table, Workbook

CHUNK_CHARS = 64 * 1024**2
MAX_LINE_CHARS = 1024**2
#: A quoted field may span lines; one that spans more was never closed.
MAX_RECORD_LINES = 50
#: A workbook unpacks to at most this much, and a sheet spans at most so many cells.
MAX_BOOK_BYTES = 512 * 1024**2
MAX_CELLS = 20_000_000
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class Chunk:
    """Part of an exported table.

    `rows`: line_no, raw_line and the exported columns, all text. `faults`: line_no, raw_line,
    rule, column_name, value of records whose structure is broken.
    """

    rows: pl.DataFrame
    faults: pl.DataFrame


def faults_frame() -> pl.DataFrame:
    """An empty frame of broken records."""
    return pl.DataFrame(
        schema={
            "line_no": pl.Int64,
            "raw_line": pl.String,
            "rule": pl.String,
            "column_name": pl.String,
            "value": pl.String,
        }
    )


def read_table(name: str, content: bytes, table: Table) -> Iterator[Chunk]:
    """The records of one exported table of a file; FileRejected where it cannot be read."""
    dialect = table.dialect
    if isinstance(dialect, Workbook):
        yield read_workbook(content, table, dialect)
    else:
        yield from read_delimited(unpacked(name, content, table), table, dialect)


def unpacked(name: str, content: bytes, table: Table) -> bytes:
    """The bytes of a text export, out of gzip where it is packed; bounded."""
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(content)) as stream:
                content = stream.read(table.max_bytes + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise FileRejected("unreadable_file", f"{name}: broken gzip file: {error}") from error
    if len(content) > table.max_bytes:
        raise FileRejected(
            "file_too_large",
            f"{name}: more than {table.max_bytes:,} bytes: {RULES['file_too_large']}",
        )
    return content


def check_encoding(content: bytes, dialect: Delimited) -> None:
    """Refuse bytes that contradict the declared encoding; FileRejected names the first line."""
    declared = dialect.encoding.lower()
    is_utf16 = content[:2] in UTF16_MARKS
    if is_utf16 and not declared.startswith("utf-16"):
        raise FileRejected(
            "wrong_encoding", f"declared {declared}, but the file starts as UTF-16", line_no=1
        )
    if declared.startswith("utf-16") and not is_utf16:
        raise FileRejected(
            "wrong_encoding", "declared UTF-16, but the file has no UTF-16 mark", line_no=1
        )
    if declared.startswith("utf") or content.isascii():
        return
    # A single-byte code page can read any bytes, so what decides is that text which is valid
    # UTF-8 beyond ASCII is practically never anything else.
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return
    first = next(i for i, byte in enumerate(content) if byte > 127)
    raise FileRejected(
        "wrong_encoding",
        f"declared {declared}, but the file is UTF-8",
        line_no=content.count(b"\n", 0, first) + 1,
    )


def decoded(content: bytes, dialect: Delimited) -> Iterator[str]:
    """The text in chunks; FileRejected names line and byte where decoding fails."""
    check_encoding(content, dialect)
    encoding = "utf-8-sig" if dialect.encoding.lower() == "utf-8" else dialect.encoding
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="strict", newline="")
    try:
        while chunk := stream.read(CHUNK_CHARS):
            yield chunk
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        raise FileRejected(
            "wrong_encoding",
            f"not {dialect.encoding}: {error}",
            line_no=content.count(b"\n", 0, start) + 1,
        ) from error


def line_chunks(content: bytes, dialect: Delimited) -> Iterator[tuple[list[str], bool]]:
    """Physical lines without their ends, and whether these are the last ones."""
    rest = ""
    # Old Macs and some report writers end lines with a carriage return alone.
    end = "\n" if b"\n" in content else "\r"
    for chunk in decoded(content, dialect):
        lines = (rest + chunk).split(end)
        rest = lines.pop()
        yield [line.removesuffix("\r") for line in lines], False
    yield ([rest.removesuffix("\r")] if rest else []), True


def read_delimited(content: bytes, table: Table, dialect: Delimited) -> Iterator[Chunk]:
    """Records of a delimited text, its header checked against the declared columns."""
    header: list[str] | None = None
    next_line = 1
    pending = pl.DataFrame(schema={"line_no": pl.Int64, "text": pl.String})
    for lines, is_last in line_chunks(content, dialect):
        frame = pl.DataFrame(
            {
                "line_no": pl.int_range(
                    next_line, next_line + len(lines), dtype=pl.Int64, eager=True
                ),
                "text": pl.Series(lines, dtype=pl.String),
            }
        )
        next_line += len(lines)
        if header is None:
            frame = frame.filter(
                (pl.col("text").str.strip_chars() != "").cast(pl.Int8).cum_max() == 1
            )
            if frame.height:
                header = header_of(frame["text"][0], table, dialect)
                frame = frame.slice(1)
        pending = pl.concat([pending, frame])
        if is_last:
            cut_off = dialect.final_newline and bool(lines)
            if header is not None and pending.height:
                yield parse_records(pending, header, dialect, last_is_cut_off=cut_off)
        elif header is not None:
            complete, pending = split_at_last_record(pending, dialect)
            if complete.height:
                yield parse_records(complete, header, dialect, last_is_cut_off=False)
        del frame


def header_of(line: str, table: Table, dialect: Delimited) -> list[str]:
    """The names of the exported columns; FileRejected where declared ones are missing."""
    cells = pl.read_csv(
        io.StringIO(line),
        has_header=False,
        separator=dialect.delimiter,
        quote_char=dialect.quote,
        infer_schema=False,
    ).row(0)
    names = [(cell or "").strip() for cell in cells]
    if dialect.header:
        names = list(dialect.header[: len(names)]) + names[len(dialect.header) :]
    for column in table.columns:
        if column not in names:
            near = ", ".join(name for name in names[:60] if name)
            raise FileRejected(
                "missing_column",
                f"column {column!r} is not in the header ({near}): {RULES['missing_column']}",
                line_no=1,
                column=column,
            )
        if names.count(column) > 1:
            raise FileRejected(
                "duplicated_column",
                f"column {column!r} stands {names.count(column)} times in the header",
                line_no=1,
                column=column,
            )
    seen: dict[str, int] = {}
    unique: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        plain = name and seen[name] == 1
        unique.append(name if plain else f"{name or 'column'}__{len(unique) + 1}")
    return unique


def quotes(dialect: Delimited) -> pl.Expr:
    """How many quote marks a line holds."""
    if not dialect.quote:
        return pl.lit(0, pl.UInt32)
    return pl.col("text").str.count_matches(dialect.quote, literal=True)


def split_at_last_record(
    lines: pl.DataFrame, dialect: Delimited
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines up to the last one outside a quoted field, and the rest."""
    open_after = lines.select((quotes(dialect).cum_sum() % 2 == 1).alias("open"))["open"]
    closed = (~open_after).arg_true()
    if closed.len() == 0 or lines.height - cast(int, closed[-1]) > MAX_RECORD_LINES:
        return lines, lines.clear()
    cut = cast(int, closed[-1]) + 1
    return lines.slice(0, cut), lines.slice(cut)


def quoted_field(dialect: Delimited) -> str:
    """Regular expression of a properly quoted field at its place: behind a delimiter or first."""
    quote, delimiter = re.escape(dialect.quote or ""), re.escape(dialect.delimiter)
    return f"(^|{delimiter}){quote}(?:[^{quote}]|{quote}{quote})*{quote}"


def records_of(lines: pl.DataFrame, dialect: Delimited) -> pl.DataFrame:
    """Lines to records (line_no, last_line_no, raw_line, unbalanced): quoted breaks are joined."""
    odd = lines.select(quotes(dialect) % 2 == 1).to_series()
    if not odd.any():
        return lines.select(
            "line_no",
            last_line_no="line_no",
            raw_line="text",
            unbalanced=pl.lit(False),
        )
    starts, unbalanced = _record_starts(lines, odd, dialect)
    return (
        lines.with_columns(record=starts.cast(pl.UInt32).cum_sum(), unbalanced=unbalanced)
        .group_by("record", maintain_order=True)
        .agg(
            line_no=pl.col("line_no").first(),
            last_line_no=pl.col("line_no").last(),
            raw_line=pl.col("text").str.join("\n"),
            unbalanced=pl.col("unbalanced").any(),
        )
        .drop("record")
    )


def _record_starts(
    lines: pl.DataFrame, odd: pl.Series, dialect: Delimited
) -> tuple[pl.Series, pl.Series]:
    """Which lines start a record, and which hold a quoted field that is never closed.

    A line with an odd number of quotes opens a quoted field if one starts in it and does not
    end; the next odd line closes it. Other odd quotes are inch marks and the like. Whether a line
    lies inside a field depends on all odd lines before it, so these few are walked one by one.
    """
    opens = (
        lines["text"]
        .str.replace_all(quoted_field(dialect), "$1")
        .str.contains(f"(^|{re.escape(dialect.delimiter)}){re.escape(dialect.quote or '')}")
    )
    starts = [True] * lines.height
    unbalanced = [False] * lines.height
    opener: int | None = None
    for line in odd.arg_true().to_list():
        if opener is not None and line - opener < MAX_RECORD_LINES:
            starts[opener + 1 : line + 1] = [False] * (line - opener)
            opener = None
        else:
            if opener is not None:
                unbalanced[opener] = True
            opener = line if opens[line] else None
    if opener is not None:
        unbalanced[opener] = True
    return pl.Series(starts), pl.Series(unbalanced)


def parse_records(
    lines: pl.DataFrame, header: list[str], dialect: Delimited, *, last_is_cut_off: bool
) -> Chunk:
    """Lines to fields; records whose structure is broken are set apart."""
    last_line = lines["line_no"].max()
    records = records_of(lines.filter(pl.col("text").str.strip_chars() != ""), dialect)
    raw = pl.col("raw_line")
    is_plain, is_stray, outside = pl.lit(True), pl.lit(False), raw
    if dialect.quote:
        delimiter, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
        outside = raw.str.replace_all(quoted_field(dialect), "$1")
        holds_quote = raw.str.contains(dialect.quote, literal=True)
        # Quotes inside unquoted fields (5" pipe) are text; beside quoted fields they are a riddle.
        is_plain = ~raw.str.contains(f"(^|{delimiter}){quote}")
        is_stray = holds_quote & ~is_plain & outside.str.contains(dialect.quote, literal=True)
    fields = outside.str.count_matches(dialect.delimiter, literal=True) + 1
    mark = dialect.totals_mark
    is_total = raw.str.strip_chars_start(" |").str.starts_with(mark) if mark else pl.lit(False)
    records = records.with_columns(
        fields=fields,
        is_plain=is_plain,
        rule=pl.when(is_total)
        .then(pl.lit("totals_row"))
        .when((pl.col("last_line_no") == last_line) & pl.lit(last_is_cut_off))
        .then(pl.lit("truncated_line"))
        .when(raw.str.len_chars() > MAX_LINE_CHARS)
        .then(pl.lit("line_too_long"))
        .when(pl.col("unbalanced"))
        .then(pl.lit("unbalanced_quote"))
        .when(is_stray)
        .then(pl.lit("stray_quote"))
        .when(fields != len(header))
        .then(pl.lit("column_count")),
    )
    broken = records.filter(pl.col("rule").is_not_null()).select(
        "line_no",
        "raw_line",
        "rule",
        column_name=pl.lit(None, pl.String),
        value=pl.when(pl.col("rule") == "column_count").then(
            pl.format("{} fields, header has {}", "fields", pl.lit(len(header)))
        ),
    )
    sound = records.filter(pl.col("rule").is_null())
    return Chunk(_fields(sound, header, dialect), broken)


def _fields(records: pl.DataFrame, header: list[str], dialect: Delimited) -> pl.DataFrame:
    """The fields of sound records; those without a quoted field are cut at the delimiters."""
    kept = ["line_no", "raw_line"]
    plain, quoted = (
        records.filter(condition).select(kept)
        for condition in (pl.col("is_plain"), ~pl.col("is_plain"))
    )
    parts = pl.col("raw_line").str.split_exact(dialect.delimiter, len(header) - 1)
    frames = [
        plain.with_columns(parts.struct.rename_fields(header).alias("fields")).unnest("fields")
    ]
    if quoted.height:
        values = pl.read_csv(
            io.BytesIO((quoted["raw_line"].str.join("\n").item() + "\n").encode()),
            has_header=False,
            schema=dict.fromkeys(header, pl.String),
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            empty_string_is_null=False,
        )
        frames.append(pl.concat([quoted, values], how="horizontal"))
    return pl.concat(frames).sort("line_no") if len(frames) > 1 else frames[0]


def headed(sheet: pl.DataFrame, header_row: int = 0) -> pl.DataFrame:
    """A sheet's rows below its header row, named by it, without unnamed columns and blank rows."""
    texts = [name for name in sheet.columns if name != "line_no"]
    given = sheet.select(texts).row(header_row)
    names = {
        column: name.strip()
        for column, name in zip(texts, given, strict=True)
        if name and name.strip()
    }
    return (
        sheet.slice(header_row + 1)
        .select("line_no", *names)
        .filter(pl.any_horizontal(pl.col(list(names)).is_not_null()))
        .rename(names)
    )


def refuse_bomb(book: bytes) -> None:
    """Refuse a workbook that would unpack into more than it may; calamine cannot be stopped.

    A sheet is read as a full rectangle, so two cells in opposite corners are enough to ask for
    all memory there is.
    """
    if not zipfile.is_zipfile(io.BytesIO(book)):
        return
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_BOOK_BYTES:
            raise FileRejected("file_too_large", RULES["file_too_large"])
        for member in members:
            if fnmatch(member.filename, "xl/worksheets/*.xml"):
                with archive.open(member) as stream:
                    xml = stream.read(MAX_BOOK_BYTES)
                refs = re.findall(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"', xml)
                rows = max((int(row) for _, row in refs), default=0)
                columns = max((_column_number(letters) for letters, _ in refs), default=0)
                if rows * columns > MAX_CELLS:
                    raise FileRejected(
                        "file_too_large",
                        f"sheet {member.filename} spans {rows:,} rows by {columns:,} columns: "
                        "delete the stray cells at its end and save it again",
                    )


def _column_number(letters: bytes) -> int:
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def member_of(content: bytes, table: Table, dialect: Workbook) -> bytes:
    """The workbook's bytes, out of a zip archive where it is packed; bounded."""
    if dialect.member is None:
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = [info for info in archive.infolist() if fnmatch(info.filename, dialect.member)]
            if len(found) != 1:
                raise FileRejected(
                    "unreadable_file",
                    f"the archive holds {len(found)} members like {dialect.member!r}, not one",
                )
            with archive.open(found[0]) as stream:
                unzipped = stream.read(table.max_bytes + 1)
    except FileRejected:
        raise
    except Exception as error:  # each compression method has errors of its own
        raise FileRejected("unreadable_file", f"broken zip archive: {error}") from error
    if len(unzipped) > table.max_bytes:
        raise FileRejected("file_too_large", RULES["file_too_large"])
    return unzipped


def read_workbook(content: bytes, table: Table, dialect: Workbook) -> Chunk:
    """The rows of one sheet, as its `prepare` shapes them; every cell as text."""
    import fastexcel

    book_bytes = member_of(content, table, dialect)
    try:
        refuse_bomb(book_bytes)
        book = fastexcel.read_excel(book_bytes)
        sheets = {
            name: book.load_sheet(
                name, header_row=None, dtypes="string", whitespace_as_null=True
            ).to_polars()
            for name in book.sheet_names
        }
    except FileRejected:
        raise
    except Exception as error:  # calamine's errors have no common base
        raise FileRejected("unreadable_file", f"not a readable workbook: {error}") from error
    if dialect.sheet not in sheets:
        raise FileRejected(
            "missing_column",
            f"no sheet {dialect.sheet!r} in the workbook ({', '.join(sheets)})",
        )
    numbered = {
        name: frame.rename(
            {column: f"c{i}" for i, column in enumerate(frame.columns)}
        ).with_columns(line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
        for name, frame in sheets.items()
    }
    try:
        rows = dialect.prepare(numbered)
    except (pl.exceptions.PolarsError, KeyError, IndexError) as error:
        raise FileRejected(
            "missing_column", f"sheet {dialect.sheet!r} is not laid out as declared: {error}"
        ) from error
    missing = [column for column in table.columns if column not in rows.columns]
    if missing:
        raise FileRejected(
            "missing_column",
            f"column {missing[0]!r} is not in sheet {dialect.sheet!r}",
            column=missing[0],
        )
    texts = [name for name in rows.columns if name != "line_no"]
    raw = pl.concat_str([pl.col(name).fill_null("") for name in texts], separator="\t")
    return Chunk(
        rows.select("line_no", raw.alias("raw_line"), *texts),
        faults_frame(),
    )
