"""The same over two hundred days: the turn of a year, six month starts, the spring night."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from expectations import FACTS, MARTS, Expectation
from oracle_kpis import Kpis, all_kpis
from plant_truth import PlantTruth
from simulated_night import Night, read_catalogue

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def kpis(half_year: Night) -> Kpis:
    """Every KPI as the ledger has it."""
    return all_kpis(half_year.truth, read_catalogue(half_year))


@pytest.mark.parametrize("expectation", FACTS, ids=lambda f: f.__name__)
def test_fact(half_year: Night, expectation: Callable[[PlantTruth], Expectation]) -> None:
    expectation(half_year.truth).hold(half_year.con)


@pytest.mark.parametrize("expectation", MARTS, ids=lambda f: f.__name__)
def test_mart(
    half_year: Night, kpis: Kpis, expectation: Callable[[PlantTruth, Kpis], Expectation]
) -> None:
    expectation(half_year.truth, kpis).hold(half_year.con)
