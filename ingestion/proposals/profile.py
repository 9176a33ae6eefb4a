"""What an export holds: its dialect, and per column what its values look like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ingestion.columns import THOUSANDS, number_pattern
from ingestion.detect import Verdict, detect
from ingestion.dialects import Delimited, Dialect, Json, JsonLines, Parquet, Workbook, Xml
from ingestion.errors import ConfigError, FileRejected
from ingestion.readers import headed, read_table
from ingestion.readers.unpack import archive_members, unpacked
from ingestion.readers.workbook import Sheets
from ingestion.readers.workbook_span import MAX_BOOK_BYTES, refuse_bomb
from ingestion.readers.xml_records import local, parsed
from ingestion.source import MAX_FILE_BYTES, Table
from ingestion.times import EXCEL, is_null_date, read, says_a_clock

Kind = Literal["empty", "time", "day", "clock", "duration", "number", "whole", "code", "text"]

#: Rows that are looked at.
SAMPLE_ROWS = 20_000
CURRENCIES = ("$", "€", "£", "EUR", "USD", "GBP", "CHF")
#: A column of so few different words is a list of codes.
MAX_CODES = 20
#: What programs write for nothing.
NULL_DATES = ("1900-01-01", "1753-01-01", "9999-12-31", "01.01.1900", "01/01/1900")
NULL_WORDS = ("NULL", "null", "(null)", "None", "NaN", "N/A", "n/a", "#N/A", "#NV", "--", "\\N")
DATES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%Y%m%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
)
CLOCKS = (
    " %H:%M:%S%.f",
    ", %H:%M:%S",
    " %H:%M",
    "T%H:%M:%S%.f",
    "T%H:%M",
    " %I:%M:%S %p",
    " %I:%M %p",
    "%H%M%S",
)
#: How all of these begin; what does not is no time, and need not be tried in each of them.
DATE = r"(?:\d{8}|\d{1,4}[-./ ][^\W_]{1,3}[-./ ]\d{2,4}).*"
OFFSETS = ("%#z", " %#z", " UTC")
#: A kind or a format that fits fewer of a column's values is not the column's: exports to begin
#: with are short, and hold a value that somebody mistyped.
MOST = 0.8
#: A table of fewer columns may well have rows of one cell.
LEAST_COLUMNS = 3
#: How rows of totals begin.
TOTAL = r"(?i)^\W*(?:sub|grand |zwischen)?(?:total|summe|suma|somme)\b"
CLOCK = r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?|(?:[01]\d|2[0-4])[0-5]\d[0-5]\d"
DOUBTFUL = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
LENGTH_WORD = re.compile(r"dur|spent|hours|time_?taken|length|downtime|labou?r|min", re.IGNORECASE)
DATE_WORD = re.compile(r"date|datum|fecha|day|dia|time|zeit|start|end|at$", re.IGNORECASE)
#: Years that exports speak of; eight digits of an equipment number are rarely a date of these.
YEARS = (1990, 2060)
#: Serial numbers of days between 1982 and 2064.
SERIALS = (30_000, 60_000)
STAMPS = (
    (r"\d{8}_\d{6}", "%Y%m%d_%H%M%S"),
    (r"\d{8}-\d{6}", "%Y%m%d-%H%M%S"),
    (r"\d{14}", "%Y%m%d%H%M%S"),
    (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
    (r"\d{8}", "%Y%m%d"),
)


@dataclass(frozen=True)
class ColumnProfile:
    """One exported column."""

    name: str
    kind: Kind
    filled_ratio: float
    #: Different values, the most frequent first.
    values: tuple[str, ...]
    #: Formats that read its times, the one that reads most first.
    formats: tuple[str, ...] = ()
    #: The values say their offset, or that they are UTC.
    is_utc: bool = False

    @property
    def is_list(self) -> bool:
        """Whether it holds words of a short list."""
        return 0 < len(self.values) <= MAX_CODES


@dataclass(frozen=True)
class ExportProfile:
    """One table of an export."""

    path: Path
    verdict: Verdict
    dialect: Dialect
    columns: tuple[ColumnProfile, ...]
    row_qty: int
    is_whole: bool
    #: A number of which nothing says whether its mark is one of decimals or of thousands.
    doubtful_number: str | None = None
    #: Workbooks: the row of the header, counted from 0.
    header_row: int = 0
    #: Workbooks: the other sheets.
    other_sheets: tuple[str, ...] = ()
    #: A line between the rows that holds one cell: it may head a section.
    heading: str | None = None

    @property
    def title(self) -> str:
        """What the table is called: the sheet, or the file."""
        return self.dialect.sheet if isinstance(self.dialect, Workbook) else self.path.stem

    @property
    def pattern(self) -> str:
        """A shell pattern for files like this one."""
        return re.sub(r"[\[\]?]", "?", re.sub(r"\d{2,}(?:[-_]?\d{2,})*", "*", self.path.name))

    @property
    def stamp(self) -> tuple[str, str] | None:
        """Where the file's name says when it was drawn."""
        for digits, written in STAMPS:
            if re.search(rf"(?<!\d){digits}(?!\d)", self.path.name):
                return rf"({digits})", written
        return None


