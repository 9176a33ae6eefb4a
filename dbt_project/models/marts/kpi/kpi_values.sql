{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('kpi_value_changes'), period_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("kpi_value_changes") }} where is_changed),
    figures as ({{ changed_rows(ref("kpi_figures"), period_keys()) }}),
    targets as (select * from {{ ref("mart_kpi_targets") }} where status is not null),
    signals as (select * from {{ ref("mart_kpi_signals") }} where raised_rules is not null)

select
    figures.kpi_values_id,
    figures.plant_id,
    figures.kpi_id,
    figures.scope_type,
    figures.scope_id,
    figures.period_type,
    figures.period_start_date,
    figures.shift_id,
    figures.numerator,
    figures.denominator,
    figures.value,
    figures.coverage_ratio,
    figures.is_withheld,
    figures.withheld_reason,
    figures.unit,
    targets.target_value,
    case
        when signals.kpi_values_id is not null
        then concat(signals.raised_rules, ' ', signals.signal_side)
    end as signal
from figures
left join targets on targets.kpi_values_id = figures.kpi_values_id
left join signals on signals.kpi_values_id = figures.kpi_values_id
