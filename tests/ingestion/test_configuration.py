"""plants.toml is judged before anything is loaded; ids that keys are built of are clean."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest
from landing import PLANTS, new_landing, run_line, runs_file

from ingestion.errors import ConfigError
from ingestion.feeds import FEEDS
from ingestion.feeds.base import id_, key_id
from ingestion.plants import Plant, load_plants, plant_shifts

PLANT = '[plants.vlc]\nname = "Valencia"\ntime_zone = "Europe/Madrid"\ncurrency = "EUR"\n'


def shift(code: str, start: str, end: str, days: str = "") -> str:
    text = f'[[plants.vlc.shifts]]\ncode = "{code}"\nstart = "{start}"\nend = "{end}"\n'
    return text + (f"days = [{days}]\n" if days else "")


def load(folder: Path, text: str) -> dict[str, Plant]:
    path = folder / "plants.toml"
    path.write_text(text, encoding="utf-8")
    return load_plants(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plants = 3", r"plants must be a table"),
        ('[[plants]]\nname = "x"', r"plants must be a table"),
        ("[plants]\nvlc = 3", r"plants\.vlc must be a table"),
        (PLANT + 'plant_id = "x"', r"plants\.vlc\.plant_id: .* remove it"),
        (PLANT + "minor_stop_limit_s = inf", r"plants\.vlc\.minor_stop_limit_s: .*finite"),
        (PLANT + "minor_stop_limit_s = nan", r"plants\.vlc\.minor_stop_limit_s: .*finite"),
        (PLANT + "minor_stop_limit_s = 1e13", r"plants\.vlc\.minor_stop_limit_s: .*86400"),
        (PLANT + "preventive_tolerance_days = -1", r"plants\.vlc\.preventive_tolerance_days: .*0"),
        (PLANT + 'day_start = "06:00Z"', r"plants\.vlc\.day_start: .*without a zone"),
        (PLANT + "day_start = 6", r"plants\.vlc\.day_start: must be a time"),
        (PLANT + "day_start = 06:00:00.5", r"plants\.vlc\.day_start: must be a time to the second"),
        (
            PLANT + shift("M", "06:00+01:00", "14:00"),
            r"plants\.vlc\.shifts\.0\.start: .*without a zone",
        ),
        (PLANT + shift("M", "06:00", "14:00Z"), r"plants\.vlc\.shifts\.0\.end: .*without a zone"),
        (PLANT + shift("M\\u001f", "06:00", "14:00"), r"plants\.vlc\.shifts\.0\.code"),
        (
            PLANT + shift("M", "06:00", "14:30") + shift("T", "14:00", "22:00"),
            r"plants\.vlc\.shifts: shift T of .* starts before the shift in front of it ends",
        ),
        # From one week to the next: Sunday's night shift reaches into Monday.
        (
            PLANT + shift("N", "22:00", "06:00", '"sun"') + shift("M", "05:00", "13:00", '"mon"'),
            r"plants\.vlc\.shifts: shift M of Monday starts before",
        ),
        (
            PLANT + shift("M", "06:00", "14:00") + shift("M", "14:00", "22:00"),
            r"plants\.vlc\.shifts: code M stands for two shifts",
        ),
        # Two calendar days, one production day.
        (
            PLANT
            + 'day_start = "06:00"\n'
            + shift("N", "22:00", "00:00", '"fri"')
            + shift("N", "00:00", "06:00", '"sat"'),
            r"plants\.vlc\.shifts: code N stands for two shifts .*Friday",
        ),
    ],
)
def test_a_fault_is_named_before_anything_is_loaded(
    tmp_path: Path, text: str, message: str
) -> None:
    landing = new_landing(tmp_path, text)
    landing.put("vlc/mapex/his_prod_20260311_020000.csv", runs_file(run_line()))

    with pytest.raises(ConfigError, match=r"plants\.toml: " + message):
        landing.ingest()

    assert not landing.settings.warehouse_file.exists()


def test_a_code_may_have_other_hours_on_other_days(tmp_path: Path) -> None:
    plant = load(
        tmp_path,
        PLANT
        + shift("M", "06:00", "14:00", '"mon", "tue", "wed", "thu", "fri"')
        + shift("M", "08:00", "12:00", '"sat"'),
    )["vlc"]

    shifts = plant_shifts(plant, date(2026, 3, 2), date(2026, 3, 8))

    assert shifts["shift_id"].is_unique().all()
    assert (shifts["end_at"] - shifts["start_at"]).to_list() == [timedelta(hours=8)] * 5 + [
        timedelta(hours=4)
    ]


def test_times_of_toml_and_of_text_mean_the_same(tmp_path: Path) -> None:
    as_text = load(tmp_path, PLANT + 'day_start = "06:00"')
    assert load(tmp_path, PLANT + "day_start = 06:00:00") == as_text


def test_the_night_of_a_change_of_clocks_never_makes_shifts_overlap(tmp_path: Path) -> None:
    # 02:30 does not exist on 29 March: it means 03:30, when the next shift is at work already.
    plant = load(
        tmp_path,
        PLANT
        + shift("N", "22:00", "02:15")
        + shift("P", "02:15", "02:30")
        + shift("M", "03:00", "11:00"),
    )["vlc"]

    for first, last in (
        (date(2026, 3, 20), date(2026, 4, 5)),
        (date(2026, 10, 15), date(2026, 11, 2)),
    ):
        shifts = plant_shifts(plant, first, last)
        assert shifts.filter(pl.col("start_at") < pl.col("end_at").shift(1)).is_empty()
        assert shifts.filter(pl.col("end_at") <= pl.col("start_at")).is_empty()
        # Only what lies in the gap is missing.
        assert shifts.height >= 3 * ((last - first).days + 1) - 1


# --- ids ------------------------------------------------------------------------------------------

CONTROLS = [chr(number) for number in [*range(0x20), 0x7F]]


class Ids(dy.Schema):
    key = key_id("An id of the key.")
    other = id_("Another id.")


@pytest.mark.parametrize("column", ["key", "other"])
def test_no_id_holds_a_control_character(column: str) -> None:
    clean = ["1", "ñ-ü", "a b", "\u00a0", "機械"]
    values = [f"a{control}b" for control in CONTROLS] + ["x\n", *clean]
    other = "other" if column == "key" else "key"
    frame = pl.DataFrame({column: values, other: ["1"] * len(values)})

    good, failures = Ids.filter(frame)

    assert good[column].to_list() == clean
    assert failures.counts() == {f"{column}|regex": len(CONTROLS) + 1}


def test_every_id_of_every_feed_is_checked() -> None:
    unchecked = {
        f"{name}.{column_name}"
        for name, feed in FEEDS.items()
        for column_name, column in feed.columns().items()
        if isinstance(column, dy.String)
        and (column_name.endswith("_id") or (column.metadata or {}).get("key"))
        and column.regex is None
    }
    assert unchecked == set()


def test_an_id_with_a_control_character_is_quarantined_under_a_readable_name(
    tmp_path: Path,
) -> None:
    landing = new_landing(tmp_path, PLANTS)

    outcome = landing.one(
        "vlc/mapex/his_prod_20260311_020000.csv",
        runs_file(run_line(), run_line(Id_his_prod="2\x1f3"), run_line(Id_his_prod="4")),
    )

    assert outcome.rules == {"control_character": 1}
    assert [row["run_id"] for row in landing.rows("select run_id from raw.production_counts")] == [
        "1",
        "4",
    ]
    (kept,) = landing.rows("select column_name, value from raw.quarantine")
    assert kept == {"column_name": "Id_his_prod", "value": "2\x1f3"}
