"""The plants of all golden vectors, and odd ones without worked answers, in one warehouse."""

from __future__ import annotations

import pytest
from odd_plants import ODD_PLANTS
from once import once, shared_folder
from pipeline import build, load
from vectors import VECTORS

from ingestion.load import IngestReport
from ingestion.settings import Settings


def golden_night(factory: pytest.TempPathFactory) -> tuple[Settings, IngestReport]:
    """Loaded and built once for every test of the run."""
    folder = shared_folder(factory, "golden")

    def load_and_build() -> tuple[Settings, IngestReport]:
        settings, report = load([*VECTORS, *ODD_PLANTS], folder / "data")
        build(settings, folder / "dbt")
        return settings, report

    return once(folder, load_and_build)
