"""A published file for the board, made by hand in SQL: one plant, as many lines, machines and days
as asked for. The tables have the columns that the models' contracts declare, so that none of them
can grow stale.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import yaml

from orchestration.environment import project_dir

HOSTILE = '<script>alert("1")</script>'
#: The latest complete day; the one after it still runs.
DAY = date(2026, 3, 20)
TABLES = (
    "dim_plant",
    "dim_machine",
    "kpi_periods",
    "kpi_values",
    "mart_kpi_targets",
    "mart_kpi_signals",
    "mart_signal_contributions",
    "mart_stop_pareto",
    "mart_scrap_pareto",
    "mart_time_losses",
)


def write(
    path: Path, lines: int = 2, machines_per_line: int = 2, first_day: date = date(2026, 2, 2)
) -> Path:
    """Write the file and return its path."""
    with duckdb.connect(str(path)) as con:
        for table in TABLES:
            _create(con, table)
        seed = project_dir() / "seeds" / "kpi_definitions.csv"
        con.execute(f"create table kpi_definitions as from read_csv('{seed}', header = true)")
        con.execute(
            "create table publication as select timestamp '2026-03-21 05:00:00' as published_at"
        )
        con.execute(
            "insert into dim_plant by name "
            "select 'p1' as plant_id, 'Plant <b>One</b>' as plant_name, 'EUR' as currency"
        )
        con.execute(
            """
            insert into dim_machine by name
            select
                'p1' as plant_id,
                'M' || line || '-' || machine as machine_id,
                case when line = 1 and machine = 1 then $hostile else 'Press ' || line || machine
                end as machine_name,
                case when line = 2 then 'L 2; rm -rf ~' else 'L ' || line end as line_id,
                'Area ' || (line + 1) // 2 as area_id
            from
                range(1, $lines + 1) as lines (line),
                range(1, $machines + 1) as machines (machine)
            """,
            {"hostile": HOSTILE + "\u202e", "lines": lines, "machines": machines_per_line},
        )
        _add_figures(con, first_day)
        _add_losses(con, first_day)
    return path


def _create(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """A table with the columns of its model's contract."""
    (contract,) = (project_dir() / "models").rglob(f"{table}.yml")
    (model,) = (
        model
        for model in yaml.safe_load(contract.read_text(encoding="utf-8"))["models"]
        if model["name"] == table
    )
    columns = ", ".join(f'"{column["name"]}" {_type(column)}' for column in model["columns"])
    con.execute(f"create table {table} ({columns})")


def _type(column: dict[str, str]) -> str:
    name = column["name"]
    declared = column["data_type"]
    if "{{" not in declared:
        return declared
    return "timestamp" if name.endswith("_at") else "double" if name[-2:] != "id" else "varchar"


