"""The truth of the simulated plant is one possible world, and the same one every time."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from simulated import ENCODINGS, Simulated, merged

from ingestion.simulator import simulate


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    data = tmp_path_factory.mktemp("plant")
    simulate(data, days=30, machines=6, seed=1)
    return Simulated(data)


def contents(data: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes, and the time stamp where a pipeline could see it."""
    return {
        str(path.relative_to(data)): (
            path.read_bytes(),
            int(path.stat().st_mtime) if "landing" in path.parts else 0,
        )
        for path in sorted(data.rglob("*"))
        if path.is_file()
    }


def test_same_arguments_write_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(tmp_path / name, days=9, machines=3, seed=7, start=date(2026, 3, 24))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_is_another_plant(tmp_path: Path) -> None:
    one = simulate(tmp_path / "one", days=2, machines=2, seed=1)
    two = simulate(tmp_path / "two", days=2, machines=2, seed=2)
    name = "mapex/his_prod_20260310_020000.csv"
    assert (one.landing_dir / name).read_bytes() != (two.landing_dir / name).read_bytes()


def test_files_are_dated_to_their_extraction(plant: Simulated) -> None:
    path = plant.landing / "vlc" / "mapex" / "his_prod_20260329_030000.csv"
    # 02:00 does not exist on that night; the clocks show 03:00, which is 01:00 UTC.
    assert path.stat().st_mtime == datetime.fromisoformat("2026-03-29T01:00:00+00:00").timestamp()


def test_pieces_tile_every_machine_exactly(plant: Simulated) -> None:
    known = json.loads((plant.data / "truth" / "vlc" / "plant.json").read_text())
    start = datetime.fromisoformat(known["starts_at"])
    end = datetime.fromisoformat(known["known_until"]["mapex"])
    pieces = plant.truth("machine_time").sort("machine_id", "start_at")
    assert pieces["machine_id"].n_unique() == 6
    for (machine,), of_machine in pieces.group_by("machine_id"):
        rows = of_machine.sort("start_at").select("start_at", "end_at").rows()
        assert rows[0][0] == start, machine
        assert rows[-1][1] == end, machine
        assert all(left[1] == right[0] for left, right in pairwise(rows)), machine
        assert all(begin < finish for begin, finish in rows), machine


def test_not_scheduled_is_only_outside_shifts(plant: Simulated) -> None:
    shifts = plant.truth("shifts").select("start_at", "end_at").rows()
    closed = plant.truth("machine_time").filter(state="not_scheduled")
    assert closed.height > 0
    assert not closed["is_observed"].any()
    for start, end in closed.select("start_at", "end_at").rows():
        assert not any(begin < end and start < finish for begin, finish in shifts)


def test_every_state_happens(plant: Simulated) -> None:
    states = set(plant.truth("machine_time")["state"])
    assert states == {
        "producing",
        "rework",
        "setup",
        "delay",
        "no_order",
        "planned_down",
        "not_scheduled",
    }


@pytest.mark.parametrize(
    ("start", "night", "hours"),
    [
        (date(2026, 3, 26), date(2026, 3, 28), 7),
        (date(2026, 10, 22), date(2026, 10, 24), 9),
        (date(2026, 5, 4), date(2026, 5, 6), 8),
    ],
)
def test_night_shift_is_as_long_as_the_clocks_say(
    tmp_path: Path, start: date, night: date, hours: int
) -> None:
    simulate(tmp_path, days=4, machines=2, seed=3, start=start)
    shifts = Simulated(tmp_path).truth("shifts").filter(production_date=night, shift_code="N")
    (begin, end) = shifts.select("start_at", "end_at").row(0)
    assert end - begin == timedelta(hours=hours)
    worked = Simulated(tmp_path).truth("machine_time").filter(state="producing")
    assert worked.filter(pl.col("start_at") < end, pl.col("end_at") > begin).height > 0


def test_a_breakdown_lasts_as_long_as_its_maintenance_order(plant: Simulated) -> None:
    names = ("machine_id", "start_at", "end_at", "state", "reason_code")
    failures = plant.truth("machine_time").filter("is_failure").select(names).rows()
    stops = set()
    for machine in {row[0] for row in failures}:
        rows = [row[1:] for row in failures if row[0] == machine]
        stops |= {(machine, start, end) for start, end, *_ in merged(rows)}
    orders = plant.truth("maintenance").filter("is_breakdown", pl.col("finished_at").is_not_null())
    assert orders.height > 50
    finished = set(orders.select("machine_id", "reported_at", "finished_at").rows())
    still_down = stops - finished
    assert finished <= stops
    # A failure without a finished order is one that the last extraction caught.
    end = plant.truth("machine_time")["end_at"].max()
    assert all(stop[2] == end for stop in still_down)


def test_stops_cross_shift_changes_and_midnight(plant: Simulated) -> None:
    stops = plant.truth("machine_time").filter(pl.col("reason_code").is_not_null())
    changes = plant.truth("shifts")["start_at"].to_list()
    crossing = [
        1
        for start, end in stops.select("start_at", "end_at").rows()
        if any(start < change < end for change in changes)
    ]
    assert len(crossing) > 3
    local = [
        pl.col(c).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Madrid").dt.date()
        for c in ("start_at", "end_at")
    ]
    assert stops.filter(local[0] != local[1]).height > 0


