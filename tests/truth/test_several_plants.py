"""Three plants on three clocks in one warehouse, over nights in which their clocks change.

Valencia's clocks go forward; Santiago's and Lord Howe's go back, by an hour at midnight and by half
an hour. Lines whose time means one of two instants are put aside; everything else is held to the
truth, and the lines put aside to really be of that hour.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

import pytest
from doubled_hour import RULE, Knowledge, delivered
from expectations import FACTS, MARTS, TYPED_FACTS, Expectation, bridge, kpi_values
from oracle_floor import windows
from oracle_kpis import Kpis
from plant_truth import PlantTruth
from simulated_night import lines_of

ALL_PLANTS = ("vlc", "scl", "ldh")
CLOCKS_GO_BACK = ("scl", "ldh")
TYPING_PLANTS = ("scl", "ldh")


def of(plants: tuple[str, ...]) -> pytest.MarkDecorator:
    """A test for each of these plants."""
    return pytest.mark.parametrize("known", plants, indirect=True)


@pytest.fixture(scope="module")
def known(three_plants: dict[str, Knowledge], request: pytest.FixtureRequest) -> Knowledge:
    """What could be known of one plant."""
    return three_plants[request.param]


@of(ALL_PLANTS)
@pytest.mark.parametrize("expectation", FACTS, ids=lambda f: f.__name__)
def test_fact(known: Knowledge, expectation: Callable[[PlantTruth], Expectation]) -> None:
    known.hold(expectation(known.truth))


@of(TYPING_PLANTS)
@pytest.mark.parametrize("expectation", TYPED_FACTS, ids=lambda f: f.__name__)
def test_typed_fact(known: Knowledge, expectation: Callable[[PlantTruth], Expectation]) -> None:
    known.hold(expectation(known.truth))


@pytest.mark.parametrize(
    ("known", "expectation"),
    [
        pytest.param(plant, mart, id=f"{plant}-{mart.__name__}")
        for plant in ALL_PLANTS
        for mart in MARTS
        # Every two weeks of these hold the hour that comes twice; those of a year do not.
        if mart is not bridge or plant not in CLOCKS_GO_BACK
    ],
    indirect=["known"],
)
def test_mart(
    known: Knowledge,
    expectation: Callable[[PlantTruth, Kpis], Expectation],
    record_property: Callable[[str, object], None],
) -> None:
    known.hold(expectation(known.truth, known.kpis))
    if expectation is kpi_values:
        for kpi in sorted({kpi for (kpi, _), figure in known.kpis.items() if figure.value}):
            record_property("proof", f"{kpi}:truth")


@of(ALL_PLANTS)
def test_little_is_unknown(known: Knowledge) -> None:
    every = len(windows(known.truth)) * len(known.truth.machines)
    assert len(known.windows) < every / 5, "so much is unknown that little is left to compare"


def test_valencia_knows_everything(three_plants: dict[str, Knowledge]) -> None:
    known = three_plants["vlc"]
    assert known.doubled is None
    assert not known.lost_lines
    assert known.truth is known.night.truth


@of(CLOCKS_GO_BACK)
def test_only_lines_of_that_hour_are_put_aside(known: Knowledge) -> None:
    night = known.night
    landing = night.settings.landing_dir

    def same(file: str, line_no: int | None) -> tuple[bytes, int | None]:
        """The line under whichever name its bytes came first."""
        return hashlib.sha256((landing / file).read_bytes()).digest(), line_no

    planted = {same(d.file, d.line_no) for d in night.truth.defects if d.is_quarantined}
    found = night.con.execute("select file_path, line_no, rule from raw.quarantine").fetchall()
    assert planted <= {same(file, line_no) for file, line_no, _ in found}
    ambiguous = [(file, line_no) for file, line_no, rule in found if rule == RULE]
    assert ambiguous, "nothing happened in the hour that comes twice"
    assert {same(file, line_no) for file, line_no, rule in found if rule != RULE} <= planted
    assert known.doubled is not None
    texts = [lines_of(landing, file)[line_no - 1] for file, line_no in ambiguous]
    assert not [text for text in texts if not known.doubled.is_in(text)]


@of(ALL_PLANTS)
def test_delivered_is_accepted_plus_quarantined_plus_duplicates(known: Knowledge) -> None:
    wrong = known.night.con.execute(
        "select file_path from raw.deliveries "
        "where delivered_rows <> accepted_rows + quarantined_rows + duplicate_rows"
    ).fetchall()
    assert not wrong


def test_runs_are_told_apart_where_the_clock_steps_back(
    three_plants: dict[str, Knowledge],
) -> None:
    """A machine whose next run starts earlier than the one before says itself which is which."""
    told = 0
    for plant_id in CLOCKS_GO_BACK:
        known = three_plants[plant_id]
        by_machine: dict[tuple[str, str], list[tuple[int, list[str], int]]] = defaultdict(list)
        for line in delivered(known.night, "his_prod"):
            if line.fields[2] == "1":
                run = (int(line.fields[0]), line.fields[7:9], line.line_no)
                by_machine[line.file, line.fields[1]].append(run)
        for (file, _), runs in by_machine.items():
            times = [
                datetime.strptime(text, "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007 (as exported)
                for _, pair, _ in sorted(runs)
                for text in pair
                if text
            ]
            inside = [
                at for at in times if known.doubled.local_from <= at < known.doubled.local_until
            ]
            if any(later < earlier for earlier, later in pairwise(inside)):
                told += 1
                lost = {line_no for lost_in, line_no in known.lost_lines if lost_in == file}
                assert not lost & {line_no for _, _, line_no in runs}
    assert told, "no machine's runs step back: choose another seed"


@pytest.mark.parametrize(
    ("plant_id", "shift_code", "night_h", "day_h"), [("scl", "N", 9, 25), ("ldh", "B", 8.5, 24.5)]
)
def test_the_night_and_its_day_are_as_long_as_the_clocks_say(
    three_plants: dict[str, Knowledge],
    plant_id: str,
    shift_code: str,
    night_h: float,
    day_h: float,
) -> None:
    known = three_plants[plant_id]
    day = known.long_night.production_date
    con = known.night.con
    shift = con.execute(
        "select shift_s from core.dim_shift where shift_code = ? and production_date = ?",
        [shift_code, day],
    ).fetchall()
    assert shift == [(night_h * 3600,)]
    days = con.execute(
        "select machine_id, sum(duration_s) from core.fct_machine_time "
        "where production_date = ? group by machine_id",
        [day],
    ).fetchall()
    expected = sum(t.length_s for t in windows(known.truth) if t.production_date == day)
    assert {total for _, total in days} == {expected}
    assert len(days) == len(known.truth.machines)
    lengths = con.execute(
        "select date_diff('second', production_start_at, production_end_at) "
        "from raw.plant_days where plant_date = ?",
        [day],
    ).fetchall()
    assert lengths == [(day_h * 3600,)]


def test_a_night_counts_for_the_day_that_its_plant_says(
    three_plants: dict[str, Knowledge],
) -> None:
    """The same hour of the night belongs to three different days."""
    found = {}
    for plant_id, known in three_plants.items():
        local = datetime(2026, 4, 2, 3)  # a Thursday, 03:00 on every plant's clocks
        at = known.truth.local_instant(local.date(), local.hour)
        found[plant_id] = known.night.con.execute(
            "select distinct production_date - date '2026-04-02', shift_code from core.dim_shift "
            "where shift_kind = 'shift' and start_at <= ? and end_at > ?",
            [at, at],
        ).fetchall()
    assert found == {"vlc": [(-1, "N")], "scl": [(-1, "N")], "ldh": [(-1, "Z")]}


def test_ids_repeat_from_plant_to_plant(three_plants: dict[str, Knowledge]) -> None:
    """The same names mean other things elsewhere, so nothing may be joined by them alone."""
    orders = [{o.order_id for o in k.truth.orders} for k in three_plants.values()]
    machines = [set(k.truth.machines) for k in three_plants.values()]
    assert len(set.intersection(*orders)) > 20
    assert len(set.intersection(*machines)) == 3


def test_no_row_belongs_to_another_plant(three_plants: dict[str, Knowledge]) -> None:
    night = next(iter(three_plants.values())).night
    tables = night.con.execute(
        "select schema_name, table_name from duckdb_columns() where database_name = 'warehouse' "
        "and schema_name in ('core', 'marts') and column_name = 'plant_id'"
    ).fetchall()
    assert len(tables) > 40
    for schema, table in tables:
        plants = night.con.execute(
            f"select distinct plant_id from warehouse.{schema}.{table}"
        ).fetchall()
        assert {plant for (plant,) in plants} <= set(ALL_PLANTS), table
