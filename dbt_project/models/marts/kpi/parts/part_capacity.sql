with
    sums as (select * from {{ ref("rollup_capacity") }}),

    shares as (
        select
            *,
            {{ ratio("rated_pot_s", "pot_s") }} as rated_coverage,
            {{ ratio("(pot_s - not_observed_s)", "pot_s") }} as time_coverage,
            -- Where nothing ran, nothing is left to count.
            coalesce({{ ratio("counted_run_qty", "run_qty") }}, 1.0) as counted_coverage
        from sums
    ),

    least_known as (
        select *, least(rated_coverage, time_coverage, counted_coverage) as coverage_ratio
        from shares
    ),

    explained as (
        select
            *,
            case
                when coverage_ratio = rated_coverage
                then 'machines without a rated capacity'
                when coverage_ratio = time_coverage
                then 'planned time not observed'
                else 'runs without a quantity'
            end as coverage_gap,
            case
                when pot_s > 0
                then 'no rated capacity delivered'
                else 'no planned time: nothing was scheduled'
            end as no_value_reason
        from least_known
    )

    {{
        kpi_part(
            "equipment_load_ratio",
            "explained",
            "rated_produced_qty",
            "capacity_qty",
            "coverage_ratio",
            "coverage_gap",
            "no_value_reason",
            shift_id="shift_id",
        )
    }}
