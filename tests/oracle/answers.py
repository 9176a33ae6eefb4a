"""How figures are reported: for which scope and period, and when one is withheld."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

CATALOGUE = Path(__file__).parents[2] / "dbt_project" / "seeds" / "kpi_definitions.csv"


class Place(NamedTuple):
    """Which figure: of which plant and KPI, for whom and when."""

    plant_id: str
    kpi_id: str
    scope_type: str
    scope_id: str
    period_type: str
    period_start_date: date
    shift_id: str | None


class Scope(NamedTuple):
    scope_type: str
    scope_id: str


class Period(NamedTuple):
    period_type: str
    period_start_date: date
    shift_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """A figure; without a value it is withheld."""

    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None


@dataclass(frozen=True)
class Definition:
    """What the catalogue says of a KPI."""

    kpi_id: str
    floor: Fraction
    scope_types: frozenset[str]
    period_types: frozenset[str]


def read_catalogue() -> dict[str, Definition]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return {
            row["kpi_id"]: Definition(
                row["kpi_id"],
                Fraction(row["coverage_floor_ratio"]),
                frozenset(row["scope_types"].split("|")),
                frozenset(row["period_types"].split("|")),
            )
            for row in csv.DictReader(file)
        }


def periods(day: date, shift_id: str | None = None) -> Iterator[Period]:
    """The periods a production day, and perhaps a shift of it, belongs to."""
    yield Period("day", day)
    yield Period("week", day - timedelta(days=day.weekday()))
    yield Period("month", day.replace(day=1))
    if shift_id is not None:
        yield Period("shift", day, shift_id)


def withheld(numerator: Fraction | None, denominator: Fraction | None) -> Answer:
    return Answer(numerator, denominator, None)


def ratio(
    numerator: Fraction | None,
    denominator: Fraction | None,
    shares: Iterable[Fraction | None],
    floor: Fraction,
) -> Answer:
    """Numerator over denominator, withheld where any needed thing is known too thinly.

    A share that is None has nothing to be a share of.
    """
    known = [share for share in shares if share is not None]
    if numerator is None or not denominator or min(known, default=Fraction(1)) < floor:
        return withheld(numerator, denominator)
    return Answer(numerator, denominator, numerator / denominator)


def share(known: Fraction, needed: Fraction) -> Fraction | None:
    """How much of what is needed is known."""
    return known / needed if needed else None
