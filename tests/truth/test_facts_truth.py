"""The facts hold what happened in the simulated plant, row by row.

The marts can only be as right as these; where one of them is wrong, this is where to look first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from expectations import FACTS, Expectation, machine_time, production
from oracle_floor import stops
from plant_truth import PlantTruth
from simulated_night import Night


@pytest.mark.parametrize("expectation", FACTS, ids=lambda f: f.__name__)
def test_fact(spring: Night, expectation: Callable[[PlantTruth], Expectation]) -> None:
    expectation(spring.truth).hold(spring.con)


def test_the_plant_did_everything_that_the_facts_tell_apart(spring: Night) -> None:
    states = {(schedule, state) for _, _, schedule, _, state, _ in machine_time(spring.truth).rows}
    assert states >= {
        *(("scheduled", state) for state in ("producing", "rework", "setup", "delay")),
        *(("scheduled", state) for state in ("no_order", "planned_down", "not_observed")),
        *(("not_scheduled", state) for state in ("planned_down", "not_observed")),
    }
    # A stop that began before the last extraction but one and still lasts was delivered once,
    # without an end, and never again: it is longer than that delivery knows.
    before = spring.truth.known_until - timedelta(hours=5)
    assert any(
        stop.reason_code and stop.start_at < before and stop.end_at >= spring.truth.known_until
        for stop in stops(spring.truth)
    )
    # Units made while the data collector was down are lost to every system, and to the marts.
    assert any(not run.is_observed and run.produced_qty for run in spring.truth.runs)
    assert {row["pass_no"] for row in production(spring.truth).rows.values()} == {1, 2}


def test_the_night_in_which_the_clocks_go_forward_has_seven_hours(spring: Night) -> None:
    night = date(2026, 3, 28)
    lengths = spring.con.execute(
        "select production_date, shift_s from core.dim_shift where shift_code = 'N' "
        "and production_date between ? and ? order by production_date",
        [night - timedelta(days=1), night + timedelta(days=2)],
    ).fetchall()
    # The 29th is a Sunday without shifts.
    assert lengths == [
        (night - timedelta(days=1), 8 * 3600),
        (night, 7 * 3600),
        (night + timedelta(days=2), 8 * 3600),
    ]
    observed = spring.con.execute(
        "select f.machine_id, sum(f.duration_s) from core.fct_machine_time as f "
        "join core.dim_shift as s on s.shift_key = f.shift_key "
        "where s.shift_code = 'N' and s.production_date = ? group by f.machine_id",
        [night],
    ).fetchall()
    assert {length for _, length in observed} == {7 * 3600}
    assert len(observed) == 6
