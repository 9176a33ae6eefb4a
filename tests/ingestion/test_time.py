"""Local times become UTC once: DST nights, shift patterns, production days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from landing import PLANTS, new_landing, run_line, runs_file

from ingestion.errors import ConfigError
from ingestion.plants import load_plants, plant_days, plant_shifts


@pytest.fixture
def plant(tmp_path: Path):  # type: ignore[no-untyped-def]
    path = tmp_path / "plants.toml"
    path.write_text(PLANTS)
    return load_plants(path)["vlc"]


@pytest.mark.parametrize(
    ("night", "hours"),
    [(date(2026, 3, 27), 8), (date(2026, 3, 28), 7), (date(2026, 10, 24), 9)],
)
def test_night_shift_is_as_long_as_the_clocks_say(plant, night: date, hours: int) -> None:  # type: ignore[no-untyped-def]
    shifts = plant_shifts(plant, night - timedelta(1), night + timedelta(1))
    row = shifts.filter(shift_code="N", production_date=night).row(0, named=True)
    assert row["end_at"] - row["start_at"] == timedelta(hours=hours)
    assert row["start_at"].replace(tzinfo=None) == datetime.combine(
        night, datetime.min.time()
    ) + timedelta(
        hours=22
        - plant.zone.utcoffset(
            datetime.combine(night, datetime.min.time()) + timedelta(hours=22)
        ).seconds
        // 3600
    )


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 5, 1), 24)]
)
def test_production_days_tile_time(plant, day: date, hours: int) -> None:  # type: ignore[no-untyped-def]
    days = plant_days(plant, day - timedelta(2), day + timedelta(2))
    row = days.filter(plant_date=day).row(0, named=True)
    assert row["production_end_at"] - row["production_start_at"] == timedelta(hours=hours)
    for start, end in (
        ("production_start_at", "production_end_at"),
        ("calendar_start_at", "calendar_end_at"),
    ):
        assert days[end].head(-1).to_list() == days[start].tail(-1).to_list()


def test_shifts_that_overlap_are_a_configuration_error(tmp_path: Path) -> None:
    path = tmp_path / "plants.toml"
    path.write_text(PLANTS.replace('end = "14:00"', 'end = "14:30"'))
    with pytest.raises(ConfigError, match=r"shift T of .* starts before"):
        load_plants(path)


def test_a_shift_before_the_day_starts_counts_for_the_day_before(tmp_path: Path) -> None:
    path = tmp_path / "plants.toml"
    path.write_text(
        PLANTS.replace('start = "22:00"\nend = "06:00"', 'start = "00:00"\nend = "06:00"')
    )
    plant = load_plants(path)["vlc"]
    night = plant_shifts(plant, date(2026, 5, 2), date(2026, 5, 2)).filter(shift_code="N")
    assert night["production_date"].to_list() == [date(2026, 5, 1)]


def autumn(*local: str, machine: str = "3") -> list[str]:
    """Runs that start at these local times of the autumn night, ten minutes each, in sequence."""
    return [
        run_line(
            Id_his_prod=str(10 + n),
            Id_maquina=machine,
            Fecha_ini=f"25/10/2026 {start}:00",
            Fecha_fin="25/10/2026 09:00:00",
        )
        for n, start in enumerate(local)
    ]


def starts(tmp_path: Path, lines: list[str]) -> tuple[dict[str, str], dict[str, int]]:
    landing = new_landing(tmp_path)
    outcome = landing.one("vlc/mapex/his_prod_20261026_020000.csv", runs_file(*lines))
    rows = landing.rows(
        "select run_id, strftime(start_at, '%H:%M') as at from raw.production_counts"
    )
    return {row["run_id"]: row["at"] for row in rows}, outcome.rules


def test_the_doubled_hour_is_resolved_by_the_sequence(tmp_path: Path) -> None:
    found, rules = starts(tmp_path, autumn("01:50", "02:10", "02:50", "02:20", "02:40", "03:10"))
    assert found == {
        "10": "23:50",
        "11": "00:10",
        "12": "00:50",
        "13": "01:20",
        "14": "01:40",
        "15": "02:10",
    }
    assert rules == {}


def test_the_doubled_hour_without_a_step_back_is_quarantined(tmp_path: Path) -> None:
    found, rules = starts(tmp_path, autumn("01:50", "02:10", "02:50", "03:10"))
    assert found == {"10": "23:50", "13": "02:10"}
    assert rules == {"ambiguous_local_time": 2}


def test_each_machine_has_its_own_sequence(tmp_path: Path) -> None:
    lines = autumn("02:10", "02:50", "02:20") + [
        line.replace(";3;", ";4;", 1).replace("1", "2", 1) for line in autumn("02:30", "02:40")
    ]
    found, rules = starts(tmp_path, lines)
    assert found == {"10": "00:10", "11": "00:50", "12": "01:20"}
    assert rules == {"ambiguous_local_time": 2}


def test_calendar_covers_the_delivered_dates(tmp_path: Path) -> None:
    landing = new_landing(tmp_path)
    landing.one("vlc/mapex/his_prod_20260311_020000.csv", runs_file(run_line()))
    (span,) = landing.rows("select min(plant_date) as a, max(plant_date) as b from raw.plant_days")
    assert (span["a"], span["b"]) == (date(2026, 3, 7), date(2026, 3, 14))
    frame = pl.DataFrame(landing.rows("select * from raw.plant_shifts"))
    assert frame["shift_id"].is_unique().all()
    assert frame.height == 8 * 3


def test_calendar_covers_the_days_on_which_nothing_happened(tmp_path: Path) -> None:
    landing = new_landing(tmp_path)
    landing.one("vlc/mapex/his_prod_20260401_020000.csv", runs_file(run_line()))
    (last,) = landing.rows("select max(plant_date) as day from raw.plant_days")
    assert last["day"] >= date(2026, 4, 1)
