"""A simulated plant: exports as its systems would write them, and the truth they come from.

Nothing of the pipeline is imported here and nothing of the pipeline imports this: what the
marts say is checked against a plant that knows nothing about how they are computed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.simulator.clock import Calendar, naive_utc
from ingestion.simulator.dirt import Dirt, RecordDirt, TypedDirt
from ingestion.simulator.exports.files import write
from ingestion.simulator.exports.mapex import MapexExports
from ingestion.simulator.exports.records import RecordExports
from ingestion.simulator.exports.sap import SapExports
from ingestion.simulator.exports.targets import targets_file
from ingestion.simulator.exports.typed import TypedExports
from ingestion.simulator.floor import Floor
from ingestion.simulator.ledger import Ledger
from ingestion.simulator.plant import build_plant
from ingestion.simulator.plants_file import PlantExists, entry, with_entry, write_entry
from ingestion.simulator.records import records
from ingestion.simulator.sites import SITES, VALENCIA, Site
from ingestion.simulator.trade import Trade, trade
from ingestion.simulator.truth import write_arguments, write_truth

#: A Monday; thirty days from here include the night in which the clocks go forward.
DEFAULT_START = date(2026, 3, 9)
MAX_DAYS, MAX_MACHINES = 3_660, 500

#: Called with what is being done and how far it is, from 0 to 1.
Progress = Callable[[str, float], None]


class SimulationRefused(Exception):
    """The simulation would mix with, or overwrite, something it did not write."""


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What a simulation wrote."""

    plant_id: str
    start: date
    days: int
    machines: int
    seed: int
    landing_dir: Path
    truth_dir: Path
    files: int
    rows: int
    bytes: int
    orders: int
    defects: int

    def __str__(self) -> str:
        return (
            f"plant {self.plant_id}: {self.days} days from {self.start}, {self.machines} machines, "
            f"seed {self.seed}\n"
            f"  exports  {self.landing_dir}: {self.files:,} files, {self.rows:,} rows, "
            f"{self.bytes / 1_000_000:.1f} MB; {self.defects:,} rows and files are faulty on "
            "purpose\n"
            f"  truth    {self.truth_dir}: {self.orders:,} orders and all that happened to them"
        )


def simulate(
    data_dir: Path,
    days: int,
    machines: int,
    seed: int,
    start: date | None = None,
    progress: Progress | None = None,
    *,
    site: Site = VALENCIA,
    dirt: bool = True,
) -> SimulationSummary:
    """Let the plant live for so many days and write its exports, its truth and its entry in
    plants.toml into a data directory. The same arguments write the same bytes.

    Plants of several sites live in one data directory side by side.
    """
    if not 1 <= days <= MAX_DAYS:
        raise ValueError(f"days must be between 1 and {MAX_DAYS}, not {days}")
    if not 1 <= machines <= MAX_MACHINES:
        raise ValueError(f"machines must be between 1 and {MAX_MACHINES}, not {machines}")
    data_dir = Path(data_dir)
    start = start or DEFAULT_START
    landing, truth = data_dir / "landing" / site.plant_id, data_dir / "truth" / site.plant_id
    report = progress or (lambda what, share: None)

    calendar = Calendar(site, start, days)
    plant = build_plant(calendar, machines, seed)
    arguments: dict[str, Any] = {
        "start": start.isoformat(),
        "days": days,
        "machines": machines,
        "seed": seed,
        "dirt": dirt,
    }
    _refuse_other_simulation(landing, truth, arguments)
    plants_file = data_dir / "plants.toml"
    if plants_file.exists():
        with_entry(plants_file.read_text(encoding="utf-8"), plant)  # refuse before anything else
    write_arguments(
        truth, {"plant_id": site.plant_id, "arguments": arguments, "is_complete": False}
    )

    ledger = Ledger()
    Floor(plant, ledger).run(lambda share: report("running the plant", share))
    mes, erp = MapexExports(plant, ledger), SapExports(plant, ledger)
    lines = trade(plant) if site.has_offices else Trade()
    typed = TypedExports(plant, lines)
    recorded = records(plant, ledger)
    record_exports = RecordExports(plant, recorded)
    faults = Dirt(plant, erp, enabled=dirt)
    typed_faults = TypedDirt(plant, erp, enabled=dirt)
    record_faults = RecordDirt(plant, erp, enabled=dirt)
    files = rows = size = 0
    for night in range(len(calendar.extractions)):
        files_of_night = faults.night(night, [*mes.night(night), *erp.night(night)])
        if night == 0:
            files_of_night.append(targets_file(plant))
        if site.has_offices:
            files_of_night += typed_faults.night(night, typed.night(night))
        files_of_night += record_faults.night(night, record_exports.night(night))
        for file in files_of_night:
            content = file.content()
            write(file, landing, content)
            files += 1
            rows += len(file.rows) + len(file.footer)
            size += len(content)
        report("writing exports", (night + 1) / len(calendar.extractions))
    report("writing the truth", 0.0)
    defects = [*faults.defects, *typed_faults.defects, *record_faults.defects]
    write_truth(truth, plant, ledger, erp, lines, recorded, defects)
    write_entry(plants_file, plant)
    known_until = naive_utc(calendar.end_at).isoformat()
    write_arguments(
        truth,
        {
            "plant_id": site.plant_id,
            "time_zone": site.time_zone,
            "day_start": f"{site.day_start:02d}:00",
            "minor_stop_limit_s": site.minor_stop_limit_s,
            "arguments": arguments,
            "starts_at": naive_utc(calendar.start_at).isoformat(),
            "known_until": {source: known_until for source in site.sources},
            "extractions": [naive_utc(at).isoformat() for at in calendar.extractions],
            "is_complete": True,
        },
    )
    report("writing the truth", 1.0)
    return SimulationSummary(
        plant_id=site.plant_id,
        start=start,
        days=days,
        machines=machines,
        seed=seed,
        landing_dir=landing,
        truth_dir=truth,
        files=files,
        rows=rows,
        bytes=size,
        orders=len(ledger.orders),
        defects=len(defects),
    )


def _refuse_other_simulation(landing: Path, truth: Path, arguments: dict[str, Any]) -> None:
    """Two simulations in one landing folder would be one impossible plant."""
    if not landing.exists() or not any(landing.iterdir()):
        return
    try:
        known = json.loads((truth / "plant.json").read_text(encoding="utf-8"))["arguments"]
    except (OSError, ValueError, KeyError, TypeError):
        known = None
    if known != arguments:
        was = f"was simulated with {known}" if known else "was not written by a simulation"
        raise SimulationRefused(
            f"{landing} already holds exports and {was}. Use another data directory, or remove "
            f"{landing} and {truth} first."
        )


__all__ = [
    "DEFAULT_START",
    "SITES",
    "PlantExists",
    "Progress",
    "SimulationRefused",
    "SimulationSummary",
    "Site",
    "entry",
    "simulate",
]
