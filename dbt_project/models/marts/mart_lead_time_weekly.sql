with
    sums as (select * from {{ ref("rollup_lead_time") }} where period_type = 'week'),
    kpi_values as (
        select *
        from {{ ref("kpi_values") }}
        where scope_type in ('plant', 'item') and period_type = 'week'
    ),

    plant_values as (select * from kpi_values where scope_type = 'plant'),
    item_values as (select * from kpi_values where scope_type = 'item'),
    plant_ratios as (
        {{
            kpi_columns(
                "plant_values",
                {
                    "lead_time_median_h": "median_h",
                    "lead_time_mean_h": "mean_h",
                    "lead_time_p85_h": "p85_h",
                },
                {"lead_time_median_h": "lead_time"},
            )
        }}
    ),
    item_ratios as (
        {{
            kpi_columns(
                "item_values",
                {
                    "lead_time_median_h": "median_h",
                    "lead_time_mean_h": "mean_h",
                    "lead_time_p85_h": "p85_h",
                },
                {"lead_time_median_h": "lead_time"},
            )
        }}
    ),

    ratios as (
        select 'plant' as scope_type, *
        from plant_ratios
        union all
        select 'item' as scope_type, *
        from item_ratios
    )

select
    {{
        surrogate_key(
            ["sums.plant_id", "sums.scope_type", "sums.scope_id", "sums.period_start_date"]
        )
    }} as lead_time_weekly_key,
    sums.plant_id,
    sums.scope_type,
    sums.scope_id,
    sums.period_start_date as week_start_date,
    cast(sums.completed_order_qty as bigint) as completed_order_qty,
    cast(sums.measured_order_qty as bigint) as measured_order_qty,
    cast(sums.lead_time_s as decimal(18, 6)) as lead_time_s,
    ratios.median_h as lead_time_median_h,
    ratios.mean_h as lead_time_mean_h,
    ratios.p85_h as lead_time_p85_h,
    ratios.lead_time_coverage_ratio,
    ratios.lead_time_withheld_reason
from sums
left join
    ratios
    on ratios.plant_id = sums.plant_id
    and ratios.scope_type = sums.scope_type
    and ratios.scope_id = sums.scope_id
    and ratios.period_start_date = sums.period_start_date
