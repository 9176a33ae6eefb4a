"""Seasons of a simulated plant, for every test that holds marts to the truth."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.append(str(HERE))

from simulated_night import Night, one_night  # noqa: E402 (found beside this file)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long horizons only run when they are asked for (`-m full`)."""
    if "full" in (config.option.markexpr or ""):
        return
    long = [i for i in items if HERE in i.path.parents and i.get_closest_marker("full")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def shared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all processes of one test run have in common."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name


@pytest.fixture(scope="session")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Thirty days with the night in which the clocks go forward, faults in the exports."""
    folder = shared_folder(tmp_path_factory, "truth-spring")
    night = one_night(folder, None, days=30, machines=6, seed=63, has_dbt_tests=True)
    yield night
    night.con.close()


@pytest.fixture(scope="session")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Ten days with the night in which an hour comes twice; the files arrive in disorder."""
    folder = shared_folder(tmp_path_factory, "truth-autumn")
    start = date(2026, 10, 19)
    # The models' own tests have run over the spring; here they would only take time.
    night = one_night(folder, start, days=10, machines=4, seed=20261019, in_disorder=True)
    yield night
    night.con.close()


@pytest.fixture(scope="session")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Two hundred days over the turn of a year and the spring night."""
    folder = shared_folder(tmp_path_factory, "truth-half-year")
    night = one_night(folder, date(2026, 11, 2), days=200, machines=8, seed=20261102)
    yield night
    night.con.close()
