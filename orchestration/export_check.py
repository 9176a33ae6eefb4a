"""What would become of a file, without touching landing or the warehouse."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.errors import ConfigError
from ingestion.feeds import FEEDS
from ingestion.feeds.base import feed_columns
from ingestion.landing import named_like
from ingestion.load import FileOutcome, ingest
from ingestion.plants import Plant, SourceFolder, load_plants
from ingestion.settings import Settings
from ingestion.sources import load_source
from orchestration.environment import project_dir
from orchestration.quarantine import RuleCount, counts, rows


@dataclass(frozen=True)
class EmptyColumn:
    """A column of a fed feed that the file fills nowhere, and the KPIs that read it."""

    feed: str
    column: str
    kpis: tuple[str, ...]


@dataclass(frozen=True)
class ExportCheck:
    """What an export would bring: outcomes per table, rules broken, columns left empty."""

    outcomes: list[FileOutcome]
    broken: list[RuleCount]
    examples: dict[str, list[dict[str, Any]]]
    feed_rows: dict[str, int]
    empty: list[EmptyColumn]


def check_export(
    settings: Settings, plant_id: str, file: Path, example_limit: int = 3
) -> ExportCheck:
    """Load a copy of the file into a warehouse of its own, which is thrown away.

    Raises ConfigError where the plant is unknown, or where no source of it would look at the file.
    """
    plant, folder = _source_of(settings, plant_id, file)
    # Nothing but this file is looked at: not what lies on the source's share.
    alone = plant.model_copy(update={"sources": (folder.model_copy(update={"location": None}),)})
    with tempfile.TemporaryDirectory(prefix="leankpi-check-") as trial_dir:
        trial = Settings(Path(trial_dir))
        trial.plants_file.write_bytes(settings.plants_file.read_bytes())
        landing = trial.landing_dir / plant_id / folder.folder
        landing.mkdir(parents=True)
        shutil.copy2(file, landing / file.name)
        report = ingest(trial, plants={plant_id: alone})
        broken = counts(trial, {})
        examples = {one.rule: rows(trial, {"rule": one.rule}, example_limit) for one in broken}
        feed_rows, empty = _filled(trial)
    return ExportCheck(report.files, broken, examples, feed_rows, empty)


def _source_of(settings: Settings, plant_id: str, file: Path) -> tuple[Plant, SourceFolder]:
    """The plant, and its source that has a pattern for the file's name."""
    plants = load_plants(settings.plants_file)
    if plant_id not in plants:
        raise ConfigError(f"no plant {plant_id!r} in plants.toml; there are {', '.join(plants)}")
    if not file.is_file():
        raise ConfigError(f"{file} is no file")
    patterns = []
    for folder in plants[plant_id].sources:
        for table in load_source(folder.source).tables:
            if named_like(file.name, (table.pattern,)):
                if not named_like(file.name, folder.include):
                    raise ConfigError(
                        f"{plant_id} leaves {file.name} out: include of {folder.source} is "
                        + ", ".join(folder.include)
                    )
                return plants[plant_id], folder
            patterns.append(f"{folder.source} {table.pattern}")
    raise ConfigError(
        f"no table of {plant_id}'s sources has a pattern for {file.name}; there are "
        + ", ".join(patterns)
    )


def _filled(trial: Settings) -> tuple[dict[str, int], list[EmptyColumn]]:
    """Rows per feed, and the columns that none of them fills."""
    import duckdb

    readers: dict[tuple[str, str], list[str]] = defaultdict(list)
    with (project_dir() / "seeds" / "kpi_inputs.csv").open(encoding="utf-8") as seed:
        for row in csv.DictReader(seed):
            readers[row["feed"], row["column_name"]].append(row["kpi_id"])
    feed_rows, empty = {}, []
    with duckdb.connect(str(trial.warehouse_file), read_only=True) as con:
        for name, feed in FEEDS.items():
            columns = list(feed_columns(feed))
            filled = ", ".join(f"count({column})" for column in columns)
            qty, *found = con.execute(f"select count(*), {filled} from raw.{name}").fetchall()[0]
            if qty:
                feed_rows[name] = qty
                empty += [
                    EmptyColumn(name, column, tuple(readers[name, column]))
                    for column, values in zip(columns, found, strict=True)
                    if values == 0
                ]
    return feed_rows, empty
