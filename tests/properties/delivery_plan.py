"""Random delivery plans: what the systems of a small plant export, and in which night it arrives.

Exports come late and in any order; they correct and cancel rows, come again under other names, in
two pieces, or are replaced and moved where they lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

MONDAY = datetime(2026, 3, 2)
#: After every row: an export knows the past.
FIRST_EXTRACTION = datetime(2026, 3, 7)
NIGHTS = 4
TIME = "%Y-%m-%d %H:%M:%S"
MAPEX_TIME = "%d/%m/%Y %H:%M:%S"
TOML = """
[plants.{plant}]
name = "{plant}"
time_zone = "UTC"
currency = "EUR"
day_start = "06:00"
sources = [{{ source = "typed_csv", folder = "typed" }}, {{ source = "mapex", folder = "mapex" }}]
[[plants.{plant}.shifts]]
code = "M"
start = "06:00"
end = "14:00"
[[plants.{plant}.shifts]]
code = "T"
start = "14:00"
end = "22:00"
"""


@dataclass(frozen=True)
class Run:
    """One version of a run as a system exports it."""

    key: int
    day: int
    hour: int
    good_qty: int
    is_deleted: bool = False
    #: Hours before the extraction at which it was changed, where the export says so.
    changed_before_h: int | None = None

    @property
    def start_at(self) -> datetime:
        """When it started."""
        return MONDAY + timedelta(days=self.day, hours=self.hour)

    @property
    def machine(self) -> int:
        """A run stays on its machine."""
        return self.key % 2 + 1


@dataclass(frozen=True)
class Export:
    """The runs that one system exported at one moment."""

    folder: str
    extracted_at: datetime
    runs: tuple[Run, ...]

    def named(self, piece: str = "", later_h: int = 0) -> str:
        """The name of its file; it may come again under that of a later export."""
        stamp = self.extracted_at + timedelta(hours=later_h)
        table = "production_counts" if self.folder == "typed" else "his_prod"
        return f"{self.folder}/{table}_{stamp:%Y%m%d_%H%M%S}{piece}.csv"

    def of(self, runs: Iterable[Run]) -> Export:
        """The same export of other runs."""
        return Export(self.folder, self.extracted_at, tuple(runs))

    def content(self) -> bytes:
        """What its file holds."""
        return self.typed() if self.folder == "typed" else self.mapex()

    def typed(self) -> bytes:
        """As people type it."""
        lines = [
            "run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,"
            "rework_qty,ideal_cycle_s,is_deleted,changed_at"
        ]
        for run in self.runs:
            end = run.start_at + timedelta(hours=1)
            changed = ""
            if run.changed_before_h is not None:
                changed = f"{self.extracted_at - timedelta(hours=run.changed_before_h):{TIME}}"
            lines.append(
                f"t{run.key},m{run.machine},i1,1,{run.start_at:{TIME}},{end:{TIME}},"
                f"{run.good_qty + 2},{run.good_qty},2,0,30,{str(run.is_deleted).lower()},{changed}"
            )
        return ("\n".join(lines) + "\n").encode()

    def mapex(self) -> bytes:
        """As Mapex exports it, its states with the counts."""
        lines = [
            "Id_his_prod;Id_maquina;Activo;Id_his_fase;Id_actividad;Fecha_ini;Fecha_fin;"
            "Unidades_ok;Unidades_nok;Unidades_repro;SegCicloNominal"
        ]
        for run in self.runs:
            end = run.start_at + timedelta(hours=1)
            lines.append(
                f"{run.key};{run.machine};{int(not run.is_deleted)};7;2;"
                f"{run.start_at:{MAPEX_TIME}};{end:{MAPEX_TIME}};{run.good_qty};2;0;30,0"
            )
        return ("\r\n".join(lines) + "\r\n").encode("cp1252")


@dataclass(frozen=True)
class Step:
    """What happens to the landing of a plant in a night: a file arrives, or is moved there."""

    night: int
    path: str
    export: Export | None
    moved_from: str = ""


@dataclass(frozen=True)
class Plan:
    """Every step until all exports lie in landing."""

    steps: tuple[Step, ...]

    def final(self) -> dict[str, Export]:
        """What lies in landing in the end, by its path."""
        landing: dict[str, Export] = {}
        for step in sorted(self.steps, key=lambda step: step.night):
            if step.export is None:
                landing[step.path] = landing.pop(step.moved_from)
            else:
                landing[step.path] = step.export
        return landing

    def carry_out(self, night: int, landing: Path) -> None:
        """Do what happens in one night."""
        for step in self.steps:
            if step.night != night:
                continue
            path = landing / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if step.export is None:
                (landing / step.moved_from).rename(path)
            else:
                path.write_bytes(step.export.content())

    def truth(self) -> dict[str, tuple[datetime, int]]:
        """Start and good quantity of every run that is left, told from what was exported alone."""
        latest: dict[str, tuple[datetime, datetime, Run]] = {}
        for export in self.final().values():
            for run in export.runs:
                at = export.extracted_at
                changed = at - timedelta(hours=run.changed_before_h or 0)
                name = f"t{run.key}" if export.folder == "typed" else f"{run.key}"
                if name not in latest or latest[name][:2] < (changed, at):
                    latest[name] = (changed, at, run)
        return {
            name: (run.start_at, run.good_qty)
            for name, (_, _, run) in latest.items()
            if not run.is_deleted
        }


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to seven exports of two systems, each on a way of its own into landing."""
    steps: list[Step] = []
    for number in range(draw(st.integers(2, 7))):
        folder = draw(st.sampled_from(("typed", "mapex")))
        # Apart by more than any change lies before its extraction differs in whole hours.
        extracted_at = FIRST_EXTRACTION + timedelta(hours=13 * number)
        keys = sorted(draw(st.sets(st.integers(0, 6), min_size=1)))
        runs = tuple(draw(versions(key, with_changes=folder == "typed")) for key in keys)
        steps += draw(ways(Export(folder, extracted_at, runs)))
    return Plan(tuple(steps))


