with
    sums as (select * from {{ ref("rollup_inventory") }} where period_type = 'month'),
    turns as (
        select *
        from {{ ref("kpi_values") }}
        where kpi_id = 'inventory_turns' and period_type = 'month'
    )

select
    {{
        surrogate_key(
            ["sums.plant_id", "sums.scope_type", "sums.scope_id", "sums.period_start_date"]
        )
    }} as inventory_turns_monthly_key,
    sums.plant_id,
    sums.scope_type,
    sums.scope_id,
    sums.period_start_date as month_start_date,
    cast(sums.day_qty as bigint) as day_qty,
    cast(sums.usage_cost_amount as decimal(38, 12)) as usage_cost_amount,
    cast(sums.daily_stock_value_amount as decimal(38, 12)) as daily_stock_value_amount,
    cast(sums.negative_day_qty as bigint) as negative_day_qty,
    turns.value as turns_per_year,
    turns.coverage_ratio as turns_coverage_ratio,
    turns.withheld_reason as turns_withheld_reason
from sums
left join
    turns
    on turns.plant_id = sums.plant_id
    and turns.scope_type = sums.scope_type
    and turns.scope_id = sums.scope_id
    and turns.period_start_date = sums.period_start_date
