"""Whether a night may rebuild only what changed: the mark `checks.last_build` in the warehouse.

A build takes the mark away before it begins and leaves it only when it went through; dbt takes it
away too, whoever starts it. So what failed, was interrupted or was done by hand leaves no mark, and
where there is none, or one of another program, the next night makes everything anew.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb

from orchestration.checks.results import Stage
from orchestration.fingerprint import code_version

#: The stage of a build whose figures were checked and published.
PUBLISHED = "published"


@dataclass(frozen=True)
class Mark:
    """How far a build went."""

    run_id: str
    stage: str
    #: The program that built, and its engine.
    program: str
    only_changed: bool


def program() -> str:
    """The code that builds, and the version of the engine that computes."""
    return f"{code_version()} duckdb {duckdb.__version__}"


def take(warehouse: Path) -> Mark | None:
    """The mark of the last build, which is gone from then on."""
    with duckdb.connect(str(warehouse)) as con:
        found = con.execute(
            "select 1 from duckdb_tables() "
            "where schema_name = 'checks' and table_name = 'last_build'"
        ).fetchone()
        if found is None:
            return None
        rows = con.execute(
            "select run_id, stage, program, only_changed from checks.last_build"
        ).fetchall()
        con.execute("drop table checks.last_build")
    return Mark(*rows[0]) if len(rows) == 1 else None


def leave(warehouse: Path, mark: Mark) -> None:
    """Leave the mark of a build that went through."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create schema if not exists checks")
        con.execute(
            "create or replace table checks.last_build "
            "(run_id varchar, stage varchar, program varchar, only_changed boolean)"
        )
        con.execute("insert into checks.last_build values (?, ?, ?, ?)", list(astuple(mark)))


def begin(warehouse: Path, run_id: str, stage: Stage) -> Mark | None:
    """The mark to leave when the stage has gone through; None where it may leave none.

    The core follows a publication; the marts follow the core of their own run, and what they
    rebuild is what it rebuilt.
    """
    before, now = take(warehouse), program()
    if stage == "core":
        follows = before is not None and (before.stage, before.program) == (PUBLISHED, now)
        return Mark(run_id, stage, now, only_changed=follows)
    if before is not None and (before.run_id, before.stage) == (run_id, "core"):
        return Mark(run_id, stage, now, before.only_changed)
    return None


def finish(warehouse: Path, run_id: str) -> None:
    """Note that what the run built was published."""
    before = take(warehouse)
    if before is not None and (before.run_id, before.stage) == (run_id, "marts"):
        leave(warehouse, Mark(run_id, PUBLISHED, before.program, before.only_changed))
