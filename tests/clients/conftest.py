"""A season of the simulated plant, published as the night publishes it."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from season import publish_night
from simulated_night import Night, night_of_a_season

from ingestion.settings import Settings
from orchestration.checks import results


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return night_of_a_season(tmp_path_factory)


@pytest.fixture(scope="session")
def manifest(season: Night) -> dict[str, Any]:
    """Of the models that were built."""
    text = (season.settings.dbt_dir / "target" / "manifest.json").read_text(encoding="utf-8")
    nodes: dict[str, Any] = json.loads(text)
    return nodes


@pytest.fixture(scope="session")
def published(
    season: Night, manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """A data directory of its own with one publication."""
    settings = Settings(tmp_path_factory.mktemp("clients"))
    shutil.copyfile(season.settings.warehouse_file, settings.warehouse_file)
    results.clear(settings.warehouse_file)
    publish_night(settings, manifest, "the only night")
    return settings
