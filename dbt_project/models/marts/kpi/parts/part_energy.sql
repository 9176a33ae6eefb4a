with
    sums as (select * from {{ ref("rollup_energy") }}),

    shares as (
        select
            *,
            {{ ratio("metered_qty", "produced_qty") }} as metered_coverage,
            {{ ratio("counted_run_qty", "run_qty") }} as counted_coverage
        from sums
    )

select
    'comprehensive_energy_consumption' as kpi_id,
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    cast(null as {{ dbt.type_string() }}) as shift_id,
    cast(energy_kwh as double) as numerator,
    cast(produced_qty as double) as denominator,
    cast(null as double) as stated_value,
    least(metered_coverage, counted_coverage) as coverage_ratio,
    case
        when metered_coverage <= counted_coverage
        then 'output whose energy no meter counted'
        else 'runs without a quantity'
    end as coverage_gap,
    case
        when energy_kwh is null then 'no energy metered' else 'no output counted'
    end as no_value_reason
from shares
