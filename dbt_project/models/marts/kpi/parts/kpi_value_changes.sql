with
    targets as (select * from {{ ref("mart_kpi_targets") }} where status is not null),
    signals as (select * from {{ ref("mart_kpi_signals") }} where raised_rules is not null),
    figures as (select * from {{ ref("kpi_figure_changes") }} where digest is not null),

    parts_of_periods as (
        select plant_id, period_type, period_start_date, digest
        from figures
        union all
        select
            plant_id,
            period_type,
            period_start_date,
            sum(cast({{ hash_of(["kpi_values_id", "target_value"]) }} as decimal(38, 0))) as digest
        from targets
        group by plant_id, period_type, period_start_date
        union all
        select
            plant_id,
            period_type,
            period_start_date,
            sum(
                cast(
                    {{ hash_of(["kpi_values_id", "raised_rules", "signal_side"]) }} as decimal(
                        38, 0
                    )
                )
            ) as digest
        from signals
        group by plant_id, period_type, period_start_date
    ),

    digests as (
        select plant_id, period_type, period_start_date, sum(digest) as digest
        from parts_of_periods
        group by plant_id, period_type, period_start_date
    )

    {{ changes_of("digests", period_keys()) }}
