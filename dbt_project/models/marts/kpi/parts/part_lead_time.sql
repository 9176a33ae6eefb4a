with sums as (select * from {{ ref("rollup_lead_time") }})

-- A median is no ratio of sums, so it is stated; its numerator stays empty for all to see.
select
    'lead_time_median_h' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    cast(null as double) as numerator,
    cast(measured_order_qty as double) as denominator,
    {{ ratio("median_s", "3600") }} as stated_value,
    {{ ratio("measured_order_qty", "completed_order_qty") }} as coverage_ratio,
    'completed orders without a release' as coverage_gap,
    'no release date delivered' as no_value_reason
from sums
union all
select
    'lead_time_mean_h' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    {{ ratio("lead_time_s", "3600") }} as numerator,
    cast(measured_order_qty as double) as denominator,
    cast(null as double) as stated_value,
    {{ ratio("measured_order_qty", "completed_order_qty") }} as coverage_ratio,
    'completed orders without a release' as coverage_gap,
    'no release date delivered' as no_value_reason
from sums
