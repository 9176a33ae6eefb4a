with
    sums as (select * from {{ ref("rollup_backlog") }}),

    -- Four weeks are 2,419,200 s. Nothing open is a backlog of 0, and all of it is known.
    shares as (
        select
            *,
            least({{ ratio("history_s", "2419200") }}, 1.0) as history_coverage,
            coalesce({{ ratio("planned_open_qty", "open_qty") }}, 1.0) as planned_coverage,
            coalesce({{ ratio("measured_worked_qty", "worked_qty") }}, 1.0) as worked_coverage
        from sums
    ),

    least_known as (
        select *, least(history_coverage, planned_coverage, worked_coverage) as coverage_ratio
        from shares
    ),

    explained as (
        select
            *,
            case
                when coverage_ratio = history_coverage
                then 'less than four weeks of maintenance orders'
                when coverage_ratio = planned_coverage
                then 'open orders without planned hours'
                else 'finished orders without hours worked'
            end as coverage_gap
        from least_known
    )

    {{
        kpi_part(
            "maintenance_backlog_weeks",
            "explained",
            ratio("open_labour_s", "3600"),
            ratio("worked_labour_s", "14400"),
            "coverage_ratio",
            "coverage_gap",
            "'no hours worked in the last four weeks'",
        )
    }}
