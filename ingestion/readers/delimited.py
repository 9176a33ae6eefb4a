"""Delimited text to records and fields: quoted fields, line breaks inside them, broken records."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ingestion.errors import FileRejected
from ingestion.readers.lines import lines_of
from ingestion.readers.records import MAX_COLUMNS, MAX_LINE_CHARS, Chunk
from ingestion.readers.unpack import Readable
from ingestion.rules import RULES
from ingestion.source import Delimited, Table

#: A quoted field may span lines; one that spans more was never closed.
MAX_RECORD_LINES = 50
#: What a spreadsheet may be told in the first line.
SPREADSHEET_HINT = r"^\"?sep=.\"?$"


def read_delimited(stream: Readable, table: Table, dialect: Delimited) -> Iterator[Chunk]:
    """Records of a delimited text, its header checked against the declared columns."""
    header: list[str] | None = None
    pending = pl.DataFrame(schema={"line_no": pl.Int64, "text": pl.String})
    for lines in lines_of(stream, dialect.encoding):
        pending = pl.concat([pending, lines.frame])
        if header is None:
            found = header_record(pending, dialect, wait=not lines.is_last)
            if found is None:
                continue
            header = header_of(found.text, table, dialect, found.line_no)
            pending = pending.filter(pl.col("line_no") > found.last_line_no)
        records, pending = records_of(pending, dialect, wait=not lines.is_last)
        if records.height:
            cut_off = lines.is_last and dialect.final_newline and lines.is_cut_off
            yield parse_records(records, header, dialect, last_is_cut_off=cut_off)


@dataclass(frozen=True)
class Header:
    """The line that names the columns; names in quotes may span several lines."""

    line_no: int
    last_line_no: int
    text: str


def header_record(lines: pl.DataFrame, dialect: Delimited, *, wait: bool) -> Header | None:
    """The first record of a text, if it is there; `wait` where more lines are still to come."""
    named = lines.filter(
        (pl.col("text").str.strip_chars() != "") & ~pl.col("text").str.contains(SPREADSHEET_HINT)
    )
    if named.is_empty() or (wait and named.height < MAX_RECORD_LINES):
        return None
    records, _ = records_of(named.head(MAX_RECORD_LINES), dialect, wait=False)
    record = records.row(0, named=True)
    return Header(record["line_no"], record["last_line_no"], record["raw_line"])


def header_of(text: str, table: Table, dialect: Delimited, line_no: int) -> list[str]:
    """The names of the exported columns, each once; FileRejected where declared ones are missing.

    A name that stands there again gets its position behind it (`Menge__5` is the fifth column), and
    a column without a name is called `column__5`.
    """
    if len(text) > MAX_LINE_CHARS or text.count(dialect.delimiter) >= MAX_COLUMNS:
        raise FileRejected(
            "missing_column",
            f"the header has more than {MAX_COLUMNS:,} columns: is {dialect.delimiter!r} the "
            "delimiter?",
            line_no=line_no,
        )
    cells = pl.read_csv(
        io.StringIO(text),
        has_header=False,
        separator=dialect.delimiter,
        quote_char=dialect.quote,
        infer_schema=False,
    ).row(0)
    names = [" ".join((cell or "").split()) for cell in cells]
    if dialect.header:
        names = list(dialect.header[: len(names)]) + names[len(dialect.header) :]
    unique = unique_names(names)
    for column in table.columns:
        if column not in unique:
            near = ", ".join(name for name in names[:60] if name)
            raise FileRejected(
                "missing_column",
                f"column {column!r} is not in the header ({near}): {RULES['missing_column']}",
                line_no=line_no,
                column=column,
            )
        if names.count(column) > 1:
            places = [place for place, name in enumerate(names, 1) if name == column]
            raise FileRejected(
                "duplicated_column",
                f"column {column!r} stands {len(places)} times in the header: declare "
                f"{column}__{places[1]} for the one at place {places[1]}, or ask for other names",
                line_no=line_no,
                column=column,
            )
    return unique


def unique_names(names: list[str]) -> list[str]:
    """The names of a header, with the position behind those that are empty or stand there again."""
    seen: set[str] = set()
    unique: list[str] = []
    for place, name in enumerate(names, 1):
        plain = name and name not in seen
        seen.add(name)
        unique.append(name if plain else f"{name or 'column'}__{place}")
    return unique


def quotes(dialect: Delimited) -> pl.Expr:
    """How many quote marks a line holds."""
    if not dialect.quote:
        return pl.lit(0, pl.UInt32)
    text = pl.col("text")
    # A line that is too long is lost anyway; it shall not take the lines behind it along.
    return (
        pl.when(text.str.len_bytes() <= MAX_LINE_CHARS)
        .then(text.str.count_matches(dialect.quote, literal=True))
        .otherwise(0)
    )


def quoted_field(dialect: Delimited) -> str:
    """Regular expression of a properly quoted field at its place: behind a delimiter or first."""
    quote, delimiter = re.escape(dialect.quote or ""), re.escape(dialect.delimiter)
    return f"(^|{delimiter}){quote}(?:[^{quote}]|{quote}{quote})*{quote}"


def records_of(
    lines: pl.DataFrame, dialect: Delimited, *, wait: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines to records (line_no, last_line_no, raw_line, unbalanced): quoted breaks are joined.

    And the lines of a last record that is still open, where more are to come (`wait`).
    """
    odd = lines.select(quotes(dialect) % 2 == 1).to_series()
    if not odd.any():
        records = lines.select(
            "line_no",
            last_line_no="line_no",
            raw_line="text",
            unbalanced=pl.lit(False),
        )
        return records.filter(pl.col("raw_line").str.strip_chars() != ""), lines.clear()
    starts, unbalanced, opener = _record_starts(lines, odd, dialect)
    end = lines.height
    if opener is not None and wait and end - opener < MAX_RECORD_LINES:
        end = opener
    records = (
        lines.with_columns(record=starts.cast(pl.UInt32).cum_sum(), unbalanced=unbalanced)
        .head(end)
        .group_by("record", maintain_order=True)
        .agg(
            line_no=pl.col("line_no").first(),
            last_line_no=pl.col("line_no").last(),
            raw_line=pl.col("text").str.join("\n"),
            unbalanced=pl.col("unbalanced").any(),
        )
        .drop("record")
        .filter(pl.col("raw_line").str.strip_chars() != "")
    )
    return records, lines.slice(end)


def _record_starts(
    lines: pl.DataFrame, odd: pl.Series, dialect: Delimited
) -> tuple[pl.Series, pl.Series, int | None]:
    """Which lines start a record, which hold a quoted field that is never closed, and the line
    whose quoted field is open at the end.

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
    return pl.Series(starts), pl.Series(unbalanced), opener


def parse_records(
    records: pl.DataFrame, header: list[str], dialect: Delimited, *, last_is_cut_off: bool
) -> Chunk:
    """Records to fields; those whose structure is broken are set apart."""
    last_line = records["last_line_no"].max()
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
