"""A dbt project of five models and an ingestion that reads one-line files: a whole night in
seconds, with a switch for every way it can go wrong.

A landing file `landing/<plant>/mes/<name>.csv` holds one number, the quantity of one run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import duckdb

from ingestion.landing import landing_files
from ingestion.load import FileOutcome, IngestReport
from ingestion.settings import Settings
from ingestion.warehouse import create_raw_tables
from orchestration.checks.suites import Rule, Suite
from orchestration.journal import utc_now

FILES = {
    "dbt_project.yml": """
name: leankpi
version: "0.1.0"
profile: leankpi
flags: {send_anonymous_usage_stats: false}
on-run-start: drop table if exists checks.last_build
models:
  leankpi:
    staging: {+schema: staging, +materialized: view}
    core: {+schema: core, +materialized: table}
    marts: {+schema: marts, +materialized: table}
seeds: {leankpi: {+schema: marts}}
""",
    "profiles.yml": """
leankpi:
  target: warehouse
  outputs:
    warehouse:
      type: duckdb
      path: "{{ env_var('LEANKPI_WAREHOUSE') }}"
      keep_open: false
""",
    "macros/generate_schema_name.sql": """
{% macro generate_schema_name(name, node) %}{{ name }}{% endmacro %}
""",
    "seeds/kpi_definitions.csv": """kpi_id,kpi_name,unit
scrap_ratio,Scrap ratio,ratio
oee,OEE,ratio
""",
    "models/staging/_raw__sources.yml": """
sources:
  - name: raw
    tables: [{name: deliveries}, {name: plants}, {name: production_counts}]
""",
    "models/staging/stg_runs.sql": """
select plant_id, run_id, produced_qty, scrap_qty, start_at
from {{ source("raw", "production_counts") }}
""",
    "models/staging/stg_build.sql": """
select {{ var("only_changed") }} as only_changed
""",
    "models/core/dim_plant.sql": """
select plant_id, plant_name from {{ source("raw", "plants") }}
""",
    "models/core/fct_production.sql": """
select plant_id, run_id, produced_qty, scrap_qty, start_at from {{ ref("stg_runs") }}
""",
    "models/core/fct_production.yml": """
models:
  - name: fct_production
    description: One row per run.
    columns:
      - name: run_id
        description: The run.
        data_tests: [unique]
      - name: produced_qty
        description: PQ.
        data_tests:
          - not_null:
              name: quantity_is_known
              config:
                meta: {what_to_do: Ask the plant what it made.}
""",
    "models/marts/mart_scrap_daily.sql": """
select plant_id, sum(scrap_qty) as scrap_qty, sum(produced_qty) as produced_qty
from {{ ref("fct_production") }} group by plant_id
""",
    "models/marts/mart_scrap_daily.yml": """
models:
  - name: mart_scrap_daily
    description: One row per plant.
    columns:
      - name: plant_id
        description: The plant.
        data_tests:
          - relationships:
              arguments: {to: ref('dim_plant'), field: plant_id}
""",
    "models/marts/kpi_values.sql": """
select
    plant_id,
    'scrap_ratio' as kpi_id,
    'plant' as scope_type,
    plant_id as scope_id,
    'week' as period_type,
    cast(date_trunc('week', start_at) as date) as period_start_date,
    cast(null as varchar) as shift_id,
    cast(sum(scrap_qty) as double) as numerator,
    cast(sum(produced_qty) as double) as denominator,
    cast(sum(scrap_qty) as double) / cast(sum(produced_qty) as double) as value,
    1.0 as coverage_ratio,
    false as is_withheld,
    cast(null as varchar) as withheld_reason