def profile_export(path: Path, sheet: str | None = None) -> ExportProfile:
    """Look at the first rows of an export; of a workbook, of the sheet or the fullest one.

    Raises ConfigError where it is of no kind that can be told from its bytes.
    """
    if not path.is_file():
        raise ConfigError(f"{path} is no file")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ConfigError(f"{path} is too large: make a shorter export to begin with")
    anything = Table(name="", pattern="*", dialect=Delimited(), columns=(), feeds=())
    try:
        member = _first_member(path)
        verdict = detect(path, anything, member)
        header_row = 0
        others: tuple[str, ...] = ()
        dialect: Dialect | None
        if verdict.kind == "workbook":
            dialect, header_row, others = _workbook(path, anything, member, sheet)
        elif verdict.kind == "xml":
            dialect = _xml(path, anything, member)
        else:
            dialect = verdict.dialect()
        if dialect is None:
            raise ConfigError(
                f"{path.name} looks like {verdict}: no delimiter stands equally often in its "
                "lines. Declare FixedWidth or Shdr by hand (ingestion/dialects.py)"
            )
        chunks = read_table(path, replace(anything, dialect=dialect), member)
        first = next(chunks, None)
        is_whole = next(chunks, None) is None
    except FileRejected as error:
        raise ConfigError(f"{path.name}: {error}") from error
    if first is None or not first.rows.height:
        raise ConfigError(f"{path.name} looks like {verdict}, and holds no row to learn from")
    sample = first.rows.head(SAMPLE_ROWS)
    names = [name for name in sample.columns if name not in ("line_no", "raw_line")]
    rows, heading = without_layout(sample, names, dialect)
    cells = _distinct_cells(rows.select(names))
    doubtful = next((cell for cell in sorted(cells) if DOUBTFUL.fullmatch(cell)), None)
    if verdict.decimal is not None or not isinstance(dialect, Delimited):
        doubtful = None
    elif doubtful and dialect.delimiter == ";" and "." in doubtful:
        # Spreadsheets part columns by semicolons where the comma is the decimal mark.
        dialect = replace(dialect, decimal=",")
    dialect = _with_notation(dialect, cells)
    if member is not None:
        dialect = replace(dialect, member="*" + Path(member).suffix)
    return ExportProfile(
        path,
        verdict,
        dialect,
        tuple(profile_column(name, rows[name], dialect) for name in names),
        rows.height,
        is_whole and sample.height == first.rows.height,
        doubtful,
        header_row,
        others,
        heading or section_line(first.faults, dialect),
    )


def without_layout(
    rows: pl.DataFrame, names: list[str], dialect: Dialect
) -> tuple[pl.DataFrame, str | None]:
    """The rows without what reports have between them: the header again, totals, and lines of one
    cell; and the first of these.
    """
    if not isinstance(dialect, (Delimited, Workbook)) or len(names) < LEAST_COLUMNS:
        return rows, None
    cells = {name: pl.col(name).str.strip_chars().replace("", None) for name in names}
    filled = pl.sum_horizontal(cell.is_not_null() for cell in cells.values())
    named = pl.sum_horizontal(cell == name.partition("__")[0] for name, cell in cells.items())
    first_cell = pl.coalesce(cells.values())
    is_total = first_cell.str.contains(TOTAL)
    is_heading = (filled == 1) & ~is_total & (named == 0)
    records = rows.filter((filled > 1) & (named < filled) & ~is_total)
    if records.is_empty():
        return rows, None
    headings = rows.filter(is_heading).select(first_cell)
    return records, headings.item(0, 0) if headings.height else None


