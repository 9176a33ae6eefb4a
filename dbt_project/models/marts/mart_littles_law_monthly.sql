with
    sums as (
        select * from {{ ref("rollup_wip") }} where scope_type = 'plant' and period_type = 'month'
    ),
    kpi_values as (
        select * from {{ ref("kpi_values") }} where scope_type = 'plant' and period_type = 'month'
    ),

    ratios as (
        {{
            kpi_columns(
                "kpi_values",
                {
                    "wip_orders_mean": "wip_orders_mean_qty",
                    "lead_time_mean_h": "lead_time_mean_h",
                    "littles_law_residual": "littles_law_residual_ratio",
                },
                {"littles_law_residual": "littles_law"},
            )
        }}
    )

select
    {{ surrogate_key(["sums.plant_id", "sums.period_start_date"]) }} as littles_law_monthly_key,
    sums.plant_id,
    sums.period_start_date as month_start_date,
    cast(sums.period_s as decimal(18, 6)) as period_s,
    cast(sums.open_order_s as decimal(18, 6)) as open_order_s,
    cast(sums.completed_order_qty as bigint) as completed_order_qty,
    cast(sums.lead_time_s as decimal(18, 6)) as lead_time_s,
    ratios.wip_orders_mean_qty,
    ratios.lead_time_mean_h,
    ratios.littles_law_residual_ratio,
    ratios.littles_law_coverage_ratio,
    ratios.littles_law_withheld_reason,
    -- A fifth more or less than what was completed explains is more than the edges of a month make
    -- where orders take days: work piles up or runs down, or releases and completions do not match.
    abs(ratios.littles_law_residual_ratio) <= 0.2 as is_explained
from sums
left join
    ratios
    on ratios.plant_id = sums.plant_id
    and ratios.scope_id = sums.plant_id
    and ratios.period_start_date = sums.period_start_date
