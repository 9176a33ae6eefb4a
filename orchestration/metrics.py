"""The semantic layer for readers: MetricFlow, asked for metrics of the published file.

dbt describes the metrics over the warehouse that it builds, which belongs to the night alone. What
readers ask is the same layer over the tables of the published file, read-only: a folder of its own
in the data directory, from which `mf` runs too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingestion.errors import LeanKpiError
from ingestion.settings import Settings

PROJECT = """\
# The published file as MetricFlow reads it; written anew by `leankpi mf`.
name: leankpi_published
version: "1.0.0"
profile: leankpi_published
"""
PROFILE = """\
leankpi_published:
  target: published
  outputs:
    published:
      type: duckdb
      path: {path}
      threads: 1
      config_options:
        access_mode: read_only
"""


class NoMetrics(LeanKpiError):
    """There is no semantic layer to ask; the message says what is missing."""


def write_reader_project(settings: Settings) -> Path:
    """Write what MetricFlow needs to read the published file; the folder.

    Raises NoMetrics where nothing is published yet.
    """
    built = settings.dbt_dir / "target" / "semantic_manifest.json"
    if not built.exists() or not settings.published_link.exists():
        raise NoMetrics(f"nothing is published in {settings.data_dir} yet: leankpi nightly")
    published = published_manifest(json.loads(built.read_text(encoding="utf-8")))
    folder = settings.data_dir / "semantic"
    (folder / "target").mkdir(parents=True, exist_ok=True)
    path = json.dumps(str(settings.published_link))
    for name, content in {
        "dbt_project.yml": PROJECT,
        "profiles.yml": PROFILE.format(path=path),
        "target/semantic_manifest.json": json.dumps(published),
    }.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def published_manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """The semantic manifest of a build with every table where the published file has it.

    Without the name of a database: each published version is one of its own.
    """

    def moved(part: Any) -> Any:
        if isinstance(part, list):
            return [moved(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "relation_name" in part:
            place = {"database": None, "schema_name": "main"}
            return part | place | {"relation_name": f'"main"."{part["alias"]}"'}
        return {name: moved(value) for name, value in part.items()}

    result: dict[str, Any] = moved(manifest)
    return result


def run_metricflow(settings: Settings, arguments: Sequence[str]) -> None:
    """Run MetricFlow's own command over the published file; it calls nobody.

    Raises NoMetrics where it is not installed or nothing is published.
    """
    folder = str(write_reader_project(settings))
    os.environ |= {
        "DBT_PROJECT_DIR": folder,
        "DBT_PROFILES_DIR": folder,
        "DBT_LOG_PATH": f"{folder}/logs",
    }
    try:
        from dbt_metricflow.cli.main import cli
        from update_checker import UpdateChecker
    except ImportError as error:
        raise NoMetrics("MetricFlow is not installed: pip install 'leankpi[semantic]'") from error
    # Asks a package index for newer versions on every call, and has no switch.
    UpdateChecker.check = lambda *_: None
    cli(args=list(arguments), prog_name="leankpi mf")
