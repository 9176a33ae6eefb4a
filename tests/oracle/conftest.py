"""The warehouses that the oracle answers for: every golden plant, and simulated ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from golden_plants import golden_night
from pipeline import reading

sys.path.append(str(Path(__file__).parents[1] / "truth"))

from simulated_night import nights_of_three_plants


@pytest.fixture(scope="session")
def golden_plants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The plants of all golden vectors, and odd ones without worked answers."""
    with reading(golden_night(tmp_path_factory)[0]) as con:
        yield con


@pytest.fixture(scope="session")
def simulated_plants(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Three plants on three clocks, with faults in the exports and hours that come twice."""
    settings = nights_of_three_plants(tmp_path_factory)["vlc"].settings
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        yield con
