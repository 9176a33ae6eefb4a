"""What a night did, as it goes: shown while it runs, and kept in `last_night.json` for later.

Imports nothing heavy: `leankpi status` reads the record without dagster or dbt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ingestion.errors import ConfigError
from ingestion.settings import Settings
from orchestration.checks.results import CheckOutcome
from orchestration.errors import DbtFailed, warehouse_in_use

if TYPE_CHECKING:
    from ingestion.load import IngestReport

#: How a night ended, and the exit status that says so.
EXIT_CODES = {
    "published": 0,
    "nothing_new": 0,
    "crashed": 1,
    "misconfigured": 2,
    "blocked": 4,
    "another_night": 5,
}
EXIT_FILES_LEFT = 3


def utc_now() -> datetime:
    """Now, as every timestamp here: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Progress(Protocol):
    """Where a night shows how far it is."""

    def phase(self, name: str, total: int | None) -> None:
        """A new phase begins; `total` steps where they are known."""

    def advance(self, note: str | None = None) -> None:
        """One step of the phase is done."""


class Silent:
    """Shows nothing: for runs that Dagster starts, which have their own log."""

    def phase(self, name: str, total: int | None) -> None:
        pass

    def advance(self, note: str | None = None) -> None:
        pass


@dataclass
class NightRecord:
    """The last night, as `last_night.json` keeps it."""

    started_at: str
    pid: int
    run_id: str | None = None
    finished_at: str | None = None
    outcome: str = "running"
    error: str | None = None
    version: str | None = None
    board_error: str | None = None
    nothing_new_at: str | None = None
    known_files: int = 0
    repeated_files: int = 0
    deliveries: int = 0
    delivered_rows: int = 0
    accepted_rows: int = 0
    quarantined_rows: int = 0
    duplicate_rows: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    checks_run: int = 0
    failed_checks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        code = EXIT_CODES.get(self.outcome, 1)
        return EXIT_FILES_LEFT if code == 0 and (self.rejected or self.left) else code


class Journal:
    """The running night: takes notes, and writes them down at every turn."""

    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        self.settings = settings
        self.progress = progress or Silent()
        self.before: NightRecord | None = None
        # Steps that somebody runs alone, outside a night, leave the record of the last night alone.
        self.is_night = False
        self.was_night = False
        self.record = NightRecord(utc_now().isoformat(timespec="seconds"), os.getpid())

    # --- progress ---

    def phase(self, name: str, total: int | None = None) -> None:
        self.progress.phase(name, total)

    def advance(self, note: str | None = None) -> None:
        self.progress.advance(note)

    # --- notes ---

    def begin(self, run_id: str | None) -> None:
        """A night starts. A process may run several, one after another (`dagster dev`)."""
        self.before = read_record(self.settings)
        self.is_night = True
        self.record = NightRecord(utc_now().isoformat(timespec="seconds"), os.getpid(), run_id)
        self.write()

    def add_ingestion(self, report: IngestReport, quarantine: list[dict[str, Any]]) -> None:
        record = self.record
        record.known_files = report.known_files
        record.repeated_files = sum(o.status == "already_loaded" for o in report.files)
        record.deliveries = len(report.new_files)
        for column in ("delivered_rows", "accepted_rows", "quarantined_rows", "duplicate_rows"):
            setattr(record, column, sum(getattr(o, column) for o in report.new_files))
        record.rejected = [{"path": o.path, "message": o.message} for o in report.rejected]
        record.left = [{"path": o.path, "message": o.message} for o in report.left]
        record.quarantine = quarantine
        self.write()

    def add_checks(self, outcomes: Iterable[CheckOutcome]) -> None:
        for outcome in outcomes:
            self.record.checks_run += 1
            if not outcome.passed:
                kept = asdict(outcome)
                kept["checked_at"] = outcome.checked_at.isoformat(timespec="seconds")
                self.record.failed_checks.append(kept)
        self.write()

    @property
    def is_blocked(self) -> bool:
        return any(check["severity"] == "error" for check in self.record.failed_checks)

    def fail(self, error: BaseException | None) -> None:
        """A step failed: by a gate, by the configuration, or by what nobody foresaw."""
        if isinstance(error, ConfigError):
            self.finish("misconfigured", str(error))
        elif in_use := warehouse_in_use(error, self.settings):
            self.finish("crashed", str(in_use))
        elif self.is_blocked and not isinstance(error, DbtFailed):
            self.finish("blocked", "a check of severity error spoke")
        else:
            self.finish("crashed", f"{type(error).__name__}: {error}")

    def finish_nothing_new(self) -> None:
        """Nothing to publish. The record of the night that did publish stays: it explains what
        readers see, which an empty night does not.
        """
        self.finish("nothing_new")
        if self.before and self.before.outcome == "published" and self.record.exit_code == 0:
            self.before.nothing_new_at = self.record.finished_at
            self._write(self.before)

    def finish(self, outcome: str, error: str | None = None, version: str | None = None) -> None:
        record = self.record
        record.outcome, record.error, record.version = outcome, error, version
        record.finished_at = utc_now().isoformat(timespec="seconds")
        self.write()
        self.was_night, self.is_night = self.is_night, False

    def board_failed(self, error: Exception) -> None:
        """The board was not written. Only noted: what was published stays published."""
        self.record.board_error = f"{type(error).__name__}: {error}"
        if self.was_night:
            self._write(self.record)

    def write(self) -> None:
        """Replace the record atomically: a reader sees the old or the new one, never half."""
        if self.is_night:
            self._write(self.record)

    def _write(self, record: NightRecord) -> None:
        path = record_file(self.settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
        temporary.replace(path)


def log_file(settings: Settings) -> Path:
    """What dagster, dbt and Great Expectations said in the last night."""
    return settings.data_dir / "last_night.log"


def record_file(settings: Settings) -> Path:
    """Where the record of the last night lies."""
    return settings.data_dir / "last_night.json"


def read_record(settings: Settings) -> NightRecord | None:
    """The last night; None where none ran, or its record is not readable."""
    try:
        content = json.loads(record_file(settings).read_text(encoding="utf-8"))
        known = {item.name for item in fields(NightRecord)}
        return NightRecord(**{name: value for name, value in content.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
