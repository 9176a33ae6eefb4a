"""The marts equal what really happened in the simulated plant: every row, every number.

Each mart is computed from the plant's own ledger and compared both ways. Reasons for withheld
figures are words; here it is enough that they are given exactly where they must be.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from expectations import MARTS, Expectation
from expectations import kpi_values as expectation_of_figures
from oracle_kpis import Kpis, all_kpis
from plant_truth import PlantTruth
from simulated_night import Night, read_catalogue


@pytest.fixture(scope="module")
def kpis(spring: Night) -> Kpis:
    """Every KPI as the ledger has it."""
    return all_kpis(spring.truth, read_catalogue(spring))


@pytest.mark.parametrize("expectation", MARTS, ids=lambda f: f.__name__)
def test_mart(
    spring: Night, kpis: Kpis, expectation: Callable[[PlantTruth, Kpis], Expectation]
) -> None:
    expectation(spring.truth, kpis).hold(spring.con)


def test_every_kpi_of_the_catalogue_is_held_to_the_truth(
    spring: Night, kpis: Kpis, record_property: Callable[[str, object], None]
) -> None:
    assert {kpi for kpi, _ in kpis} == set(read_catalogue(spring))
    expectation_of_figures(spring.truth, kpis).hold(spring.con)
    for kpi in sorted({kpi for (kpi, _), figure in kpis.items() if figure.value}):
        record_property("proof", f"{kpi}:truth")


def test_withheld_figures_say_why(spring: Night) -> None:
    silent = spring.con.execute(
        "select count(*) from marts.kpi_values "
        "where is_withheld <> (coalesce(withheld_reason, '') <> '')"
    ).fetchone()
    withheld = spring.con.execute(
        "select count(*) from marts.kpi_values where is_withheld"
    ).fetchone()
    assert silent == (0,)
    assert withheld is not None and withheld[0] > 100


def test_a_shift_that_was_hardly_observed_is_withheld(kpis: Kpis) -> None:
    dark = [
        value
        for (kpi, _), value in kpis.items()
        if kpi == "oee" and value.denominator and value.is_withheld
    ]
    assert dark, "the simulation has no outage long enough to test the floor"


def test_oee_is_the_product_of_its_factors(spring: Night) -> None:
    rows = spring.con.execute(
        """
        select any_value(value) filter (kpi_id = 'availability'),
            any_value(value) filter (kpi_id = 'effectiveness'),
            any_value(value) filter (kpi_id = 'quality_ratio'),
            any_value(value) filter (kpi_id = 'oee')
        from marts.kpi_values
        group by plant_id, scope_type, scope_id, period_type, period_start_date, shift_id
        """
    ).fetchall()
    whole = [row for row in rows if None not in row]
    assert len(whole) > 500
    wrong = [row for row in whole if abs(row[0] * row[1] * row[2] - row[3]) > 1e-9 * row[3]]
    assert not wrong


def test_definitions_of_oee_nest(spring: Night) -> None:
    names = ("teep", "ooe", "oee", "oee_vorne", "nee", "utilization_ratio")
    picked = ", ".join(f"any_value(value) filter (kpi_id = '{name}')" for name in names)
    rows = spring.con.execute(
        f"""
        select {picked}
        from marts.kpi_values
        where period_type <> 'shift'
        group by plant_id, scope_type, scope_id, period_type, period_start_date
        """
    ).fetchall()
    whole = [row for row in rows if None not in row]
    assert len(whole) > 100
    for teep, ooe, oee, oee_vorne, nee, utilization in whole:
        assert teep <= ooe <= oee <= min(oee_vorne, nee)
        assert teep == pytest.approx(oee_vorne * utilization, rel=1e-9)


def test_rejections_explain_all_scrap_and_rework(spring: Night) -> None:
    unexplained = spring.con.execute(
        "select count(*) from marts.mart_scrap_daily "
        "where explained_scrap_qty <> scrap_qty or explained_rework_qty <> rework_qty"
    ).fetchone()
    assert unexplained == (0,)


def test_nothing_stays_unresolved(spring: Night) -> None:
    rows = spring.con.execute("select * from marts.mart_unresolved").fetchall()
    assert not rows
