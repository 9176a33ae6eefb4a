with
    rated_shifts as (select * from {{ ref("kpi_sums_capacity") }}),

    periods as (
        {{ by_period("rated_shifts", "production_date", ["shift", "day", "week", "month"]) }}
    ),

    scopes as ({{ by_scope("periods", ["machine", "line", "plant"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    period_shift_id as shift_id,
    sum(pot_s) as pot_s,
    sum(rated_pot_s) as rated_pot_s,
    sum(not_observed_s) as not_observed_s,
    sum(run_qty) as run_qty,
    sum(counted_run_qty) as counted_run_qty,
    sum(rated_produced_qty) as rated_produced_qty,
    sum(capacity_qty) as capacity_qty
from scopes
group by plant_id, scope_type, scope_id, period_type, period_start_date, period_shift_id
