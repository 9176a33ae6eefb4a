"""The facts hold what happened in the simulated plant, row by row.

The marts can only be as right as these; where one of them is wrong, this is where to look first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from expectations import FACTS, Expectation, machine_time, production
from plant_truth import PlantTruth
from simulated_night import Night


@pytest.mark.parametrize("expectation", FACTS, ids=lambda f: f.__name__)
def test_fact(spring: Night, expectation: Callable[[PlantTruth], Expectation]) -> None:
    expectation(spring.truth).hold(spring.marts)


def test_the_plant_did_everything_that_the_facts_tell_apart(spring: Night) -> None:
    states = {(schedule, state) for _, _, schedule, _, state, _ in machine_time(spring.truth).rows}
    assert states >= {
        *(("scheduled", state) for state in ("producing", "rework", "setup", "delay")),
        *(("scheduled", state) for state in ("no_order", "planned_down", "not_observed")),
        *(("not_scheduled", state) for state in ("planned_down", "not_observed")),
    }
    assert {row["pass_no"] for row in production(spring.truth).rows.values()} == {1, 2}


def test_the_night_in_which_the_clocks_go_forward_has_seven_hours(spring: Night) -> None:
    night = date(2026, 3, 28)
    lengths = spring.marts.execute(
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
    observed = spring.marts.execute(
        "select f.machine_id, sum(f.duration_s) from core.fct_machine_time as f "
        "join core.dim_shift as s on s.shift_key = f.shift_key "
        "where s.shift_code = 'N' and s.production_date = ? group by f.machine_id",
        [night],
    ).fetchall()
    assert {length for _, length in observed} == {7 * 3600}
    assert len(observed) == 6
