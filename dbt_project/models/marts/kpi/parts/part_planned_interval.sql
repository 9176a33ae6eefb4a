with
    sums as (select * from {{ ref("rollup_planned_interval") }}),

    -- What the run time leaves of a working day is there for setups.
    explained as (
        select
            *,
            machine_id as scope_id,
            case
                when working_s > run_s then {{ ratio("(working_s - run_s)", "working_day_qty") }}
            end as free_s_per_day,
            least(
                {{ ratio("assigned_item_qty", "demanded_item_qty") }},
                {{ ratio("setup_item_qty", "item_qty") }}
            ) as coverage_ratio,
            case
                when working_s is null
                then 'no shift calendar, or days outside of it'
                else 'the run time leaves no time for setups'
            end as no_value_reason
        from sums
    )

    {{
        kpi_part(
            "epei_planned_days",
            "explained",
            "setup_s",
            "free_s_per_day",
            "coverage_ratio",
            "'items without a standard or a planned setup'",
            "no_value_reason",
            scope_type="'machine'",
        )
    }}
