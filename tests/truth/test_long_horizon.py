"""A year of three plants with twenty machines each, in one warehouse: every fact, mart and KPI at
every scope and period, held to what really happened.

It holds every change of clocks there is: an hour at night in Valencia, an hour at midnight in
Santiago, half an hour on Lord Howe, forward and back. What the doubled times destroyed is left
out, and is little; what the data collectors missed is in the coverage, to the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from doubled_hour import RULE, Knowledge, doubled_time
from expectations import FACTS, MARTS, TYPED_FACTS, Expectation
from oracle_floor import windows
from oracle_kpis import Kpis
from plant_truth import PlantTruth
from simulated_night import Night, read_catalogue

pytestmark = pytest.mark.full


def of(plants: tuple[str, ...]) -> pytest.MarkDecorator:
    """A test for each of these plants, one after the other: the answers of one take gigabytes."""
    return pytest.mark.parametrize("known", plants, indirect=True, scope="module")


ALL_PLANTS = ("vlc", "scl", "ldh")
TYPING_PLANTS = ("scl", "ldh")


@pytest.fixture(scope="module")
def known(year: dict[str, Night], request: pytest.FixtureRequest) -> Iterator[Knowledge]:
    """What could be known of one plant."""
    night = year[request.param]
    yield Knowledge(night, doubled_time(night.truth))
    night.forget()


@of(ALL_PLANTS)
@pytest.mark.parametrize("expectation", FACTS, ids=lambda f: f.__name__)
def test_fact(known: Knowledge, expectation: Callable[[PlantTruth], Expectation]) -> None:
    known.hold(expectation(known.truth))


@of(TYPING_PLANTS)
@pytest.mark.parametrize("expectation", TYPED_FACTS, ids=lambda f: f.__name__)
def test_typed_fact(known: Knowledge, expectation: Callable[[PlantTruth], Expectation]) -> None:
    known.hold(expectation(known.truth))


@of(ALL_PLANTS)
@pytest.mark.parametrize("expectation", MARTS, ids=lambda f: f.__name__)
def test_mart(known: Knowledge, expectation: Callable[[PlantTruth, Kpis], Expectation]) -> None:
    known.hold(expectation(known.truth, known.kpis))


@of(ALL_PLANTS)
def test_every_kpi_of_the_catalogue_is_expected(known: Knowledge) -> None:
    assert {kpi for kpi, _ in known.kpis} == set(read_catalogue(known.night))


@of(ALL_PLANTS)
def test_little_was_put_aside_for_its_time(known: Knowledge) -> None:
    assert known.doubled is not None
    assert 0 < len(known.lost_lines) < 200
    every = len(windows(known.truth)) * len(known.truth.machines)
    assert len(known.windows) < every / 500


@of(ALL_PLANTS)
def test_coverage_says_how_much_was_put_aside(known: Knowledge) -> None:
    """Of every day, as many lines as lie in quarantine of the files delivered on it."""
    wrong = known.night.con.execute(
        """
        with put_aside as (
            select cast(timezone(?, timezone('UTC', d.extracted_at)) as date) as day,
                sum(d.quarantined_rows) as qty, sum(d.delivered_rows) as delivered_qty
            from raw.deliveries as d
            group by day
        )
        select p.*, c.quarantined_row_qty, c.delivered_row_qty
        from put_aside as p
        full join (
            from marts.mart_coverage
            select *
            where scope_type = 'plant' and period_type = 'day' and delivery_qty is not null
        ) as c on c.period_start_date = p.day
        where p.qty is distinct from c.quarantined_row_qty
            or p.delivered_qty is distinct from c.delivered_row_qty
        """,
        [str(known.truth.zone)],
    ).fetchall()
    assert not wrong
    quarantined = known.night.con.execute(
        "select count(distinct (file_path, line_no)) from raw.quarantine where rule = ?", [RULE]
    ).fetchone()
    assert quarantined == (len(known.lost_lines),)


@of(ALL_PLANTS)
def test_time_that_nobody_observed_is_missing_in_the_coverage(known: Knowledge) -> None:
    """Of every machine's shifts in a month as much as its data collector was down."""
    dark = {(cell.scope_id, cell.period_start_date) for cell in known.dark_cells}
    shown = {
        (row[0], row[1]): row[2]
        for row in known.night.con.execute(
            "select scope_id, period_start_date, observed_time_ratio from marts.mart_coverage "
            "where scope_type = 'machine' and period_type = 'month'"
        ).fetchall()
    }
    assert sum(ratio < 1 for ratio in shown.values()) > 20
    shifts = [tile for tile in windows(known.truth) if tile.shift_code is not None]
    for (machine_id, month), ratio in shown.items():
        if (machine_id, month) in dark:
            continue
        of_month = [t for t in shifts if t.production_date.replace(day=1) == month]
        missed = sum(
            max(0.0, (min(end, t.end_at) - max(start, t.start_at)).total_seconds())
            for start, end in known.truth.outages[machine_id]
            for t in of_month
        )
        planned = sum(t.length_s for t in of_month)
        assert ratio == pytest.approx(1 - missed / planned, rel=1e-9), (machine_id, month)
