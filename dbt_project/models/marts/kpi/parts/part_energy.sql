with
    sums as (select * from {{ ref("rollup_energy") }}),

    shares as (
        select
            *,
            {{ ratio("metered_qty", "produced_qty") }} as metered_coverage,
            {{ ratio("counted_run_qty", "run_qty") }} as counted_coverage
        from sums
    ),

    explained as (
        select
            *,
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
    )

    {{
        kpi_part(
            "comprehensive_energy_consumption",
            "explained",
            "energy_kwh",
            "produced_qty",
            "coverage_ratio",
            "coverage_gap",
            "no_value_reason",
        )
    }}
