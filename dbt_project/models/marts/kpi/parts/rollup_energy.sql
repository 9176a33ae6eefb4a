with
    scopes as (select * from {{ ref("kpi_sums_energy") }}),

    periods as ({{ by_period("scopes", "production_date") }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    sum(energy_kwh) as energy_kwh,
    sum(produced_qty) as produced_qty,
    sum(metered_qty) as metered_qty,
    sum(run_qty) as run_qty,
    sum(counted_run_qty) as counted_run_qty
from periods
group by plant_id, scope_type, scope_id, period_type, period_start_date
