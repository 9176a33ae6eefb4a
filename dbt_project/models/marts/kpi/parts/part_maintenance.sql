with sums as (select * from {{ ref("rollup_maintenance") }})

select
    'mttr_h' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    {{ ratio("repair_s", "3600") }} as numerator,
    cast(measured_breakdown_qty as double) as denominator,
    cast(null as double) as stated_value,
    {{ ratio("measured_breakdown_qty", "breakdown_qty") }} as coverage_ratio,
    'breakdown orders without a start' as coverage_gap,
    case
        when breakdown_qty > 0
        then 'breakdown orders without a start'
        else 'no finished breakdown order'
    end as no_value_reason
from sums
union all
select
    'corrective_maintenance_ratio' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    cast(corrective_s as double) as numerator,
    cast(corrective_s + preventive_s as double) as denominator,
    cast(null as double) as stated_value,
    {{ ratio("measured_classified_qty", "classified_qty") }} as coverage_ratio,
    'orders without a work time' as coverage_gap,
    'no finished order with a work time' as no_value_reason
from sums
