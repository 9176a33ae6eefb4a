"""Plants on other clocks: each lives by its own shifts and days, side by side with the others."""

from __future__ import annotations

import csv
import json
import tomllib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ingestion.plants import load_plants, plant_days, plant_shifts
from ingestion.simulator import SITES, Site, simulate
from ingestion.simulator.clock import Calendar, naive_utc
from ingestion.simulator.plant import build_plant
from ingestion.simulator.sites import SANTIAGO, VALENCIA

START = date(2026, 4, 3)  # the clocks of two plants go back in the second night


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four days of every plant in one data directory."""
    folder = tmp_path_factory.mktemp("sites")
    for number, site in enumerate(SITES):
        simulate(folder, days=4, machines=2, seed=number, start=START, site=site)
    return folder


def every_site() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("site", SITES, ids=lambda site: site.plant_id)


def test_plants_toml_names_them_all(data: Path) -> None:
    plants = tomllib.loads((data / "plants.toml").read_text(encoding="utf-8"))["plants"]
    assert {name: plant["time_zone"] for name, plant in plants.items()} == {
        "vlc": "Europe/Madrid",
        "scl": "America/Santiago",
        "ldh": "Australia/Lord_Howe",
    }
    assert len({plant["day_start"] for plant in plants.values()}) == 3


def test_the_same_arguments_again_change_nothing(data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    for number, site in enumerate(SITES):
        simulate(data, days=4, machines=2, seed=number, start=START, site=site)
    assert before == {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}


@every_site()
def test_pieces_tile_every_machine_exactly(data: Path, site: Site) -> None:
    truth = data / "truth" / site.plant_id
    about = json.loads((truth / "plant.json").read_text(encoding="utf-8"))
    pieces = pl.read_parquet(truth / "machine_time.parquet").sort("machine_id", "start_at")
    for _, of_machine in pieces.group_by("machine_id"):
        rows = of_machine.sort("start_at").select("start_at", "end_at").rows()
        assert rows[0][0] == datetime.fromisoformat(about["starts_at"])
        assert rows[-1][1] == datetime.fromisoformat(about["known_until"]["mapex"])
        assert all(left[1] == right[0] for left, right in pairwise(rows))


@every_site()
def test_machines_are_off_outside_shifts_and_only_there(data: Path, site: Site) -> None:
    truth = data / "truth" / site.plant_id
    shifts = pl.read_parquet(truth / "shifts.parquet").select("start_at", "end_at").rows()
    closed = pl.read_parquet(truth / "machine_time.parquet").filter(state="not_scheduled")
    assert (closed.height == 0) == (site.scheduled_h_per_week == 7 * 24)
    for start, end in closed.select("start_at", "end_at").rows():
        assert not any(begin < end and start < finish for begin, finish in shifts)


@every_site()
def test_the_pipeline_knows_the_same_shifts_and_days(data: Path, site: Site) -> None:
    """What is configured means what the plant does, also where the clocks change, all year."""
    plant = load_plants(data / "plants.toml")[site.plant_id]
    first, last = date(2025, 1, 6), date(2026, 1, 5)
    calendar = Calendar(site, first, (last - first).days + 1)
    lived = {
        (s.production_date, s.code, naive_utc(s.start_at), naive_utc(s.end_at))
        for s in calendar.known_shifts
        if first <= s.production_date <= last
    }
    assert len(lived) > 600
    configured = plant_shifts(plant, first, last)
    names = ("production_date", "shift_code", "start_at", "end_at")
    assert set(configured.select(names).rows()) == lived
    days = plant_days(plant, first, last)
    for day, begins_at in days.select("plant_date", "production_start_at").rows():
        assert begins_at == naive_utc(calendar.clock.utc(day, site.day_start))
    lengths = days["production_end_at"] - days["production_start_at"]
    half_hours = {length // timedelta(minutes=30) for length in lengths}
    assert half_hours == ({47, 48, 49} if site.plant_id == "ldh" else {46, 48, 50})


@every_site()
def test_data_collectors_fail_only_while_the_plant_works(site: Site) -> None:
    """What a closed plant does is seen by nobody; an outage could hide nothing of it."""
    calendar = Calendar(site, date(2025, 1, 6), 365)
    windows = [window for of in build_plant(calendar, 20, seed=3).outages.values() for window in of]
    assert len(windows) > 20
    for begin, end in windows:
        shifts = [s for s in calendar.shifts if s.start_at < end and s.end_at > begin]
        worked = sum(min(s.end_at, end) - max(s.start_at, begin) for s in shifts)
        assert worked == end - begin


@pytest.fixture(scope="module")
def santiago(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of a plant whose offices type their order lines."""
    folder = tmp_path_factory.mktemp("santiago")
    simulate(folder, days=30, machines=2, seed=5, start=date(2026, 3, 16), site=SANTIAGO)
    return folder