from {{ ref("fct_production") }}
group by all
""",
}

SUITES = (
    Suite(
        name="runs",
        fact="fct_production",
        grain="runs",
        keys=("plant_id", "run_id"),
        evidence="select plant_id, run_id, cast(produced_qty as double) as produced_qty "
        "from core.fct_production",
        rules=(
            Rule(
                name="no_more_than_the_line_can_make",
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "produced_qty", "max_value": 1000},
                severity="error",
                expected="At most 1000 units a run.",
                reason="The line makes 1000 at rated speed.",
                what_to_do="Look at the counter.",
            ),
            Rule(
                name="not_much_less_either",
                expectation="ExpectColumnValuesToBeBetween",
                arguments={"column": "produced_qty", "min_value": 10},
                severity="warn",
                expected="At least 10 units a run.",
                reason="Fewer is a test run.",
                what_to_do="Ask whether it was one.",
            ),
        ),
    ),
)


def write_project(folder: Path) -> Path:
    """Write the project and return where it is."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return folder


def write_plants(settings: Settings) -> None:
    """One plant, as configuration."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.plants_file.write_text(
        '[plants.p1]\nname = "Plant 1"\ntime_zone = "Europe/Lisbon"\ncurrency = "EUR"\n'
    )


def land(settings: Settings, name: str, content: str) -> Path:
    """Put a file into landing."""
    path = settings.landing_dir / "p1" / "mes" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def tiny_ingest(
    settings: Settings, progress: Callable[[FileOutcome], None] | None = None
) -> IngestReport:
    """Read every new file of landing; what is no number is rejected, `-` is an unknown quantity."""
    report = IngestReport()
    with duckdb.connect(str(settings.warehouse_file)) as con:
        create_raw_tables(con)
        con.execute("delete from raw.plants")
        con.execute(
            "insert into raw.plants "
            "values ('p1', 'Plant 1', 'Europe/Lisbon', 'EUR', false, 300, 3, 'end')"
        )
        for file in landing_files(settings.landing_dir):
            content = file.path.read_text().strip()
            delivery_id = hashlib.sha256(content.encode()).hexdigest()
            con.execute("delete from raw.landing_files where file_path = ?", [file.relative])
            con.execute(
                "insert into raw.landing_files values (?, ?, ?, ?, ?)",
                [file.relative, file.size, file.mtime_ns, "1", delivery_id],
            )
            if con.execute(
                "select 1 from raw.deliveries where delivery_id = ?", [delivery_id]
            ).fetchone():
                report.known_files += 1
                continue
            is_bad = content != "-" and not content.isdigit()
            outcome = FileOutcome(
                path=file.relative,
                plant_id="p1",
                source="mes",
                table_name="runs",
                status="rejected" if is_bad else "accepted",
                message="not a number" if is_bad else "",
                delivered_rows=1,
                accepted_rows=0 if is_bad else 1,
                quarantined_rows=1 if is_bad else 0,
                rules={"not_a_number": 1} if is_bad else {},
            )
            now = utc_now()
            con.execute(
                "insert into raw.deliveries by name select ? as delivery_id, ? as content_hash, "
                "'p1' as plant_id, 'mes' as source, 'mes' as system, 'runs' as table_name, "
                "? as file_path, ? as file_bytes, ? as status, 1 as delivered_rows, "
                "? as accepted_rows, ? as quarantined_rows, 0 as duplicate_rows, "
                "timestamp '2026-03-10' as extracted_at, timestamp '2026-03-10' as watermark_at, "
                "'1' as contract_version, cast(? as timestamp) as loaded_at",
                [
                    delivery_id,
                    delivery_id,
                    file.relative,
                    file.size,
                    outcome.status,
                    outcome.accepted_rows,
                    outcome.quarantined_rows,
                    now,
                ],
            )
            if is_bad:
                con.execute(
                    "insert into raw.quarantine values (?, 'p1', 'mes', ?, 1, 'production_counts', "
                    "'produced_qty', ?, 'not_a_number', 'not a number', ?, 1, ?)",
                    [delivery_id, file.relative, content, content, now],
                )
            else:
                con.execute(
                    "insert into raw.production_counts by name select 'p1' as plant_id, "
                    "'mes' as source, ? as delivery_id, false as is_deleted, ? as run_id, "
                    "'m1' as machine_id, 1 as pass_no, timestamp '2026-03-09' as start_at, "
                    "try_cast(? as decimal(18, 6)) as produced_qty, 1 as scrap_qty",
                    [delivery_id, file.path.stem, content],
                )
            report.files.append(outcome)
            if progress is not None:
                progress(outcome)
    return report
