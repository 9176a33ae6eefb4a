"""A sample per source module: exports typed by hand as the system writes them, and their answers.

A folder beside this file, named after the module, holds `plants.toml`, the files of landing in
`exports/<plant>/<folder>/`, and what a person worked out from them:

- `files.csv`: the rows of every file: delivered, accepted, quarantined, duplicates
- `quarantine.csv`: the planted defects, by line, column, value and rule
- `feeds/<feed>.csv`: the rows of the feed, in any of its columns; times are UTC
- `kpis.csv`: figures with the arithmetic in words; an empty value is a withheld one
"""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestion.settings import Settings

HERE = Path(__file__).parent
#: When files were taken that do not say it in their names.
DELIVERED_AT = datetime(2026, 4, 30, 6, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Sample:
    """The folder of one source module."""

    folder: Path

    @property
    def source(self) -> str:
        """The module it belongs to."""
        return self.folder.name

    @property
    def plants(self) -> list[str]:
        """The ids of its plants."""
        return sorted(path.name for path in (self.folder / "exports").iterdir())

    @property
    def feeds(self) -> dict[str, Path]:
        """Feed to the rows worked out by hand."""
        return {path.stem: path for path in sorted((self.folder / "feeds").glob("*.csv"))}

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of one of its CSV files; none where there is no such file."""
        path = self.folder / name
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, strict=True))


SAMPLES = [Sample(path.parent) for path in sorted(HERE.glob("*/plants.toml"))]


def lay_out(settings: Settings) -> None:
    """The files of every sample in landing, and all their plants in one plants.toml."""
    settings.landing_dir.mkdir(parents=True)
    plants = [(sample.folder / "plants.toml").read_text(encoding="utf-8") for sample in SAMPLES]
    settings.plants_file.write_text("\n".join(plants), encoding="utf-8")
    for sample in SAMPLES:
        for path in sorted((sample.folder / "exports").rglob("*")):
            place = settings.landing_dir / path.relative_to(sample.folder / "exports")
            if path.is_dir():
                place.mkdir(exist_ok=True)
            else:
                shutil.copyfile(path, place)
                os.utime(place, (DELIVERED_AT, DELIVERED_AT))
