with
    scopes as (select * from {{ ref("kpi_sums_inventory") }}),

    periods as ({{ by_period("scopes", "stock_date", ["week", "month"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    count(distinct stock_date) as day_qty,
    sum(place_day_qty) as place_day_qty,
    sum(stock_known_day_qty) as stock_known_day_qty,
    sum(cost_known_day_qty) as cost_known_day_qty,
    sum(known_day_qty) as known_day_qty,
    sum(negative_day_qty) as negative_day_qty,
    sum(closing_qty) as daily_stock_qty,
    sum(usage_qty) as usage_qty,
    sum(closing_value_amount) as daily_stock_value_amount,
    sum(usage_cost_amount) as usage_cost_amount
from periods
group by plant_id, scope_type, scope_id, period_type, period_start_date
