"""The plants of all golden vectors, and odd ones without worked answers, in one warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from odd_plants import ODD_PLANTS
from once import once, shared_folder
from pipeline import build, load
from vectors import VECTORS

from ingestion.load import IngestReport
from ingestion.settings import Settings
from orchestration.checks import results


def golden_night(factory: pytest.TempPathFactory) -> tuple[Settings, IngestReport]:
    """Loaded and built once for every test of the run."""
    folder = shared_folder(factory, "golden")

    def load_and_build() -> tuple[Settings, IngestReport]:
        settings, report = load([*VECTORS, *ODD_PLANTS], folder / "data")
        # Crews of one or two, whose figures every door has to say.
        with settings.plants_file.open("a", encoding="utf-8") as file:
            file.write("[audiences.marts]\nleast_people = 1\n")
        build(settings, golden_dbt(settings))
        # A publication takes the checks of its night along: here there was none.
        results.clear(settings.warehouse_file)
        return settings, report

    return once(folder, load_and_build)


def golden_dbt(settings: Settings) -> Path:
    """Where dbt wrote."""
    return settings.data_dir.parent / "dbt"
