with sums as (select * from {{ ref("rollup_preventive") }})

select
    'pm_compliance_ratio' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    cast(on_time_qty as double) as numerator,
    cast(due_qty as double) as denominator,
    cast(null as double) as stated_value,
    {{ ratio("due_qty", "(due_qty + undated_qty)") }} as coverage_ratio,
    'preventive orders without a due date' as coverage_gap,
    'no preventive order with a due date' as no_value_reason
from sums