def section_line(faults: pl.DataFrame, dialect: Dialect) -> str | None:
    """The first line without a delimiter among those that have too few fields."""
    if not isinstance(dialect, Delimited):
        return None
    line = pl.col("raw_line")
    found = faults.filter(
        (pl.col("rule") == "column_count")
        & ~line.str.contains(dialect.delimiter, literal=True)
        & ~line.str.contains(TOTAL)
    )
    return found["raw_line"][0] if found.height else None


def _first_member(path: Path) -> str | None:
    members = archive_members(path, MAX_FILE_BYTES)
    if members == []:
        raise ConfigError(f"{path.name} is an archive without files")
    return sorted(members)[0] if members else None


def _workbook(
    path: Path, table: Table, member: str | None, sheet: str | None
) -> tuple[Workbook, int, tuple[str, ...]]:
    """The sheet, and the first of its rows that has nearly as many cells as any."""
    import fastexcel

    with unpacked(path, table, member) as stream:
        content = stream.read(MAX_BOOK_BYTES + 1)
    refuse_bomb(content)
    sheets = Sheets(fastexcel.read_excel(content))
    filled = {
        name: sheet.drop("line_no").head(SAMPLE_ROWS).select(pl.all().is_not_null())
        for name, sheet in sheets.items()
        if sheet.height and sheet.width > 1
    }
    if not filled:
        raise ConfigError(f"{path.name}: no sheet holds anything")
    if sheet is not None and sheet not in filled:
        raise ConfigError(
            f"{path.name}: no sheet {sheet!r} with rows; there are {', '.join(filled)}"
        )
    chosen = sheet or max(filled, key=lambda name: int(filled[name].sum().transpose().sum().item()))
    widths = filled[chosen].sum_horizontal().head(50).to_list()
    header_row = next(row for row, width in enumerate(widths) if width >= 0.8 * max(widths))
    dialect = Workbook(
        sheet=chosen, prepare=lambda sheets: headed(sheets[chosen], header_row=header_row)
    )
    return dialect, header_row, tuple(name for name in filled if name != chosen)


def _xml(path: Path, table: Table, member: str | None) -> Xml:
    """The element with something below it that stands there most often, the outermost of these."""
    from lxml import etree

    seen: Counter[str] = Counter()
    order: list[str] = []
    depth: list[str] = []
    with unpacked(path, table, member) as stream:
        try:
            for event, element in parsed(stream):
                if event == "start":
                    depth.append(local(element.tag))
                    continue
                name = "/".join(depth[-2:])
                if len(depth) > 1 and (len(element) > 1 or len(element.attrib) > 1):
                    if name not in seen:
                        order.append(name)
                    seen[name] += 1
                depth.pop()
                if sum(seen.values()) > SAMPLE_ROWS:
                    break
        except etree.XMLSyntaxError as error:
            raise ConfigError(f"{path.name}: broken XML: {error}") from error
    if not seen:
        raise ConfigError(f"{path.name}: no element has anything below it")
    most = max(seen.values())
    # Elements end from the inside out: of those that stand equally often the last is outermost.
    return Xml(record=[name for name in order if seen[name] == most][-1])


def _with_notation(dialect: Dialect, cells: set[str]) -> Dialect:
    """The dialect with the marks that its numbers show, and the words that stand for nothing."""
    nulls = tuple(word for word in NULL_WORDS if word in cells)
    nulls += tuple(sorted(cell for cell in cells if cell.startswith(NULL_DATES)))[:10]
    changes: dict[str, Any] = {"nulls": ("", *nulls)} if nulls else {}
    currency = next((sign for sign in CURRENCIES if _any_like(cells, _amount_in(sign))), None)
    if currency is not None:
        changes["currency"] = currency
        cells = {cell.replace(currency, "").strip() for cell in cells}
    mark = re.escape(dialect.decimal)
    digits = rf"\d[\d.,' \u00a0]*(?:{mark}\d+)?"
    for group in (".", ",", "'", " "):
        pattern = rf"[-+(]?\d{{1,3}}(?:{THOUSANDS.get(group, group)}\d{{3}})+(?:{mark}\d+)?[-)]?"
        if group != dialect.decimal and _any_like(cells, pattern):
            # Three digits behind a point alone are thousands only beside a decimal comma.
            changes["thousands"] = group
            break
    for name, pattern in (
        ("trailing_minus", rf"{digits} ?-"),
        ("bracket_minus", rf"\({digits}\)"),
        ("credit_marks", rf"(?i){digits} ?(?:CR|DR)"),
    ):
        if _any_like(cells, pattern):
            changes[name] = True
    if isinstance(dialect, (Json, JsonLines, Parquet)):
        changes = {name: value for name, value in changes.items() if name == "nulls"}
    return replace(dialect, **changes)


