with
    orders as (select * from {{ ref("kpi_sums_lead_time") }}),

    -- An order counts for the period it was completed in.
    periods as ({{ by_period("orders", "completed_date") }}),

    scopes as ({{ by_scope("periods", ["plant", "item"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    count(*) as completed_order_qty,
    count(lead_time_s) as measured_order_qty,
    sum(lead_time_s) as lead_time_s,
    count(working_s) as worked_order_qty,
    sum(working_s) as working_s,
    -- Lead times are skewed: half of the orders took longer than this ...
    percentile_cont(0.5) within group (order by cast(lead_time_s as double)) as median_s,
    -- ... and 15 of 100 longer than this.
    percentile_cont(0.85) within group (order by cast(lead_time_s as double)) as p85_s,
    -- ... and 5 of 100 longer than this.
    percentile_cont(0.95) within group (order by cast(lead_time_s as double)) as p95_s
from scopes
group by plant_id, scope_type, scope_id, period_type, period_start_date
