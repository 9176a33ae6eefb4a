"""Delimited text to records and fields: quoted fields, line breaks inside them, broken records."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from ingestion.dialects import DELIMITERS
from ingestion.errors import FileRejected
from ingestion.readers.lines import lines_of
from ingestion.readers.records import (
    MAX_COLUMNS,
    MAX_LINE_CHARS,
    Chunk,
    broken_line,
    column_name,
    set_apart,
    unique_names,
)
from ingestion.readers.sections import MAX_ABOVE_HEADER, Sections, section_columns
from ingestion.readers.unpack import Readable
from ingestion.rules import RULES
from ingestion.source import Delimited, Table

#: A quoted field may span lines; one that spans more was never closed.
MAX_RECORD_LINES = 50
#: What a spreadsheet may be told in the first line.
SPREADSHEET_HINT = r"^\"?sep=.\"?$"
#: Rules of a drawn list: dashes, crossed by bars.
DRAWN_RULE = r"^\s*[|+]?[-=─]{2}[-=─|+\s]*$"


def read_delimited(stream: Readable, table: Table, dialect: Delimited) -> Iterator[Chunk]:
    """Records of a delimited text, its header checked against the declared columns."""
    sections = Sections(dialect, dialect.delimiter)
    header = None
    if dialect.headless:
        header = Header(0, 0, "", named(table, list(dialect.header or ()), 0))
    above = pending = pl.DataFrame(schema={"line_no": pl.Int64, "text": pl.String})
    for lines in lines_of(stream, dialect.encoding):
        pending = pl.concat([pending, without_layout(lines.frame, dialect)])
        if header is None:
            over, pending = from_header(pending, dialect, sections)
            above = pl.concat([above, over])
            refuse_many(above)
            # Its quoted names may span lines.
            if pending.is_empty() or (pending.height < MAX_RECORD_LINES and not lines.is_last):
                continue
            header = header_of(pending, table, dialect)
            below = pending.filter(pl.col("line_no") > header.last_line_no)
            pending = pl.concat([above, below])
        records, pending = records_of(pending, dialect, wait=not lines.is_last)
        if records.height:
            cut_off = lines.is_cut_off and dialect.final_newline
            cut_off_line = lines.frame["line_no"][-1] if cut_off else None
            yield parse_records(records, header, dialect, cut_off_line, sections)
    sections.refuse_unseen()


def without_layout(lines: pl.DataFrame, dialect: Delimited) -> pl.DataFrame:
    """The lines that may hold a record: no declared titles, and no rules of a drawn list."""
    if dialect.title_lines:
        lines = lines.filter(pl.col("line_no") > dialect.title_lines)
    return lines.filter(~pl.col("text").str.contains(DRAWN_RULE)) if dialect.drawn else lines


def body(dialect: Delimited) -> pl.Expr:
    """What stands between the outer bars of a drawn list; else the record as it is."""
    raw = pl.col("raw_line")
    if not dialect.drawn:
        return raw
    bar = dialect.delimiter
    return raw.str.strip_chars().str.strip_prefix(bar).str.strip_suffix(bar)


@dataclass(frozen=True)
class Header:
    """The line that names the columns; names in quotes may span several lines."""

    line_no: int
    last_line_no: int
    text: str
    names: list[str]


def from_header(
    lines: pl.DataFrame, dialect: Delimited, sections: Sections
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The section lines above the header, and the lines from it on, none where it is still to come:
    nothing else above it is kept.
    """
    text = pl.col("text").str.strip_chars()
    is_header = (text != "") & ~text.str.contains(SPREADSHEET_HINT)
    if dialect.drawn:
        # Bars alone name nothing.
        is_header &= text.str.starts_with(dialect.delimiter)
        is_header &= text.str.strip_chars(f"{dialect.delimiter} ") != ""
    marked = lines.with_columns(is_section=sections.is_section(pl.col("text")))
    places = marked.select(is_header & ~pl.col("is_section")).to_series().arg_true()
    place = places[0] if places.len() else lines.height
    over = marked.head(place).filter("is_section").drop("is_section")
    return over, lines.slice(place)


def refuse_many(above: pl.DataFrame) -> None:
    """FileRejected where no header comes, but one section line after another."""
    if above.height > MAX_ABOVE_HEADER:
        raise FileRejected(
            "missing_column",
            f"the first {above.height:,} lines head sections, and none is the header: mend the "
            "pattern of sections in the source module, or ask for the agreed export",
            line_no=above["line_no"][0],
        )


def header_of(lines: pl.DataFrame, table: Table, dialect: Delimited) -> Header:
    """The header that the first of the lines begins."""
    first = lines.head(MAX_RECORD_LINES)
    records, _ = records_of(first, dialect, wait=False)
    line_no, last_line_no, written = (
        records.head(1).select("line_no", "last_line_no", body(dialect).alias("written")).row(0)
    )
    if len(written) > MAX_LINE_CHARS or written.count(dialect.delimiter) >= MAX_COLUMNS:
        raise FileRejected(
            "missing_column",
            f"the header has more than {MAX_COLUMNS:,} columns: is {dialect.delimiter!r} the "
            "delimiter?",
            line_no=line_no,
        )
    cells: Sequence[str | None]
    try:
        cells = pl.read_csv(
            io.StringIO(written),
            has_header=False,
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            infer_schema=False,
        ).row(0)
    except pl.exceptions.ComputeError:
        # A quote that is never closed stays part of a name.
        cells = written.split(dialect.delimiter)
    names = [column_name(" ".join((cell or "").split())) for cell in cells]
    if dialect.header:
        names = list(dialect.header[: len(names)]) + names[len(dialect.header) :]
    looks = other_delimiter(written, table, dialect) if len(cells) == 1 else ""
    names = named(table, names, line_no, looks)
    return Header(line_no, last_line_no, records["raw_line"][0], names)


