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
    shifts = plant_shifts(plant, date(2026, 5, 1), date(2026, 5, 1))
    # Midnight in Valencia is 22:00 UTC; no shift counts for a day that was not asked for.
    night = shifts.filter(shift_code="N")
    assert night["start_at"].to_list() == [datetime(2026, 5, 1, 22)]
    assert shifts["production_date"].to_list() == [date(2026, 5, 1)] * 3


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


def test_a_shift_that_starts_in_a_gap_of_half_an_hour_starts_after_it(tmp_path: Path) -> None:
    path = tmp_path / "plants.toml"
    path.write_text(
        PLANTS.replace("Europe/Madrid", "Australia/Lord_Howe").replace(
            'start = "22:00"\nend = "06:00"', 'start = "02:00"\nend = "06:00"'
        )
    )
    night = plant_shifts(load_plants(path)["vlc"], date(2025, 10, 4), date(2025, 10, 4))
    # At 02:00 (UTC+10:30) the clocks jump to 02:30 (UTC+11).
    assert night.filter(shift_code="N")["start_at"].to_list() == [datetime(2025, 10, 4, 15, 30)]


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        # The clocks jump from 00:00 to 01:00, which is 04:00 UTC; they go back from 01:00 to 00:00.
        ("America/Santiago", "07.09.2025", datetime(2025, 9, 7, 4)),
        ("America/Havana", "02.11.2025", datetime(2025, 11, 2, 4)),
        ("Europe/Madrid", "30.03.2025", datetime(2025, 3, 29, 23)),
    ],
)
def test_a_date_begins_where_the_clocks_change_at_midnight(
    tmp_path: Path, zone: str, day: str, begins: datetime
) -> None:
    landing = new_landing(tmp_path, PLANTS.replace("Europe/Madrid", zone))
    fields = {
        "AUFNR": "1",
        "AUART": "PM02",
        "EQUNR": "10000401",
        "KTEXT": "",
        "MSAUS": "",
        "ERDAT": "01.03.2025",
        "ERZEIT": "08:00:00",
        "GSTRI": "00.00.0000",
        "GSUZI": "00:00:00",
        "GETRI": "00.00.0000",
        "GEUZI": "00:00:00",
        "GSTRP": day,
        "FECOD": "",
        "ISMNW": "",
        "GKOST": "",
    }
    content = "\r\n".join(["\t".join(fields), "\t".join(fields.values()), ""]).encode("utf-16")
    outcome = landing.one("vlc/sap_pm/IW39_20251201_020000.txt", content)
    assert outcome.rules == {}
    assert landing.rows("select due_at from raw.maintenance_orders") == [{"due_at": begins}]
