with
    events as (select * from {{ ref("kpi_sums_delivery") }}),

    periods as ({{ by_period("events", "event_date") }}),

    scopes as ({{ by_scope("periods", ["plant", "item", "customer", "supplier"]) }})

select
    plant_id,
    line_kind,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    sum(due_line_qty) as due_line_qty,
    sum(timed_line_qty) as timed_line_qty,
    sum(on_time_line_qty) as on_time_line_qty,
    sum(counted_line_qty) as counted_line_qty,
    sum(in_full_line_qty) as in_full_line_qty,
    sum(judged_line_qty) as judged_line_qty,
    sum(on_time_in_full_line_qty) as on_time_in_full_line_qty,
    sum(due_order_qty) as due_order_qty,
    sum(judged_order_qty) as judged_order_qty,
    sum(perfect_order_qty) as perfect_order_qty,
    sum(done_line_qty) as done_line_qty,
    sum(measured_line_qty) as measured_line_qty,
    sum(cycle_s) as cycle_s
from scopes
group by plant_id, line_kind, scope_type, scope_id, period_type, period_start_date
