"""Restatements: published figures that a later publication changed.

Each publication takes over the list of the version readers saw before it and adds what it changes
itself. So a figure that somebody acted on and that was corrected later can be looked up: was, is,
and which deliveries changed it.
"""

from __future__ import annotations

import duckdb

#: Relative difference below which two figures are the same: sums are added in any order.
SAME_RATIO = 1e-9
#: Files listed by name; `delivery_qty` counts them all.
LISTED_FILES = 5

DESCRIPTION = (
    "One row per published figure of a finished period and publication that changed it: was, is, "
    "and what changed it."
)
COLUMNS = {
    "plant_id": "The plant.",
    "kpi_id": "The KPI (kpi_definitions).",
    "scope_type": "For whom the figure is.",
    "scope_id": "Which one.",
    "period_type": "shift, day, week or month.",
    "period_start_date": "First date of the period.",
    "shift_id": "The shift instance, of a shift's figure.",
    "was_value": "The figure readers saw before; null: withheld.",
    "was_withheld_reason": "Why it was withheld.",
    "was_published_at": "When the version with the former figure was published, UTC.",
    "is_value": "The figure now; null: withheld, or gone.",
    "is_withheld_reason": "Why it is withheld now.",
    "restated_at": "When the version that changed it was published, UTC.",
    "cause": "delivery: files that tell of the period came in between; code: none did, but the "
    "program or the configuration changed; other: neither, so files of another period did.",
    "delivery_qty": "Deliveries of the plant since then that tell of the period.",
    "delivery_files": "The first of them, by file.",
}

#: Last date of a period, from its first.
PERIOD_END = """
    case period_type
        when 'week' then period_start_date + 6
        when 'month' then last_day(period_start_date)
        else period_start_date
    end
"""


def write_restatements(con: duckdb.DuckDBPyConnection, before: str | None) -> None:
    """Create table `mart_restatements` in the file under construction, the connection's default.

    `before` names the attached version that readers saw until now; None where there is none.
    A figure of a period that was still running then is not restated, only continued.
    """
    con.execute(
        """
        create table mart_restatements (
            plant_id varchar, kpi_id varchar, scope_type varchar, scope_id varchar,
            period_type varchar, period_start_date date, shift_id varchar,
            was_value double, was_withheld_reason varchar, was_published_at timestamp,
            is_value double, is_withheld_reason varchar, restated_at timestamp,
            cause varchar, delivery_qty bigint, delivery_files varchar
        )
        """
    )
    if before is None:
        return
    if _has(con, before, "mart_restatements"):
        con.execute(f"insert into mart_restatements from {before}.mart_restatements")
    con.execute(
        f"""
        insert into mart_restatements
        with
            known_until as (
                select plant_id, cast(max(watermark_at) as date) as known_date
                from {before}.deliveries
                group by plant_id
            ),

            was as (
                select figures.*, {PERIOD_END} as period_end_date
                from {before}.kpi_values as figures
            ),

            -- A day more than the period: a plant's day ends hours after UTC's, or before.
            finished as (
                select was.*
                from was
                inner join known_until on known_until.plant_id = was.plant_id
                where was.period_end_date + 1 < known_until.known_date
            ),

            changed as (
                select
                    finished.*,
                    now.value as is_value,
                    case
                        when now.kpi_id is null then 'no longer reported'
                        else now.withheld_reason
                    end as is_withheld_reason
                from finished
                left join
                    kpi_values as now
                    on now.plant_id = finished.plant_id
                    and now.kpi_id = finished.kpi_id
                    and now.scope_type = finished.scope_type
                    and now.scope_id = finished.scope_id
                    and now.period_type = finished.period_type
                    and now.period_start_date = finished.period_start_date
                    and now.shift_id is not distinct from finished.shift_id
                where
                    (finished.value is null) <> (now.value is null)
                    or abs(finished.value - now.value)
                    > {SAME_RATIO} * greatest(abs(finished.value), abs(now.value))
            ),

            -- Few periods change, whatever the number of their figures.
            periods as (
                select distinct plant_id, period_type, period_start_date, period_end_date
                from changed
            ),

            new_deliveries as (
                select arrived.*
                from deliveries as arrived
                anti join {before}.deliveries as known
                    on known.delivery_id = arrived.delivery_id
                    and known.status = arrived.status
            ),

            causes as (
                select
                    periods.plant_id,
                    periods.period_type,
                    periods.period_start_date,
                    count(*) as delivery_qty,
                    array_to_string(
                        list(distinct arrived.file_path order by arrived.file_path)
                        [1:{LISTED_FILES}],
                        ', '
                    ) as delivery_files
                from periods
                inner join
                    new_deliveries as arrived
                    on arrived.plant_id = periods.plant_id
                    -- Master data tells of no day, and so of every one. A night shift belongs to
                    -- the day before the date its last hours have.
                    and coalesce(arrived.first_event_date, periods.period_end_date)
                    <= periods.period_end_date + 1
                    and coalesce(arrived.last_event_date, periods.period_start_date)
                    >= periods.period_start_date - 1
                group by periods.plant_id, periods.period_type, periods.period_start_date
            )

        select
            changed.plant_id,
            changed.kpi_id,
            changed.scope_type,
            changed.scope_id,
            changed.period_type,
            changed.period_start_date,
            changed.shift_id,
            changed.value,
            changed.withheld_reason,
            former.published_at,
            changed.is_value,
            changed.is_withheld_reason,
            latest.published_at,
            case
                when causes.delivery_qty > 0 then 'delivery'
                when former.code_version <> latest.code_version then 'code'
                else 'other'
            end,
            coalesce(causes.delivery_qty, 0),
            causes.delivery_files
        from changed
        cross join {before}.publication as former
        cross join publication as latest
        left join
            causes
            on causes.plant_id = changed.plant_id
            and causes.period_type = changed.period_type
            and causes.period_start_date = changed.period_start_date
        """
    )


def _has(con: duckdb.DuckDBPyConnection, database: str, table: str) -> bool:
    found = con.execute(
        f"select 1 from duckdb_tables() where database_name = '{database}' "
        f"and table_name = '{table}'"
    ).fetchone()
    return found is not None
