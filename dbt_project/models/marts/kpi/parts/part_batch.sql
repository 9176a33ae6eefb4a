with sums as (select * from {{ ref("rollup_batch") }})

select
    'epei_days' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    {{ ratio("interval_s", "86400") }} as numerator,
    cast(interval_qty as double) as denominator,
    cast(null as double) as stated_value,
    {{ ratio("known_run_qty", "run_qty") }} as coverage_ratio,
    'runs without an item' as coverage_gap,
    'no item was made a second time' as no_value_reason
from sums
