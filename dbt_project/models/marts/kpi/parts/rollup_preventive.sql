with
    judged as (select * from {{ ref("kpi_sums_preventive") }}),

    periods as ({{ by_period("judged", "judged_date") }}),

    scopes as ({{ by_scope("periods", ["machine", "line", "plant"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    sum(due_qty) as due_qty,
    sum(on_time_qty) as on_time_qty,
    sum(undated_qty) as undated_qty
from scopes
group by plant_id, scope_type, scope_id, period_type, period_start_date
