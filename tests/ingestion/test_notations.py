"""Numbers, dates and names as the world writes them, read by the words of a source module."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from landing import PLANTS

from ingestion.columns import (
    Column,
    Context,
    code,
    day,
    duration,
    local_time,
    number,
    utc_time,
    whole,
)
from ingestion.conform import with_parts
from ingestion.dialects import Delimited
from ingestion.feeds import Machines
from ingestion.plants import load_plants
from ingestion.source import FeedMapping
from ingestion.times import EXCEL, ISO


def read(tmp_path: Path, column: Column, dialect: Delimited, *texts: str) -> list[Any]:
    """The values of one exported column `v`; of a value that cannot be read, the rule it breaks."""
    path = tmp_path / "plants.toml"
    path.write_text(PLANTS)
    ctx = Context(dialect, load_plants(path)["vlc"], datetime(2026, 4, 1))
    mapping = FeedMapping(Machines, {"v": column})
    rows = with_parts(pl.DataFrame({"v": list(texts)}), mapping, ctx)
    found = rows.select(value=column.value(ctx), rule=column.fault(ctx).cast(pl.String))
    return [rule or value for value, rule in found.iter_rows()]


SAP = Delimited(decimal=",", thousands=".", trailing_minus=True)
BOOKS = Delimited(thousands=",", bracket_minus=True, credit_marks=True)
SWISS = Delimited(thousands="'")
DOLLARS = Delimited(thousands=",", bracket_minus=True, currency="$")
FRENCH = Delimited(decimal=",", thousands=" ")


@pytest.mark.parametrize(
    ("dialect", "text", "value"),
    [
        (SAP, "1.234.567,5", "1234567.5"),
        (SAP, "155,22-", "-155.22"),
        (SAP, "155,22 -", "-155.22"),
        (SAP, "-155,22", "-155.22"),
        (SAP, "1.155,220-", "-1155.22"),
        (SAP, ",5", "0.5"),
        (SAP, "7,", "7"),
        (SAP, "-5-", "not_a_number"),
        (SAP, "1.23", "not_a_number"),
        (SAP, "12.34,5", "not_a_number"),
        (SAP, "1,234,567", "not_a_number"),
        (SAP, "(5)", "not_a_number"),
        (BOOKS, "(1,234.50)", "-1234.5"),
        (BOOKS, "100.00 CR", "-100"),
        (BOOKS, "100.00CR", "-100"),
        (BOOKS, "1,100.00 dr", "1100"),
        (DOLLARS, "$1,234.50", "1234.5"),
        (DOLLARS, "($1,600.00)", "-1600"),
        (DOLLARS, "-$5", "-5"),
        (DOLLARS, "5 $", "5"),
        (DOLLARS, "$$5", "not_a_number"),
        (BOOKS, "$5", "not_a_number"),
        (BOOKS, "(5", "not_a_number"),
        (BOOKS, "-(5)", "not_a_number"),
        (BOOKS, "5-", "not_a_number"),
        (BOOKS, "5 CM", "not_a_number"),
        (SWISS, "1'234.5", "1234.5"),
        (SWISS, "1’234.5", "1234.5"),
        (FRENCH, "1 234,5", "1234.5"),
        (FRENCH, "1\u00a0234,5", "1234.5"),
        (FRENCH, "-1\u202f234\u202f567,5", "-1234567.5"),
        (FRENCH, "1 23,5", "not_a_number"),
        (Delimited(), "\u221212.5", "-12.5"),
        (Delimited(), "+12.5", "12.5"),
        (Delimited(), ".25", "0.25"),
        (Delimited(), "1,5", "not_a_number"),
        (Delimited(), "1e3", "not_a_number"),
        (Delimited(), ".", "not_a_number"),
        (Delimited(), "-", "not_a_number"),
        (Delimited(), "1000000000000.5", "above_maximum"),
    ],
)
def test_numbers(tmp_path: Path, dialect: Delimited, text: str, value: str) -> None:
    (found,) = read(tmp_path, number("v"), dialect, text)
    expected = value if value.islower() and value[0].isalpha() else Decimal(value)
    assert found == expected


def test_whole_numbers_follow_the_notation(tmp_path: Path) -> None:
    texts = ["12", "1.200", "12,0", "3-", "12,5", "x", str(2**60)]
    assert read(tmp_path, whole("v"), SAP, *texts) == [
        12,
        1200,
        12,
        -3,
        "not_a_whole_number",
        "not_a_whole_number",
        2**60,
    ]


@pytest.mark.parametrize(
    ("formats", "text", "value"),
    [
        (("%d.%m.%Y", "%Y-%m-%d", "%m/%d/%y"), "10.03.2026", date(2026, 3, 10)),
        (("%d.%m.%Y", "%Y-%m-%d", "%m/%d/%y"), "2026-03-10", date(2026, 3, 10)),
        (("%d.%m.%Y", "%Y-%m-%d", "%m/%d/%y"), "03/10/26", date(2026, 3, 10)),
        (("%d.%m.%Y", "%Y-%m-%d", "%m/%d/%y"), "10-03-2026", "not_a_timestamp"),
        (("%d.%m.%Y",), "31.02.2026", "not_a_timestamp"),
        # The pivot of two digits, and %Y that never reads them.
        (("%d.%m.%y",), "01.01.69", date(2069, 1, 1)),
        (("%d.%m.%y",), "01.01.70", "timestamp_out_of_range"),
        (("%d.%m.%y",), "01.01.00", date(2000, 1, 1)),
        (("%d.%m.%Y", "%d.%m.%y"), "10.03.26", date(2026, 3, 10)),
        (("%d.%m.%Y",), "10.03.26", "not_a_timestamp"),
        # Dates of zeros are none.
        (("%d.%m.%Y",), "00.00.0000", None),
        (("%Y-%m-%d",), "0000-00-00", None),
        (("%Y%m%d",), "00000000", None),
        (("%d.%m.%Y",), "00.00.2026", "not_a_timestamp"),
        # Serial numbers of spreadsheets, only where they are declared.
        ((EXCEL,), "46091", date(2026, 3, 10)),
        ((EXCEL, "%d.%m.%Y"), "10.03.2026", date(2026, 3, 10)),
        ((EXCEL,), "46091.99", date(2026, 3, 10)),
        ((EXCEL,), "36525", "timestamp_out_of_range"),
        ((EXCEL,), "9999999", "not_a_timestamp"),
        ((EXCEL,), "-46091", "not_a_timestamp"),
        (("%d.%m.%Y",), "46091", "not_a_timestamp"),
    ],
)
def test_dates(tmp_path: Path, formats: tuple[str, ...], text: str, value: Any) -> None:
    assert read(tmp_path, day("v", *formats, future=True), Delimited(), text) == [value]


@pytest.mark.parametrize(
    ("language", "format_", "text"),
    [
        ("de", "%d. %B %Y", "10. März 2026"),
        ("de", "%d-%b-%Y", "10-MRZ-2026"),
        ("de", "%d. %B %Y", "10. Marz 2026"),
        ("es", "%d de %B de %Y", "10 de marzo de 2026"),
        ("es", "%d-%b-%y", "10-mar.-26"),
        ("fr", "%d %B %Y", "10 mars 2026"),
        ("en", "%B %d, %Y", "March 10, 2026"),
        ("nl", "%d %b %Y", "10 mrt 2026"),
        ("pl", "%d %B %Y", "10 marca 2026"),
    ],
)
def test_names_of_months(tmp_path: Path, language: str, format_: str, text: str) -> None:
    column = day("v", format_, language=language)
    assert read(tmp_path, column, Delimited(), text) == [date(2026, 3, 10)]
    # In another language the same letters mean nothing, or something else.
    wrong = day("v", format_, language="fi")
    assert read(tmp_path, wrong, Delimited(), text) != [date(2026, 3, 10)]


def test_a_beginning_that_means_two_months_means_none(tmp_path: Path) -> None:
    column = day("v", "%d %b %Y", language="fr")
    assert read(tmp_path, column, Delimited(), "10 jui 2025") == ["not_a_timestamp"]
    assert read(tmp_path, column, Delimited(), "10 juil. 2025", "10 juin 2025") == [
        date(2025, 7, 10),
        date(2025, 6, 10),
    ]


@pytest.mark.parametrize(
    ("format_", "text", "value"),
    [
        ("%d.%m.%Y %H:%M", "10.03.2026 24:00", datetime(2026, 3, 10, 23)),
        ("%d.%m.%Y %H:%M:%S", "31.12.2025 24:00:00", datetime(2025, 12, 31, 23)),
        ("%Y-%m-%dT%H:%M:%S", "2026-03-10T24:00:00", datetime(2026, 3, 10, 23)),
        ("%Y%m%d%H%M%S", "20260310240000", datetime(2026, 3, 10, 23)),
        ("%Y%m%d %H%M", "20260310 2400", datetime(2026, 3, 10, 23)),
        ("%d.%m.%Y %H:%M", "10.03.2026 24:01", "not_a_timestamp"),
        ("%d.%m.%Y %H:%M", "24.03.2026 06:00", datetime(2026, 3, 24, 5)),
        ("%d.%m.%Y %H:%M", "00.00.0000 00:00", None),
        (EXCEL, "46091.25", datetime(2026, 3, 10, 5)),
        (EXCEL, "46091,3333333333", datetime(2026, 3, 10, 7)),
    ],
)
def test_local_times(tmp_path: Path, format_: str, text: str, value: Any) -> None:
    found = read(tmp_path, local_time("v", format=format_), Delimited(), text)
    assert found == [value]


@pytest.mark.parametrize(
    ("format_", "text", "value"),
    [
        (ISO, "2026-03-10T06:00:00Z", datetime(2026, 3, 10, 6)),
        (ISO, "2026-03-10T06:00:00.1234567+01:00", datetime(2026, 3, 10, 5, 0, 0, 123456)),
        (ISO, "2026-03-10T06:00:00", "not_a_timestamp"),
        ("%Y-%m-%d %H:%M:%S", "2026-07-10 06:00:00", "timestamp_out_of_range"),
        ("%Y-%m-%d %H:%M:%S", "2025-07-10 06:00:00", datetime(2025, 7, 10, 6)),
    ],
)
def test_times_that_say_their_offset(tmp_path: Path, format_: str, text: str, value: Any) -> None:
    assert read(tmp_path, utc_time("v", format=format_), Delimited(), text) == [value]


def test_one_column_may_mix_what_is_declared(tmp_path: Path) -> None:
    texts = ["10.03.2026", "46091", "10.03.2026 24:00", "", "junk"]
    column = local_time("v", format=("%d.%m.%Y %H:%M", EXCEL, "%d.%m.%Y"))
    assert read(tmp_path, column, Delimited(), *texts) == [
        datetime(2026, 3, 9, 23),
        datetime(2026, 3, 9, 23),
        datetime(2026, 3, 10, 23),
        None,
        "not_a_timestamp",
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:30", 5_400),
        ("0:05:07", 307),
        ("37:00:00", 133_200),
        ("00:00:00.25", Decimal("0.25")),
        ("1h 30m", 5_400),
        ("2 hours", 7_200),
        ("90 min", 5_400),
        ("15s", 15),
        ("90", "not_a_duration"),
        ("1:75", "not_a_duration"),
        ("about 90 min", "not_a_duration"),
        ("-1:30", "not_a_duration"),
        (" ", None),
    ],
)
def test_lengths_of_time(tmp_path: Path, text: str, seconds: Any) -> None:
    assert read(tmp_path, duration("v"), Delimited(), text) == [seconds]


def test_codes_that_people_type(tmp_path: Path) -> None:
    words = {"Reactive": "corrective", "pm": "preventive"}
    typed = ["REACTIVE", "Pm", "what"]
    assert read(tmp_path, code("v", words, any_case=True), Delimited(), *typed) == [
        "corrective",
        "preventive",
        "unknown_code",
    ]
    assert read(tmp_path, code("v", words), Delimited(), "Pm") == ["unknown_code"]


@pytest.mark.parametrize("written", ["%m/%d/%Y %I:%M %p", "%m/%d/%Y %R", "%m/%d/%Y %T"])
def test_every_way_to_write_a_clock_knows_the_hours_that_are_none_or_two(
    tmp_path: Path, written: str
) -> None:
    spring, autumn = datetime(2026, 3, 29, 2, 30), datetime(2025, 10, 26, 2, 30)
    texts = [moment.strftime(written) for moment in (spring, autumn)]
    column = local_time("v", format=written)
    assert read(tmp_path, column, Delimited(), *texts) == [
        "nonexistent_local_time",
        "ambiguous_local_time",
    ]
