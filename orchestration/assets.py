"""The assets dbt does not build: `ingest` in front of it, `publish` behind it."""

# No postponed annotations here: Dagster reads them to find resources and configuration.

import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from ingestion.feeds import FEEDS
from ingestion.load import FileOutcome, IngestReport, ingest
from ingestion.settings import Settings
from ingestion.warehouse import SHARED_TABLES
from orchestration import last_build
from orchestration.checks import results
from orchestration.fingerprint import code_version, input_fingerprint
from orchestration.journal import Journal
from orchestration.publish import publish, published_fingerprint

PUBLISHED_KEY = dg.AssetKey(["published", "marts"])

#: Raw tables that dbt reads as sources, apart from the feeds.
CONFIGURATION = {"plants", "plant_days", "plant_shifts"}


class NightConfig(dg.Config):
    """How a night is run."""

    rebuild: bool = False
    """Build everything anew, and publish, also where nothing is new."""


def raw_key(table: str) -> dg.AssetKey:
    """The key dbt gives the same table as a source: so lineage joins up by name."""
    return dg.AssetKey(["raw", table])


def raw_tables() -> list[str]:
    """Feeds first, then what accounts for them."""
    return [*FEEDS, *(name for name in SHARED_TABLES if name != "landing_files")]


def build_ingest(settings: Settings, journal: Journal) -> dg.AssetsDefinition:
    """Landing to raw, as one asset per raw table."""

    @dg.multi_asset(
        name="ingest",
        # Skippable: where nothing is new no table is materialised, and dagster skips the rest.
        specs=[
            dg.AssetSpec(
                raw_key(table),
                group_name="raw",
                skippable=True,
                kinds={"polars", "duckdb"},
                description=(FEEDS[table].__doc__ or "").strip() if table in FEEDS else None,
            )
            for table in raw_tables()
        ],
        pool="warehouse",
    )
    def ingest_landing(
        context: dg.AssetExecutionContext, config: NightConfig, night_lock: dg.ResourceParam[str]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        """Load what landed; every row delivered is accepted, quarantined or a duplicate."""
        journal.begin(context.run_id)
        journal.phase("ingest")

        def progress(outcome: FileOutcome) -> None:
            journal.advance(f"{outcome.path}: {outcome.status}")

        report = ingest(settings, progress)
        journal.add_ingestion(report, quarantined_since(settings, journal.record.started_at))
        fingerprint = input_fingerprint(settings, code_version())
        if fingerprint is None:
            context.log.info("nothing was ever delivered")
            journal.finish_nothing_new()
            return
        if fingerprint == published_fingerprint(settings) and not config.rebuild:
            context.log.info("nothing new since the last publication: nothing to build")
            journal.finish_nothing_new()
            return
        results.clear(settings.warehouse_file)
        if config.rebuild:
            last_build.take(settings.warehouse_file)
        yield from _materialisations(settings, report)

    return ingest_landing


def _materialisations(
    settings: Settings, report: IngestReport
) -> Iterator[dg.MaterializeResult[Any]]:
    """One per raw table: its rows, and what this night brought."""
    paths = [outcome.path for outcome in report.new_files]
    tonight = {
        "deliveries": len(report.new_files),
        "delivered_rows": report.total("delivered_rows"),
        "accepted_rows": report.total("accepted_rows"),
        "quarantined_rows": report.total("quarantined_rows"),
        "duplicate_rows": report.total("duplicate_rows"),
        "rejected_files": len(report.rejected),
    }
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        fed = dict(
            con.execute(
                "select feed, sum(feed_rows) from raw.feed_deliveries "
                "join raw.deliveries using (delivery_id) "
                "where list_contains(?, file_path) group by feed",
                [paths],
            ).fetchall()
        )
        for table in raw_tables():
            rows = con.execute(f"select count(*) from raw.{table}").fetchall()[0][0]
            metadata: dict[str, Any] = {"dagster/row_count": rows}
            if table in FEEDS:
                metadata["rows_in"] = int(fed.get(table, 0))
            elif table == "deliveries":
                metadata |= tonight
            elif table == "quarantine":
                metadata["quarantined_rows"] = tonight["quarantined_rows"]
            yield dg.MaterializeResult(asset_key=raw_key(table), metadata=metadata)


def quarantined_since(settings: Settings, started_at: str) -> list[dict[str, Any]]:
    """What this night quarantined: by plant, source and rule, each with one example."""
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        cursor = con.execute(
            """
            select
                plant_id,
                source,
                rule,
                sum(row_qty)::bigint as rows,
                count(distinct file_path) as files,
                min_by(file_path, (file_path, line_no)) as example_path,
                min_by(line_no, (file_path, line_no)) as example_line_no,
                min_by(message, (file_path, line_no)) as message
            from raw.quarantine
            where quarantined_at >= cast(? as timestamp)
            group by plant_id, source, rule
            order by rows desc, plant_id, source, rule
            """,
            [started_at],
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def build_publish(
    settings: Settings,
    manifest: Mapping[str, Any],
    upstream: list[dg.AssetKey],
    journal: Journal,
) -> dg.AssetsDefinition:
    """The published file, downstream of every dbt model and so of every gate."""

    @dg.asset(
        key=PUBLISHED_KEY,
        group_name="published",
        deps=upstream,
        kinds={"duckdb"},
        pool="warehouse",
        description="The file readers open: dimensions, facts, marts, checks and their meaning.",
    )
    def published_marts(
        context: dg.AssetExecutionContext, night_lock: dg.ResourceParam[str]
    ) -> dg.MaterializeResult[Any]:
        journal.phase("publish")
        results.require_passed(settings.warehouse_file)
        code = code_version()
        fingerprint = input_fingerprint(settings, code)
        if fingerprint is None:
            raise RuntimeError("nothing was ever delivered: there is nothing to publish")
        publication = publish(
            settings,
            manifest=manifest,
            run_id=context.run_id,
            input_fingerprint=fingerprint,
            code_version=code,
        )
        last_build.finish(settings.warehouse_file, context.run_id)
        journal.finish("published", version=publication.path.name)
        _write_board(settings, publication.path, journal)
        return dg.MaterializeResult(
            metadata={
                "published_rows": sum(publication.row_counts.values()),
                "file": dg.MetadataValue.path(str(publication.path)),
                "file_bytes": publication.path.stat().st_size,
                "rows_by_table": dg.MetadataValue.json(publication.row_counts),
                "input_fingerprint": publication.input_fingerprint,
            }
        )

    return published_marts


def _write_board(settings: Settings, published_file: Path, journal: Journal) -> None:
    """Draw the board of what was just published, which stands whatever happens here."""
    journal.phase("board")
    try:
        from orchestration.board.site import write_board

        write_board(published_file, settings.board_dir)
    except Exception as error:
        traceback.print_exc()
        journal.board_failed(error)
