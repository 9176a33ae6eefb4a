with sums as (select * from {{ ref("rollup_demand") }})

select
    'takt_time_s' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    cast(working_s as double) as numerator,
    -- Pieces and kilograms have no sum.
    cast(case when uom_qty = 1 then demanded_qty end as double) as denominator,
    cast(null as double) as stated_value,
    case when working_s is not null then 1.0 end as coverage_ratio,
    cast(null as {{ dbt.type_string() }}) as coverage_gap,
    case
        when uom_qty > 1
        then 'demand in several units'
        when working_s is null
        then 'no shift calendar, or days outside of it'
        else 'nothing demanded'
    end as no_value_reason
from sums