def named(table: Table, names: list[str], line_no: int, looks: str = "") -> list[str]:
    """The names of the exported columns, each once; FileRejected where declared ones are missing.

    A name that stands there again gets its position behind it (`Menge__5` is the fifth column), and
    a column without a name is called `column__5`. What the header `looks` like goes ahead of
    what is missing.
    """
    unique = unique_names(names)
    said_above = section_columns(table.dialect)
    for column in said_above:
        if column in unique:
            raise FileRejected(
                "duplicated_column",
                f"column {column!r} is in the header, and declared as what section lines say: call "
                "the latter something else in the source module",
                line_no=line_no,
                column=column,
            )
    for column in table.columns:
        if column in said_above:
            continue
        if column not in unique:
            near = ", ".join(name for name in names[:60] if name)
            raise FileRejected(
                "missing_column",
                f"{looks}column {column!r} is not in the header ({near}): "
                f"{RULES['missing_column']}",
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


def other_delimiter(written: str, table: Table, dialect: Delimited) -> str:
    """That a header of one field names declared columns by another delimiter, in words."""
    for delimiter in DELIMITERS:
        names = {name.strip(f" {dialect.quote or ''}") for name in written.split(delimiter)}
        if len(names) > 1 and names & set(table.columns):
            return f"fields are separated by {delimiter!r}, declared is {dialect.delimiter!r}: "
    return ""


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
    records: pl.DataFrame,
    header: Header,
    dialect: Delimited,
    cut_off_line: int | None,
    sections: Sections,
) -> Chunk:
    """Records to fields; those whose structure is broken are set apart."""
    text = pl.col("text")
    is_plain, is_stray, outside = pl.lit(True), pl.lit(False), text
    if dialect.quote:
        delimiter, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
        # One quote stands for every quoted field.
        outside = text.str.replace_all(quoted_field(dialect), f"${{1}}{dialect.quote}")
        # Quotes inside unquoted fields (5" pipe) are text; beside quoted fields they are a riddle,
        # and so is what follows one before the next delimiter.
        is_plain = ~text.str.contains(f"(^|{delimiter}){quote}")
        is_stray = ~is_plain & outside.str.contains(f"[^{delimiter}]{quote}|{quote}[^{delimiter}]")
    fields = outside.str.count_matches(dialect.delimiter, literal=True) + 1
    is_framed = pl.lit(True)
    if dialect.drawn:
        is_framed = pl.col("raw_line").str.strip_chars_start().str.starts_with(dialect.delimiter)
    width = len(header.names)
    broken, is_header = broken_line(dialect, cut_off_line), pl.col("raw_line") == header.text
    records = records.with_columns(body(dialect).alias("text")).with_columns(
        is_whole=broken.is_null() & ~is_header
    )
    told = sections.tell(records)
    records = records.with_columns(
        is_plain=is_plain,
        rule=pl.coalesce(
            pl.when(is_header).then(pl.lit("repeated_header")),
            pl.when(told.is_section).then(pl.lit("section_line")),
            pl.when(~is_framed).then(pl.lit("outside_list")),
            broken,
            pl.when(pl.col("unbalanced")).then(pl.lit("unbalanced_quote")),
            pl.when(is_stray).then(pl.lit("stray_quote")),
            pl.when(fields != width).then(pl.lit("column_count")),
            pl.when(told.is_outside).then(pl.lit("outside_section")),
        ),
    )
    found = pl.format("{} fields, header has {}", fields, pl.lit(width))
    faults = set_apart(
        records.with_columns(value=pl.when(pl.col("rule") == "column_count").then(found))
    )
    is_sound = records["rule"].is_null()
    rows = _fields(records.filter(is_sound), header.names, dialect)
    if dialect.sections:
        rows = rows.hstack(told.columns.filter(is_sound))
    return Chunk(rows, faults)


def _fields(records: pl.DataFrame, names: list[str], dialect: Delimited) -> pl.DataFrame:
    """The fields of sound records; those without a quoted field are cut at the delimiters."""
    kept = ["line_no", "raw_line"]
    plain, quoted = (
        records.filter(condition).select(*kept, "text")
        for condition in (pl.col("is_plain"), ~pl.col("is_plain"))
    )
    parts = pl.col("text").str.split_exact(dialect.delimiter, len(names) - 1)
    frames = [
        plain.select(*kept, parts.struct.rename_fields(names).alias("fields")).unnest("fields")
    ]
    if quoted.height:
        values = pl.read_csv(
            io.BytesIO((quoted["text"].str.join("\n").item() + "\n").encode()),
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            empty_string_is_null=False,
        )
        frames.append(pl.concat([quoted.select(kept), values], how="horizontal"))
    return pl.concat(frames).sort("line_no") if len(frames) > 1 else frames[0]
