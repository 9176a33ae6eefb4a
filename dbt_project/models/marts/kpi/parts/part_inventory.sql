with sums as (select * from {{ ref("rollup_inventory") }})

-- Usage over a year's share of stock: the sum of daily values by 365 is what the average stock of
-- the period would be if it were spread over a year, so the value is in turns per year.
select
    'inventory_turns' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    cast(usage_cost_amount as double) as numerator,
    {{ ratio("daily_stock_value_amount", "365") }} as denominator,
    cast(null as double) as stated_value,
    {{ ratio("known_day_qty", "place_day_qty") }} as coverage_ratio,
    case
        when stock_known_day_qty <= cost_known_day_qty
        then 'stock not known'
        else 'items without a standard cost'
    end as coverage_gap,
    case
        when stock_known_day_qty = 0
        then 'no opening stock delivered'
        when known_day_qty = 0
        then 'no standard cost delivered'
        else 'no stock'
    end as no_value_reason
from sums
