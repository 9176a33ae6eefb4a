"""Written dates and times to moments: what `strptime` formats cannot say is said here.

A column of a source module declares its formats (chrono's `%` words); the first that reads a value
counts. Beyond them are understood:

- 24:00 as the end of its day;
- a date of zeros (`00.00.0000`, `0000-00-00`, `00000000`) as none, see `is_null_date`;
- `EXCEL` as a format: the serial number of a spreadsheet's day, with its time as a fraction;
- names of months in a declared language, full or cut (`10. März`, `10-mrz`, `10 ene. 2026`);
- offsets (`%z`, or `%#z`, which also reads `Z`): the moment is in UTC then.

Two digits of a year (`%y`) mean 2000 to 2069 up to 69, and 1970 to 1999 from 70 on. A year below
1000 is none, so that `%Y` never reads the two digits that were meant for `%y`.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from functools import cache

import polars as pl

#: Days since 30 December 1899, as spreadsheets count them.
EXCEL = "excel serial date"
#: A moment with its offset, as XML and JSON write it.
ISO = "%Y-%m-%dT%H:%M:%S%.f%#z"

SERIAL = r"^[1-9]\d{0,6}(?:[.,]\d+)?$"
NULL_DATE = r"^(?:0{1,4}([./-])0{1,4}[./-]0{1,4}|0{8})(?:$|[ T]|0{6}$)"
#: Midnight at the end of a day: behind a date, or the time of a compact moment.
MIDNIGHT = r"(^|[ T])24(:00)|([ T])24(00(?:00)?(?:$|[^0-9]))|^(\d{8})24(00(?:00)?)$"
#: Cuts of names that are no beginnings of them.
FURTHER_MONTHS = {"de": {"mrz": 3}, "nl": {"mrt": 3}, "en": {"sept": 9}}
#: Its day cannot be taken for a month, nor its hour for one before noon.
EXAMPLE = datetime(2026, 12, 31, 18, 30, tzinfo=UTC)
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def says_a_clock(written: str) -> bool:
    """Whether a format holds a time of day."""
    return any(f"%{word}" in written for word in "HIklMTRXrcsS")


def examples(formats: tuple[str, ...]) -> tuple[str, ...]:
    """A moment as each of the formats writes it, for people."""
    return tuple(
        EXAMPLE.strftime(written.replace("%.f", "").replace("%#z", "%z")) for written in formats
    )


def is_null_date(raw: pl.Expr) -> pl.Expr:
    """Whether a value is a date of zeros."""
    return raw.str.contains(NULL_DATE)


def moments(raw: pl.Expr, formats: tuple[str, ...], language: str | None = None) -> pl.Expr:
    """Texts to datetimes (microseconds, no zone); null where no format reads them."""
    return raw.map_batches(
        lambda texts: read(texts, formats, language), return_dtype=pl.Datetime("us")
    )


def read(texts: pl.Series, formats: tuple[str, ...], language: str | None) -> pl.Series:
    """The moments of a series of texts."""
    if language is not None:
        texts = english_months(texts, language)
        formats = tuple(written.replace("%B", "%b") for written in formats)
    found = first_read(texts, formats)
    # Almost no value is written this way, so only those that could not be read are looked at.
    unread = texts.is_not_null() & found.is_null()
    if not unread.any():
        return found
    at_24 = unread & texts.str.contains(MIDNIGHT).fill_null(False)
    if not at_24.any():
        return found
    at_0 = texts.str.replace(MIDNIGHT, "${1}${3}${5}00${2}${4}${6}")
    return first_read(at_0, formats).dt.offset_by("1d").zip_with(at_24, found)


def first_read(texts: pl.Series, formats: tuple[str, ...]) -> pl.Series:
    """What the first format that fits reads."""
    found = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, texts.len())
    for written in formats:
        if written == EXCEL:
            read_so = serial_dates(texts)
        else:
            read_so = texts.str.to_datetime(written, time_unit="us", strict=False)
            if read_so.dtype.time_zone is not None:  # type: ignore[attr-defined]
                read_so = read_so.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        sound = (read_so.dt.year() >= 1000).fill_null(False)
        found = found.zip_with(found.is_not_null() | ~sound, read_so)
        if found.null_count() == texts.null_count():
            break
    return found


def serial_dates(texts: pl.Series) -> pl.Series:
    """Days since 30 December 1899, to the millisecond: more is the noise of their fractions."""
    days = (
        texts.to_frame("text")
        .select(
            pl.when(pl.col("text").str.contains(SERIAL))
            .then(pl.col("text").str.replace(",", ".", literal=True))
            .cast(pl.Float64, strict=False)
        )
        .to_series()
    )
    shown = days.set(days > 2_958_465, None)
    milliseconds = ((shown - 25_569) * 86_400_000).round().cast(pl.Int64)
    return milliseconds.cast(pl.Datetime("ms")).cast(pl.Datetime("us"))


def english_months(texts: pl.Series, language: str) -> pl.Series:
    """The texts with the first word that names a month replaced by its English abbreviation."""
    names = months(language)
    plain = texts.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    frame = pl.DataFrame({"text": texts, "plain": plain})
    word = pl.col("plain").str.extract(r"(\p{L}{3,})\.?")
    english = word.replace_strict(
        list(names), [ENGLISH[number - 1] for number in names.values()], default=None
    )
    replaced = pl.col("plain").str.replace(r"\p{L}{3,}\.?", english)
    return frame.select(
        pl.when(english.is_not_null()).then(replaced).otherwise(pl.col("text"))
    ).to_series()


@cache
def months(language: str) -> dict[str, int]:
    """Names of months and every beginning of three letters or more that means one of them alone."""
    from babel.dates import get_month_names

    meant: dict[str, set[int]] = {}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in get_month_names(width, context, language).items():
                plain = "".join(
                    letter
                    for letter in unicodedata.normalize("NFKD", name.lower())
                    if letter.isalpha()
                )
                for length in range(3, len(plain) + 1):
                    meant.setdefault(plain[:length], set()).add(number)
    found = {name: numbers.pop() for name, numbers in meant.items() if len(numbers) == 1}
    return found | FURTHER_MONTHS.get(language[:2], {})
