"""A golden vector: a few typed exports of a plant, and the figures that a person worked out.

Every vector is a plant of its own. All of them go through the whole pipeline at once: landing,
ingestion, every model and data test, and the answers are read from the marts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

#: When the files were taken from their systems, where a vector does not say.
DELIVERED_AT = datetime(2026, 4, 30, 6)


@dataclass(frozen=True)
class Figure:
    """What kpi_values must hold: of the plant and the day, where nothing else is said."""

    kpi_id: str
    #: None: withheld.
    value: float | None
    #: The first date of the period.
    period_start_date: str
    period_type: str = "day"
    scope_type: str = "plant"
    #: None: the plant itself.
    scope_id: str | None = None
    shift_code: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    coverage_ratio: float | None = None
    #: Words that the reason of a withheld figure must hold.
    withheld_reason: str = ""


@dataclass(frozen=True)
class Answer:
    """What a query on core and marts must give; `{plant}` stands for the vector's plant."""

    query: str
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Vector:
    """One plant and its worked answers."""

    #: Also the plant's id.
    name: str
    #: What it shows, in a sentence.
    shows: str
    #: Feed to its typed CSV.
    files: Mapping[str, str]
    figures: tuple[Figure, ...] = ()
    answers: tuple[Answer, ...] = ()
    #: Code, start and end of each shift; every day unless `shift_days` says otherwise.
    shifts: tuple[tuple[str, str, str], ...] = (("M", "06:00", "14:00"),)
    #: Weekdays of a shift, by its code; every day where nothing is said.
    shift_days: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    time_zone: str = "UTC"
    #: More lines of the plant in plants.toml, before its shifts.
    plants_toml: str = ""
    delivered_at: datetime = DELIVERED_AT
    #: Rows that must be put aside, by rule.
    quarantined: Mapping[str, int] = field(default_factory=dict)

    @property
    def toml(self) -> str:
        """The plant's part of plants.toml."""
        shifts = "".join(
            f'[[plants.{self.name}.shifts]]\ncode = "{code}"\nstart = "{start}"\nend = "{end}"\n'
            + (f"days = {list(self.shift_days[code])}\n" if code in self.shift_days else "")
            for code, start, end in self.shifts
        )
        return (
            f"[plants.{self.name}]\n"
            f'name = "{self.name}"\n'
            f'time_zone = "{self.time_zone}"\n'
            'currency = "EUR"\n'
            'day_start = "06:00"\n'
            'sources = [{ source = "typed_csv", folder = "typed" }]\n'
            f"{dedent(self.plants_toml)}\n{shifts}\n"
        )

    def write(self, landing: Path) -> None:
        """Lay the plant's files into landing."""
        folder = landing / self.name / "typed"
        folder.mkdir(parents=True)
        taken_at = self.delivered_at.replace(tzinfo=UTC).timestamp()
        for feed, content in self.files.items():
            path = folder / f"{feed}.csv"
            path.write_text(dedent(content).lstrip(), encoding="utf-8")
            os.utime(path, (taken_at, taken_at))
