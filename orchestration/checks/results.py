"""Outcomes of checks, and their table `checks.results` in the warehouse.

The table holds the last night's outcomes only; each publication keeps its own copy of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from orchestration.errors import ChecksFailed

Severity = Literal["error", "warn"]
Stage = Literal["core", "facts", "marts"]

#: Failing rows kept with a result: enough to see the pattern, few enough to read.
SAMPLE_ROWS = 5

_COLUMNS = {
    "run_id": "varchar not null",
    "stage": "varchar not null",
    "engine": "varchar not null",
    "check_name": "varchar not null",
    "fact": "varchar not null",
    "severity": "varchar not null",
    "passed": "boolean not null",
    "observed": "varchar not null",
    "expected": "varchar not null",
    "failing_rows_qty": "bigint not null",
    "failing_rows": "varchar",
    "reason": "varchar",
    "what_to_do": "varchar",
    "checked_at": "timestamp not null",
}


@dataclass(frozen=True)
class CheckOutcome:
    """What one check saw."""

    stage: Stage
    engine: str
    check_name: str
    fact: str
    severity: Severity
    passed: bool
    observed: str
    expected: str
    failing_rows_qty: int
    failing_rows: str | None
    reason: str | None
    what_to_do: str | None
    checked_at: datetime

    @property
    def blocks(self) -> bool:
        """Whether nothing may be published."""
        return not self.passed and self.severity == "error"


def _ensure_table(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema if not exists checks")
    body = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    con.execute(f"create table if not exists checks.results ({body})")


def clear(warehouse: Path) -> None:
    """Forget the night before, so that no old outcome is published with new figures."""
    with duckdb.connect(str(warehouse)) as con:
        _ensure_table(con)
        con.execute("delete from checks.results")


def store(warehouse: Path, run_id: str, stage: Stage, outcomes: Iterable[CheckOutcome]) -> None:
    """Replace the outcomes of a stage."""
    rows = [[run_id, *asdict(outcome).values()] for outcome in outcomes]
    with duckdb.connect(str(warehouse)) as con:
        _ensure_table(con)
        con.execute("begin")
        con.execute("delete from checks.results where stage = ?", [stage])
        if rows:
            marks = ", ".join("?" * len(_COLUMNS))
            con.executemany(f"insert into checks.results values ({marks})", rows)
        con.execute("commit")


def require_passed(warehouse: Path) -> None:
    """Raise unless the facts were checked in the run that built everything, and nothing blocks.

    Dagster keeps the order within a job; this also holds for a publication started by hand.
    """
    with duckdb.connect(str(warehouse), read_only=True) as con:
        blocking = con.execute(
            "select fact, check_name from checks.results "
            "where not passed and severity = 'error' order by fact, check_name"
        ).fetchall()
        runs, stages = con.execute(
            "select count(distinct run_id), list(distinct stage) from checks.results"
        ).fetchall()[0]
    if blocking:
        raise ChecksFailed(", ".join(f"{fact}: {name}" for fact, name in blocking))
    if runs != 1 or "facts" not in (stages or []):
        raise ChecksFailed(
            "what stands in the warehouse was not built and checked in one run: run the night "
            "with --rebuild"
        )
