with sums as (select * from {{ ref("rollup_labour") }})

select
    'worker_efficiency' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    shift_id,
    case when is_work_recorded then cast(attended_apwt_s as double) end as numerator,
    cast(apat_s as double) as denominator,
    cast(null as double) as stated_value,
    case
        when apwt_s > 0
        then {{ ratio("attended_apwt_s", "apwt_s") }}
        when is_work_recorded and apat_s > 0
        then 1.0
    end as coverage_ratio,
    'work of people who were not logged in' as coverage_gap,
    case
        when apat_s > 0 then 'no work time delivered' else 'no attendance delivered'
    end as no_value_reason
from sums
