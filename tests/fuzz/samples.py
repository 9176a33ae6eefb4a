"""The exports that are mutated: the shipped samples, a simulated plant's, and one per format."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ingestion.plants import Plant, SourceFolder, load_plants
from ingestion.simulator import SITES, simulate
from ingestion.simulator.exports.typed import FOLDER as TYPED
from ingestion.source import Source, Table
from ingestion.sources import load_source
from tests.fuzz import formats

SHIPPED = Path(__file__).parents[1] / "sources"


@dataclass(frozen=True)
class Sample:
    """One clean export, and whose it is."""

    name: str
    plant: Plant
    folder: SourceFolder
    source: Source
    content: bytes

    @property
    def file_name(self) -> str:
        """Its own name."""
        return self.name.rpartition("/")[2]

    @property
    def tables(self) -> list[Table]:
        """The tables of the source that its name belongs to."""
        return [
            table
            for table in self.source.tables
            if fnmatch(self.file_name.lower(), table.pattern.lower())
        ]


def samples() -> list[Sample]:
    """Every export there is to mutate, always in the same order."""
    found = [sample for folder in sorted(SHIPPED.glob("*/exports")) for sample in shipped(folder)]
    # What belongs to no table is rejected unread.
    return [sample for sample in (*found, *simulated(), *of_formats()) if sample.tables]


def shipped(exports: Path) -> Iterable[Sample]:
    """The exports that lie below a source's sample folder."""
    plants = load_plants(exports.parent / "plants.toml")
    for path in sorted(exports.rglob("*")):
        if path.is_file():
            plant_id, folder, *_ = path.relative_to(exports).parts
            yield of_plant(path.relative_to(exports).as_posix(), plants[plant_id], folder, path)


def of_plant(name: str, plant: Plant, folder: str, path: Path) -> Sample:
    """One file of a configured plant."""
    (place,) = [source for source in plant.sources if source.folder == folder]
    return Sample(name, plant, place, load_source(place.source), path.read_bytes())


def simulated() -> list[Sample]:
    """One file of every table that two days of two machines write."""
    site = next(site for site in SITES if TYPED in site.sources)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        simulate(Path(name), days=2, machines=2, seed=1, site=site)
        plants = load_plants(Path(name) / "plants.toml")
        landing = Path(name) / "landing"
        for path in sorted(landing.rglob("*.*")):
            relative = path.relative_to(landing).as_posix()
            plant_id, folder, _ = relative.split("/")
            sample = of_plant(relative, plants[plant_id], folder, path)
            if sample.content.count(b"\n") > 1:
                found.setdefault((folder, *(table.name for table in sample.tables)), sample)
    return list(found.values())


def of_formats() -> list[Sample]:
    """The same values in every format; a source of its own for each."""
    plant = Plant(plant_id="formats", name="Formats", time_zone="Europe/Madrid", currency="EUR")
    return [
        Sample(
            f"formats/{table.name}/{table.name}_20260311_020000",
            plant,
            SourceFolder(source=f"format_{table.name}", folder=table.name),
            # Named as an existing module, whose file the version of the contract is made of.
            Source(name="typed_csv", title=table.name, system="other", tables=(table,)),
            content,
        )
        for table, content in formats.exports()
    ]
