"""Two seasons of a simulated plant, for every test that holds marts to the truth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from simulated_night import Night, one_night


@pytest.fixture(scope="session")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Thirty days with the night in which the clocks go forward, faults in the exports."""
    folder = tmp_path_factory.mktemp("spring")
    night = one_night(folder, None, days=30, machines=6, seed=20260309, has_dbt_tests=True)
    yield night
    night.close("raw")


@pytest.fixture(scope="session")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Ten days with the night in which an hour comes twice; the files arrive in disorder."""
    folder, start = tmp_path_factory.mktemp("autumn"), date(2026, 10, 19)
    # The models' own tests have run over the spring; here they would only take time.
    night = one_night(
        folder,
        start,
        days=10,
        machines=4,
        seed=20261019,
        has_dbt_tests=False,
        in_disorder=True,
    )
    yield night
    night.close("raw")