@st.composite
def versions(draw: st.DrawFn, key: int, *, with_changes: bool) -> Run:
    """A version of a run: on any of four days, cancelled one time in six."""
    return Run(
        key=key,
        day=draw(st.integers(0, 3)),
        hour=draw(st.integers(6, 20)),
        good_qty=draw(st.integers(0, 90)),
        is_deleted=draw(st.integers(0, 5)) == 0,
        changed_before_h=draw(st.sampled_from((None, 0, 5, 30))) if with_changes else None,
    )


@st.composite
def ways(draw: st.DrawFn, export: Export) -> list[Step]:
    """How an export gets into landing."""
    night = draw(st.integers(0, NIGHTS - 1))
    later = draw(st.integers(min(night + 1, NIGHTS - 1), NIGHTS - 1))
    any_night = draw(st.integers(0, NIGHTS - 1))
    way = draw(st.sampled_from(("as it is", "in pieces", "twice", "moved", "replaced")))
    if way == "in pieces":
        place = draw(st.integers(0, len(export.runs)))
        return [
            Step(night, export.named("_1"), export.of(export.runs[:place])),
            Step(any_night, export.named("_2"), export.of(export.runs[place:])),
        ]
    if way == "twice":
        return [
            Step(night, export.named(), export),
            Step(any_night, export.named(later_h=6), export),
        ]
    if way == "moved" and later > night:
        return [
            Step(night, export.named(), export),
            Step(later, export.named("_moved"), None, export.named()),
        ]
    if way == "replaced" and later > night:
        # Its first bytes were cut, and wrong.
        wrong = export.of(
            Run(run.key, 3 - run.day, run.hour, run.good_qty + 1) for run in export.runs[:2]
        )
        return [Step(night, export.named(), wrong), Step(later, export.named(), export)]
    return [Step(night, export.named(), export)]
