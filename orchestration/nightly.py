"""One night, from landing to the swapped link, as `leankpi nightly` runs it.

Ingestion happens in one place only, the `ingest` asset. Before dagster is even imported, a glance
at landing and at the fingerprint tells whether the night would do anything at all.
"""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import duckdb

from ingestion.plants import load_plants
from ingestion.settings import Settings
from orchestration.audiences import load_audiences
from orchestration.environment import prepare
from orchestration.fingerprint import code_version, input_fingerprint
from orchestration.journal import Journal, NightRecord, Progress, log_file
from orchestration.lock import night_lock
from orchestration.publish import published_fingerprint

#: Runs kept in Dagster's own history: a month of nights, about 3 MB each.
KEEP_RUNS = 30


def run_night(
    settings: Settings, progress: Progress | None = None, *, rebuild: bool = False
) -> NightRecord:
    """Run a night and say how it ended.

    Raises ConfigError where plants.toml is unusable and NightIsRunning where one runs already:
    in both cases nothing was touched, not even the record of the last night.
    """
    load_plants(settings.plants_file)
    load_audiences(settings.plants_file)
    with night_lock(settings.lock_file):
        journal = Journal(settings, progress)
        try:
            is_empty = not rebuild and not is_anything_new(settings)
        except duckdb.Error as error:
            # Somebody has the warehouse open, or it is damaged.
            with _talk_to(log_file(settings)):
                traceback.print_exc()
            _fail(journal, error)
            return journal.record
        if is_empty:
            journal.begin(None)
            journal.finish_nothing_new()
            return journal.record
        return _run_job(settings, journal, rebuild)


def is_anything_new(settings: Settings) -> bool:
    """Whether a night could change what is published. In doubt yes: the job itself decides."""
    if not settings.warehouse_file.exists():
        return True
    return _unseen_files(settings) or (
        input_fingerprint(settings, code_version()) != published_fingerprint(settings)
    )


def _unseen_files(settings: Settings) -> bool:
    """Whether a file was delivered that ingestion has not seen as it is now."""
    from ingestion.landing import delivered_files

    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        try:
            known = set(
                con.execute(
                    "select file_path, file_bytes, mtime_ns from raw.landing_files"
                ).fetchall()
            )
        except duckdb.CatalogException:
            return True
    unlisted: list[str] = []
    files = delivered_files(settings, load_plants(settings.plants_file), unlisted.append)
    is_unseen = any((file.relative, file.size, file.mtime_ns) not in known for file in files)
    # What cannot be listed may hold one: the job itself says that it is gone.
    return is_unseen or bool(unlisted)


def _run_job(settings: Settings, journal: Journal, rebuild: bool) -> NightRecord:
    """Run the `nightly` job in this process."""
    prepare(settings)
    journal.phase("start")
    with _talk_to(log_file(settings)):
        # Imported here: they take seconds, which an empty night does not spend.
        import dagster as dg

        from orchestration.definitions import build_defs

        try:
            job = build_defs(settings, journal).get_job_def("nightly")
            with dg.DagsterInstance.get() as instance:
                result = job.execute_in_process(
                    instance=instance,
                    raise_on_error=False,
                    run_config={"ops": {"ingest": {"config": {"rebuild": rebuild}}}},
                )
                _forget_old_runs(instance)
        except KeyboardInterrupt:
            _fail(journal, InterruptedError("the night was interrupted"))
            raise
        except Exception as error:
            # Not a step: the definitions, the instance or Dagster itself.
            traceback.print_exc()
            _fail(journal, error)
            return journal.record
    if journal.record.outcome == "running":
        _fail(journal, RuntimeError(_unexplained(result)))
    return journal.record


def _fail(journal: Journal, error: BaseException) -> None:
    """Note what happened outside every step, also where the first step never began."""
    if not journal.is_night and journal.record.outcome == "running":
        journal.begin(None)
    journal.fail(error)


@contextmanager
def _talk_to(path: Path) -> Iterator[None]:
    """Let dagster, dbt and Great Expectations write into a file what they tell the terminal.

    The progress and the summary speak to people; they hold the terminal themselves.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("w", encoding="utf-8", buffering=1) as log,
        redirect_stdout(log),
        redirect_stderr(log),
        warnings.catch_warnings(),
    ):
        # Dagster announces beta interfaces one by one; the pins make them ours to follow.
        warnings.simplefilter("ignore")
        yield


def _unexplained(result: object) -> str:
    """What Dagster says of a run in which no step failed and nothing was published."""
    events = getattr(result, "all_events", [])
    messages = [event.message for event in events if event.is_failure and event.message]
    return messages[-1] if messages else "the run ended before it published"


def _forget_old_runs(instance: object) -> None:
    from dagster import DagsterInstance

    assert isinstance(instance, DagsterInstance)
    for run in instance.get_runs(limit=KEEP_RUNS + 20)[KEEP_RUNS:]:
        instance.delete_run(run.run_id)
