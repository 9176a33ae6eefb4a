"""Seasons of simulated plants, for every test that holds marts to the truth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.append(str(HERE))

from doubled_hour import Knowledge, doubled_time  # noqa: E402 (found beside this file)
from simulated_night import (  # noqa: E402
    Night,
    night_of_a_season,
    nights_of_three_plants,
    one_night,
    season_folder,
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long horizons only run when they are asked for (`-m full`)."""
    if "full" in (config.option.markexpr or ""):
        return
    long = [i for i in items if HERE in i.path.parents and i.get_closest_marker("full")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Thirty days with the night in which the clocks go forward, faults in the exports."""
    night = night_of_a_season(tmp_path_factory)
    yield night
    night.con.close()


@pytest.fixture(scope="session")
def three_plants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Knowledge]]:
    """Eleven days of three plants whose clocks change; the files arrive in disorder."""
    nights = nights_of_three_plants(tmp_path_factory)
    yield {plant: Knowledge(night, doubled_time(night.truth)) for plant, night in nights.items()}
    for night in nights.values():
        night.con.close()


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Night]]:
    """A year of three plants with twenty machines each, every change of clocks in it."""
    folder = season_folder(tmp_path_factory, "truth-year")
    start = date(2025, 1, 6)
    yield one_night(
        folder, start, days=365, machines=20, seed=20250106, plants=3, has_dbt_tests=True
    )