def _amount_in(sign: str) -> str:
    """What an amount with the mark of a currency looks like."""
    mark = re.escape(sign)
    return rf"[-(]?(?:{mark} ?\d[\d.,' ]*|\d[\d.,' ]* ?{mark})[-)]?"


def _distinct_cells(rows: pl.DataFrame) -> set[str]:
    texts = [rows[name].str.strip_chars().drop_nulls().unique() for name in rows.columns]
    return set(pl.concat(texts).unique().to_list()) if texts else set()


def _any_like(cells: set[str], pattern: str) -> bool:
    return pl.Series(sorted(cells), dtype=pl.String).str.contains(f"^(?:{pattern})$").any()


def profile_column(name: str, cells: pl.Series, dialect: Dialect) -> ColumnProfile:
    """What one column's values are."""
    stripped = cells.str.strip_chars()
    given = stripped.filter(stripped.is_not_null() & ~stripped.is_in(list(dialect.nulls)))
    filled_ratio = len(given) / max(len(cells), 1)
    # Equal counts in the order of the words, so that the same file gives the same draft.
    counts = given.alias("value").value_counts().sort(["count", "value"], descending=[True, False])
    values = tuple(counts["value"].to_list())
    if not values:
        return ColumnProfile(name, "empty", 0.0, ())
    distinct = pl.Series(values[:2_000], dtype=pl.String)
    formats = tuple(_formats(name, distinct))
    if formats:
        is_day = formats[0] != EXCEL and not says_a_clock(formats[0])
        is_utc = formats[0].endswith(OFFSETS)
        return ColumnProfile(
            name, "day" if is_day else "time", filled_ratio, values, formats, is_utc
        )
    kind: Kind
    if _share(distinct, CLOCK) >= MOST:
        kind = "duration" if LENGTH_WORD.search(name) else "clock"
    elif _is_number(distinct, dialect):
        mark = re.escape(dialect.decimal)
        kind = "number" if distinct.str.contains(mark).any() else "whole"
    elif len(values) <= MAX_CODES:
        kind = "code"
    else:
        kind = "text"
    return ColumnProfile(name, kind, filled_ratio, values)


def _share(texts: pl.Series, pattern: str) -> float:
    return float(texts.str.contains(f"^(?:{pattern})$").mean() or 0)  # type: ignore[arg-type]


def _is_number(texts: pl.Series, dialect: Dialect) -> bool:
    return float(texts.str.contains(number_pattern(dialect.notation)).mean() or 0) >= MOST  # type: ignore[arg-type]


def _formats(name: str, texts: pl.Series) -> Iterator[str]:
    """The formats that read most of the texts as times, the best first."""
    dates = texts.filter(~texts.to_frame("t").select(is_null_date(pl.col("t"))).to_series())
    if dates.is_empty():
        return
    if _share(dates, r"\d+(?:[.,]\d+)?") == 1 and _share(dates, r"\d{8}|\d{14}") < 1:
        numbers = dates.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        low, high = SERIALS
        if DATE_WORD.search(name) and numbers.is_between(low, high).all():
            yield EXCEL
        return
    if _share(dates, DATE) < 0.5:
        return
    written = [*DATES, *("".join(pair) for pair in product(DATES, CLOCKS))]
    written += ["".join(parts) for parts in product(DATES[:1], CLOCKS[:4], OFFSETS)]
    first = dates.head(50)
    likely = [one for one in written if _read_ratio(first, one) >= 0.5]
    shares = {one: _read_ratio(dates, one) for one in likely}
    yield from (one for one in sorted(shares, key=lambda one: -shares[one]) if shares[one] >= MOST)


def _read_ratio(texts: pl.Series, written: str) -> float:
    """How many of the texts a format reads as a moment of our times."""
    return float(read(texts, (written,), None).dt.year().is_between(*YEARS).sum()) / len(texts)
