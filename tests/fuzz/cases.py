"""Many mutated exports in one night: each in a plant of its own, and clean ones between them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import ingestion.load
from ingestion.load import FileOutcome, ingest
from ingestion.plants import Plant
from ingestion.settings import Settings
from ingestion.source import Source
from tests.fuzz.checks import Night, problems_of, rows_out_of_contract
from tests.fuzz.mutations import mutated
from tests.fuzz.samples import Sample

#: The samples are a few kilobytes and take a twentieth of a second. A hundred times as much is
#: no slow machine, for only the processor's time counts, but work that grows with more than size.
MAX_CPU_S = 5.0
CONTROLS = 3


@dataclass(frozen=True)
class Case:
    """One mutated export."""

    number: int
    sample: Sample
    content: bytes
    mishaps: tuple[str, ...]

    @property
    def plant_id(self) -> str:
        """The plant that it is delivered to, and no other."""
        return f"case{self.number}"

    def __str__(self) -> str:
        return f"case {self.number}: {self.sample.name}, {', '.join(self.mishaps) or 'clean'}"


@dataclass
class Report:
    """What many cases came to."""

    cases: int = 0
    records: int = 0
    slowest_s: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    #: Each begins with its case, which the same number makes again.
    problems: list[str] = field(default_factory=list)


def make_case(number: int, samples: Sequence[Sample]) -> Case:
    """The same case for the same number, as long as the samples stay."""
    sample = samples[number % len(samples)]
    other = samples[number * 7 % len(samples)].content
    dialect = sample.tables[0].dialect
    return Case(number, sample, *mutated(sample.content, dialect, other, number))


def clean_case(number: int, sample: Sample) -> Case:
    """A sample as it is, under a plant of its own."""
    return Case(number, sample, sample.content, ())


def run(numbers: Sequence[int], samples: Sequence[Sample], folder: Path, report: Report) -> None:
    """Load these cases in one night, and clean samples with them; every problem to the report."""
    cases = [make_case(number, samples) for number in numbers]
    controls = [
        clean_case(-number - 1, samples[(numbers[0] // 7 + number * 11) % len(samples)])
        for number in range(CONTROLS)
    ]
    # One control first and one last, as landing is loaded in the order of names.
    night = load([*cases, *controls], folder / "night", report)
    if night is None:
        for case in cases:
            if load([case], folder / f"{case.number}", report) is None:
                report.problems.append(f"{case}: it stopped the night")
        return
    for case in cases:
        report.cases += 1
        found = problems_of(case.plant_id, case.sample, case.content, night)
        report.problems += [f"{case}: {problem}" for problem in found]
    by_plant = {case.plant_id: case for case in cases}
    for plant_id, problem in rows_out_of_contract(night):
        report.problems.append(f"{by_plant.get(plant_id, plant_id)}: {problem}")
    for control in controls:
        alone = load([control], folder / f"alone{control.number}", Report())
        assert alone is not None
        if alone.everything_of(control.plant_id) != night.everything_of(control.plant_id):
            report.problems.append(f"{control}: other files changed what became of it")
        first, last = numbers[0], numbers[-1]
        if not alone.everything_of(control.plant_id)["deliveries"]:
            report.problems.append(f"{control}: not loaded beside cases {first} to {last}")


def load(cases: Iterable[Case], folder: Path, report: Report) -> Night | None:
    """One night over these cases; None where it ended in an error."""
    cases = list(cases)
    settings = Settings(folder)
    settings.landing_dir.mkdir(parents=True)
    settings.plants_file.write_text("", encoding="utf-8")
    plants: dict[str, Plant] = {}
    sources: dict[str, Source] = {}
    for case in cases:
        place = case.sample.folder
        update = {"plant_id": case.plant_id, "sources": (place,)}
        plants[case.plant_id] = case.sample.plant.model_copy(update=update)
        sources[place.source] = case.sample.source
        path = settings.landing_dir / case.plant_id / case.sample.name.partition("/")[2]
        path.parent.mkdir(parents=True)
        path.write_bytes(case.content)

    by_plant = {case.plant_id: case for case in cases}
    since = time.process_time()

    def watch(outcome: FileOutcome) -> None:
        nonlocal since
        took, since = time.process_time() - since, time.process_time()
        report.slowest_s = max(report.slowest_s, took)
        report.statuses[outcome.status] += 1
        report.rules.update(outcome.rules)
        report.records += outcome.delivered_rows
        if took > MAX_CPU_S:
            case = by_plant.get(outcome.plant_id)
            report.problems.append(f"{case}: {took:.1f} s for {outcome.path}")

    with patch.object(ingestion.load, "load_source", sources.__getitem__):
        try:
            loaded = ingest(settings, watch, plants)
        except Exception as error:
            report.problems.append(f"the night ended in {type(error).__name__}: {error}")
            return None
    return Night(settings, loaded)