def _add_figures(con: duckdb.DuckDBPyConnection, first_day: date) -> None:
    con.execute(
        """
        insert into kpi_periods by name
        with days as (
            select
                cast(unnest(generate_series($first_day, $day + 1, interval 1 day)) as date) as day
        )
        select distinct
            'p1' as plant_id, 'day' as period_type, day as period_start_date, day <= $day as is_over
        from days
        union all
        select distinct
            'p1', 'week', date_trunc('week', day),
            cast(date_trunc('week', day) as date) + 6 <= $day
        from days
        union all
        select distinct 'p1', 'month', date_trunc('month', day), last_day(day) <= $day
        from days
        """,
        {"first_day": first_day, "day": DAY},
    )
    con.execute(
        """
        insert into kpi_values by name
        with
            scopes as (
                select 'plant' as scope_type, 'p1' as scope_id
                union all
                select distinct 'line', line_id from dim_machine
                union all
                select 'machine', machine_id from dim_machine
            ),
            kpis as (
                select kpi_id, unit from kpi_definitions
                where kpi_id in (
                    'first_pass_yield', 'scrap_ratio', 'rework_ratio', 'oee', 'availability',
                    'effectiveness', 'copq_amount', 'setup_ratio'
                )
            ),
            parts as (
                select
                    md5(concat_ws('|', kpi_id, scope_id, period_type, period_start_date))
                    as kpi_values_id,
                    'p1' as plant_id,
                    kpi_id,
                    scope_type,
                    scope_id,
                    period_type,
                    period_start_date,
                    case
                        when kpi_id = 'oee' and scope_type = 'plant' and period_start_date = $day
                        then 800
                        else
                            (600 + hash(kpi_id, scope_id, period_start_date) % 300)
                            * case when unit = 'ratio' then 1 else 100 end
                    end as numerator,
                    case when unit = 'ratio' then 1000 end as denominator,
                    starts_with(scope_id, 'L 2') and kpi_id = 'oee'
                    and day(period_start_date) % 4 = 0 as is_withheld,
                    unit
                from scopes, kpis, kpi_periods
            )
        select
            *,
            case when not is_withheld then numerator / coalesce(denominator, 1) end as value,
            case when is_withheld then 0.4 else 0.95 end as coverage_ratio,
            case when is_withheld then 'coverage 0.40 below 0.80: planned time not observed' end
            as withheld_reason,
            case when kpi_id = 'oee' and scope_type = 'plant' and period_type = 'day' then 0.75 end
            as target_value
        from parts
        """,
        {"day": DAY},
    )
    con.execute(
        """
        insert into mart_kpi_targets by name
        select
            md5(kpi_values_id) as kpi_targets_key,
            * exclude (kpi_values_id, target_value),
            kpi_values_id,
            target_value,
            case when value >= target_value then 'green' when value < target_value then 'red' end
            as status,
            case when target_value is null then 'nobody owns the target' end as not_judged_reason
        from (
            select
                kpi_values_id, plant_id, kpi_id, scope_type, scope_id, period_type,
                period_start_date, value, target_value
            from kpi_values
            where kpi_id in ('oee', 'availability') and scope_type = 'plant' and period_type = 'day'
        )
        """
    )
    con.execute(
        """
        insert into mart_kpi_signals by name
        select
            kpi_values_id,
            md5(concat_ws('|', kpi_id, scope_id, period_type)) as series_key,
            plant_id, kpi_id, scope_type, scope_id, period_type, period_start_date, value, unit,
            case when unit = 'ratio' then 0.75 else 75000 end as centre_line,
            case when unit = 'ratio' then 0.55 else 55000 end as lower_limit,
            case when unit = 'ratio' then 0.95 else 95000 end as upper_limit,
            case period_type when 'day' then 20 else 3 end as baseline_qty,
            period_type = 'day' as is_baseline_complete,
            row_number() over (
                partition by kpi_id, scope_id, period_type order by period_start_date
            ) as point_no,
            is_signal as is_we1, is_signal as is_we4,
            case when is_signal and not goes_on then 'WE1|WE4' end as raised_rules,
            case when is_signal and not goes_on then 'above' end as signal_side,
            case when is_signal and not goes_on then true end as is_better
        from (
            select
                *,
                -- Availability has been above since the day before.
                kpi_id = 'availability' and period_start_date = $day as goes_on,
                scope_type = 'plant' and period_type = 'day' and (
                    (kpi_id = 'oee' and period_start_date = $day)
                    or (kpi_id = 'availability' and period_start_date >= $day - 1)
                ) as is_signal
            from kpi_values
            where value is not null and period_start_date <= $day
        )
        """,
        {"day": DAY},
    )
    con.execute(
        """
        insert into mart_signal_contributions by name
        select
            kpi_values_id, plant_id, kpi_id, scope_type, scope_id, period_type, period_start_date,
            signal_side, 'loss_bucket' as contributor_type, 'breakdowns' as contributor_id,
            1 as rank_no, 0.045 as change_ratio
        from mart_kpi_signals
        where raised_rules is not null
        """
    )


def _add_losses(con: duckdb.DuckDBPyConnection, first_day: date) -> None:
    days = {"first_day": first_day, "day": DAY}
    con.execute(
        """
        insert into mart_stop_pareto by name
        select
            plant_id, machine_id, line_id, 'scheduled' as schedule, 'delay' as state,
            true as is_failure,
            cast(unnest(generate_series($first_day, $day, interval 1 day)) as date)
            as production_date,
            'r' as reason_key, 'Jam <img src=x> ' || reason as reason_name,
            600 + reason as duration_s, 1 as stop_qty
        from dim_machine, range(12) as reasons (reason)
        """,
        days,
    )
    con.execute(
        """
        insert into mart_scrap_pareto by name
        select
            plant_id, machine_id, line_id,
            cast(unnest(generate_series($first_day, $day, interval 1 day)) as date)
            as production_date,
            'Short shot' as reason_name, 2 as rejection_qty, 12.5 as scrap_cost_amount
        from dim_machine
        """,
        days,
    )
    con.execute(
        """
        insert into mart_time_losses by name
        select
            plant_id, machine_id, line_id,
            cast(unnest(generate_series($first_day, $day, interval 1 day)) as date)
            as production_date,
            bucket_no, loss_bucket, bucket_no > 1 as in_oee_denominator,
            bucket_no = 4 as is_fully_productive,
            -- The first machine stood 288 s longer on the last day.
            duration_s + case
                when machine_id = 'M1-1' and production_date = $day
                then case loss_bucket
                    when 'breakdowns' then 288 when 'fully_productive' then -288 else 0
                end
                else 0
            end as duration_s
        from
            dim_machine,
            (
                values (1, 'not_scheduled', 28800), (2, 'breakdowns', 7200),
                (3, 'reduced_speed', -600), (4, 'fully_productive', 51000)
            ) as buckets (bucket_no, loss_bucket, duration_s)
        """,
        days,
    )