def test_orders_go_through_their_life_in_order(plant: Simulated) -> None:
    orders = plant.truth("orders")
    assert orders.filter(pl.col("released_at") < pl.col("created_at")).height == 0
    assert orders.filter(pl.col("completed_at") <= pl.col("released_at")).height == 0
    assert orders.filter("is_cancelled", pl.col("released_at").is_not_null()).height == 0
    assert orders.filter("is_cancelled").height > 0
    assert orders.filter(pl.col("completed_at").is_not_null()).height > 100
    assert orders.filter(pl.col("completed_qty") > pl.col("planned_qty")).height == 0


def test_batches_shrink_by_scrap_from_station_to_station(plant: Simulated) -> None:
    """What a station starts with is what the one before it made good, rework included."""
    runs = (
        plant.truth("runs")
        .group_by("order_id", "operation_no", "pass_no")
        .agg(pl.sum("good_qty", "scrap_qty", "rework_qty"))
    )
    made = {row[:3]: row[3:] for row in runs.rows()}
    done = plant.truth("orders").filter(pl.col("completed_at").is_not_null())
    for order, planned, completed in done.select("order_id", "planned_qty", "completed_qty").rows():
        batch = planned
        for operation in sorted({key[1] for key in made if key[0] == order}):
            good, scrap, rework = made[order, operation, 1]
            assert good + scrap + rework == batch
            again = made.get((order, operation, 2), (0, 0, 0))
            assert sum(again) == rework
            assert again[2] == 0
            batch = good + again[0]
        assert batch == completed


def test_runs_are_never_faster_than_their_standard(plant: Simulated) -> None:
    """Speed loss only: ideal time fits into the time the machine was producing."""
    runs = plant.truth("runs").filter(pass_no=1)
    units = pl.col("good_qty") + pl.col("scrap_qty") + pl.col("rework_qty")
    ideal = runs.group_by("machine_id").agg(ideal_s=(units * pl.col("ideal_cycle_s")).sum())
    time = (
        plant.truth("machine_time")
        .filter(state="producing")
        .group_by("machine_id")
        .agg(producing_s=(pl.col("end_at") - pl.col("start_at")).sum().dt.total_seconds())
    )
    both = ideal.join(time, on="machine_id", validate="1:1")
    performance = both["ideal_s"].cast(pl.Float64) / both["producing_s"]
    assert performance.len() == 6
    assert performance.max() < 1
    assert performance.min() > 0.7


@pytest.mark.parametrize(
    ("days", "machines", "start"),
    [
        (1, 1, date(2026, 3, 9)),
        (1, 3, date(2026, 3, 8)),  # a Sunday: the plant is closed
        (3, 2, date(2026, 12, 30)),  # over the turn of the year
        (2, 23, date(2026, 3, 28)),  # more machines than one route passes
    ],
)
def test_any_size_and_day_works(tmp_path: Path, days: int, machines: int, start: date) -> None:
    summary = simulate(tmp_path, days=days, machines=machines, seed=11, start=start)
    plant = Simulated(tmp_path)
    assert plant.truth("machine_time")["machine_id"].n_unique() == machines
    assert summary.files == sum(1 for _ in summary.landing_dir.rglob("*.*"))
    assert {entry.name for entry in os.scandir(summary.landing_dir)} == set(ENCODINGS)


@pytest.mark.parametrize(("days", "machines"), [(0, 1), (1, 0), (99_999, 1), (1, 99_999)])
def test_sizes_without_sense_are_refused(tmp_path: Path, days: int, machines: int) -> None:
    with pytest.raises(ValueError, match="must be between"):
        simulate(tmp_path, days=days, machines=machines, seed=1)
    assert not any(tmp_path.iterdir())


def test_records_hold_every_case_that_figures_tell_apart(plant: Simulated) -> None:
    labour = plant.truth("labour")
    work = labour.filter(entry_kind="work")
    stays = labour.filter(entry_kind="attendance")
    shared = work.join(work, on="worker_id").filter(
        pl.col("machine_id") != pl.col("machine_id_right"),
        pl.col("start_at") < pl.col("end_at_right"),
        pl.col("start_at_right") < pl.col("end_at"),
    )
    assert shared.height, "nobody works on two machines at once"
    attended = work.join_where(
        stays.select("worker_id", came_at="start_at", left_at="end_at").rename({"worker_id": "w"}),
        pl.col("worker_id") == pl.col("w"),
        pl.col("start_at") < pl.col("left_at"),
        pl.col("end_at") > pl.col("came_at"),
    )
    assert set(work["entry_id"]) - set(attended["entry_id"]), "everybody logs in"

    energy = plant.truth("energy").sort("meter_id", "start_at")
    assert set(energy["meter_id"].str.slice(0, 1)) == {"E", "A", "G"}
    gaps = energy.filter(pl.col("start_at") > pl.col("end_at").shift().over("meter_id"))
    assert gaps.height, "every meter is read every time"

    measured = plant.truth("measurements")
    limits = measured.filter(
        pl.col("subgroup_id").is_not_null(), pl.col("lower_limit").is_not_null()
    )
    assert (
        limits.group_by("characteristic_id")
        .agg(pl.struct("lower_limit", "upper_limit").n_unique().alias("qty"))
        .filter(pl.col("qty") > 1)
        .height
    ), "no tolerance ever changes"
    for column in ("subgroup_id", "lower_limit"):
        assert measured[column].null_count(), column
