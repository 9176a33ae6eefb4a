with
    order_measures as (select * from {{ ref("kpi_sums_order") }}),

    -- An order counts for the period it was completed in; an open one not yet.
    periods as ({{ by_period("order_measures", "completed_date") }}),

    scopes as ({{ by_scope("periods", ["plant", "item"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    sum(order_qty) as order_qty,
    sum(executed_order_qty) as executed_order_qty,
    sum(execution_s) as execution_s,
    sum(queue_s) as queue_s,
    sum(busy_order_qty) as busy_order_qty,
    sum(busy_execution_s) as busy_execution_s,
    sum(aubt_s) as aubt_s,
    sum(apt_s) as apt_s,
    sum(not_observed_s) as not_observed_s,
    sum(lead_order_qty) as lead_order_qty,
    sum(lead_apt_s) as lead_apt_s,
    sum(lead_not_observed_s) as lead_not_observed_s,
    sum(lead_time_s) as lead_time_s,
    sum(made_order_qty) as made_order_qty,
    sum(produced_qty) as produced_qty,
    sum(made_execution_s) as made_execution_s,
    sum(first_counted_order_qty) as first_counted_order_qty,
    sum(first_produced_qty) as first_produced_qty,
    sum(first_scrap_qty) as first_scrap_qty,
    sum(operation_qty) as operation_qty,
    sum(planned_operation_qty) as planned_operation_qty,
    sum(scrap_qty) as scrap_qty,
    sum(planned_scrap_qty) as planned_scrap_qty
from scopes
group by plant_id, scope_type, scope_id, period_type, period_start_date