def typed_lines(data: Path, table: str) -> dict[str, dict[str, str]]:
    """The last good version of every typed line."""
    defects = pl.read_parquet(data / "truth" / "scl" / "defects.parquet")
    faulty = set(defects.select("file", "line_no").rows())
    found = {}
    for path in sorted((data / "landing" / "scl" / "typed_csv").glob(f"{table}_2*")):
        name = path.relative_to(data / "landing").as_posix()
        with path.open(encoding="utf-8", newline="") as lines:
            for line_no, row in enumerate(csv.DictReader(lines), start=2):
                if (name, line_no) not in faulty:
                    found[row[f"{table[:-1]}_id"]] = row
    return found


def utc(text: str) -> datetime | None:
    local = (
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Santiago")) if text else None
    )
    return local.astimezone(UTC).replace(tzinfo=None) if local else None


@pytest.mark.parametrize("table", ["sales_order_lines", "purchase_order_lines"])
def test_typed_lines_are_the_ledger(santiago: Path, table: str) -> None:
    answers = {"true": True, "false": False, "": None}

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    exported: set[tuple[Any, ...]] = set()
    is_sale = table == "sales_order_lines"
    arrived = "delivered" if is_sale else "received"
    for line_id, row in typed_lines(santiago, table).items():
        exported.add(
            (
                line_id,
                row["sales_order_id" if is_sale else "purchase_order_id"],
                row["customer_id" if is_sale else "supplier_id"] or None,
                row["item_id"],
                int(row["ordered_qty"]),
                utc(row["ordered_at"]),
                day(row.get("requested_date", "")),
                day(row["first_promised_date"]),
                day(row["promised_date"]),
                int(row[f"{arrived}_qty"]) if row[f"{arrived}_qty"] else None,
                utc(row[f"{arrived}_at"]),
                answers[row.get("is_undamaged", "")],
                answers[row.get("is_documented", "")],
                answers[row["is_cancelled"]],
            )
        )
    truth = pl.read_parquet(santiago / "truth" / "scl" / f"{table}.parquet")
    assert truth.height > 10
    assert exported == set(truth.rows())


def test_order_lines_meet_every_fate(santiago: Path) -> None:
    lines = pl.read_parquet(santiago / "truth" / "scl" / "sales_order_lines.parquet")
    whole = pl.col("arrived_qty") >= pl.col("ordered_qty")
    late = pl.col("arrived_at").dt.date() > pl.col("first_promised_date") + timedelta(days=1)
    for fate in (
        whole,
        pl.col("arrived_qty") < pl.col("ordered_qty"),
        late,
        pl.col("arrived_at").is_null() & ~pl.col("is_cancelled"),
        pl.col("is_cancelled"),
        pl.col("first_promised_date").is_null(),
        pl.col("first_promised_date") < pl.col("promised_date"),
        ~pl.col("is_documented"),
        pl.col("is_documented").is_null() & pl.col("arrived_at").is_not_null(),
    ):
        assert lines.filter(fate).height, fate


def test_faults_in_typed_lists_are_in_the_ledger(santiago: Path) -> None:
    defects = pl.read_parquet(santiago / "truth" / "scl" / "defects.parquet")
    typed = defects.filter(pl.col("file").str.contains("order_lines"))
    assert Counter(typed["rule"]) == {"column_count": 1, "not_a_timestamp": 1, "duplicate": 1}
    for name, line_no, rule in typed.select("file", "line_no", "rule").rows():
        lines = (santiago / "landing" / name).read_text(encoding="utf-8").splitlines()
        line = lines[line_no - 1]
        if rule == "column_count":
            assert line.count(",") == lines[0].count(",") + 1
        elif rule == "duplicate":
            assert lines.count(line) == 2
        else:
            assert "-02-30" in line


def test_the_plant_of_the_demo_types_its_targets_and_records(data: Path) -> None:
    folder = data / "landing" / VALENCIA.plant_id / "typed_csv"
    tables = {path.name.rpartition("_202")[0] for path in folder.iterdir()}
    assert tables == {"kpi_targets", "labour_entries", "energy_readings", "measurements"}
