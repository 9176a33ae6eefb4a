"""Everything Dagster knows of the line, on one page; the parts stand in the modules it imports."""

# No postponed annotations here: Dagster reads them to find resources and configuration.

from collections.abc import Iterator, Sequence

import dagster as dg

from ingestion.errors import ConfigError
from ingestion.plants import load_plants
from ingestion.settings import Settings
from orchestration.assets import build_ingest, build_publish
from orchestration.checks.asset_checks import build_checks
from orchestration.checks.suites import SUITES, Suite
from orchestration.dbt_models import (
    build_dbt_assets,
    dbt_resource,
    load_manifest,
    prepare_manifest,
    table_keys,
)
from orchestration.environment import prepare
from orchestration.journal import Journal
from orchestration.lock import night_lock
from orchestration.publish import published_tables, rollback

DEFAULT_TIME_ZONE = "Europe/Madrid"
NIGHTLY_AT = "0 2 * * *"


def time_zone(settings: Settings) -> str:
    """The first plant's: its night is the one the schedule means."""
    try:
        return next(iter(load_plants(settings.plants_file).values())).time_zone
    except ConfigError:
        # The definitions must load without a plant too, so that `dagster dev` can show them.
        return DEFAULT_TIME_ZONE


def build_defs(
    settings: Settings | None = None,
    journal: Journal | None = None,
    suites: Sequence[Suite] = SUITES,
) -> dg.Definitions:
    """The code location for a data directory; `journal` is where a night takes its notes."""
    settings = settings or Settings.from_env()
    prepare(settings)
    notes = journal or Journal(settings)
    manifest_file = prepare_manifest(settings)
    manifest = load_manifest(manifest_file)
    checked = table_keys(manifest, {suite.fact for suite in suites})
    published = table_keys(manifest, set(published_tables(manifest)))

    @dg.resource(description="Held while a run touches the warehouse.")
    def lock(_: dg.InitResourceContext) -> Iterator[str]:
        with night_lock(settings.lock_file):
            yield str(settings.lock_file)

    @dg.failure_hook(name="note_failure")
    def note_failure(context: dg.HookContext) -> None:
        notes.fail(context.op_exception)

    nightly = dg.define_asset_job(
        "nightly",
        selection=dg.AssetSelection.all(),
        hooks={note_failure},
        description="Exports in, checked marts out. Publishes nothing where nothing is new.",
    )
    return dg.Definitions(
        assets=[
            build_ingest(settings, notes),
            *build_dbt_assets(settings, manifest_file, notes),
            build_publish(settings, manifest, sorted(published.values()), notes),
        ],
        asset_checks=[build_checks(settings, checked, notes, suites)],
        jobs=[nightly, _rollback_job(settings)],
        schedules=[
            dg.ScheduleDefinition(
                name="nightly_at_two",
                job=nightly,
                cron_schedule=NIGHTLY_AT,
                execution_timezone=time_zone(settings),
                default_status=dg.DefaultScheduleStatus.RUNNING,
            )
        ],
        resources={"dbt": dbt_resource(settings), "night_lock": lock},
        # One process from end to end: DuckDB allows a single writing process, and a process per
        # step costs about five CPU seconds each.
        executor=dg.in_process_executor,
    )


def _rollback_job(settings: Settings) -> dg.JobDefinition:
    @dg.op(
        config_schema={
            "to": dg.Field(
                str,
                is_required=False,
                description="A version's file name or the start of its stamp; else the one before.",
            )
        }
    )
    def point_readers_back(context: dg.OpExecutionContext) -> None:
        report = rollback(settings, context.op_config.get("to"))
        context.log.info(f"readers saw {report.before} and see {report.now} now")

    @dg.job(name="rollback", description="Readers see the version before the current one again.")
    def rollback_job() -> None:
        point_readers_back()

    return rollback_job


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev` loads; built when it asks, so that importing this module costs nothing."""
    return build_defs()
