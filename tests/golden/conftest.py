"""Every golden vector through the pipeline, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from golden_plants import golden_dbt, golden_night
from once import once
from pipeline import reading

from ingestion.load import IngestReport
from ingestion.settings import Settings
from orchestration.publish import publish


@pytest.fixture(scope="session")
def golden_load(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, IngestReport]:
    """The warehouse of every golden plant, and what its ingestion reported."""
    return golden_night(tmp_path_factory)


@pytest.fixture(scope="session")
def golden(golden_load: tuple[Settings, IngestReport]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built marts of every golden plant."""
    with reading(golden_load[0]) as con:
        yield con


@pytest.fixture(scope="session")
def golden_target(golden_load: tuple[Settings, IngestReport]) -> Path:
    """What dbt wrote: compiled models, manifest and semantic manifest."""
    return golden_dbt(golden_load[0]) / "target"


@pytest.fixture(scope="session")
def published(golden_load: tuple[Settings, IngestReport], golden_target: Path) -> Path:
    """The file that readers open."""
    settings = golden_load[0]

    def published_once() -> Path:
        manifest = json.loads((golden_target / "manifest.json").read_text(encoding="utf-8"))
        return publish(
            settings,
            manifest=manifest,
            run_id="golden",
            input_fingerprint="golden",
            code_version="golden",
        ).path

    return once(settings.data_dir.parent / "publication", published_once)
