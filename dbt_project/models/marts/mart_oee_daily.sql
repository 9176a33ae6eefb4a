{%- set measures = [
    "pot_s",
    "pbt_s",
    "apt_s",
    "aust_s",
    "adet_s",
    "rework_s",
    "adot_s",
    "pdot_s",
    "not_observed_s",
    "unscheduled_busy_s",
    "unknown_schedule_s",
] %}
{%- set quantities = [
    "produced_qty",
    "good_qty",
    "scrap_qty",
    "rework_qty",
    "first_pass_produced_qty",
    "first_pass_good_qty",
    "first_pass_rework_qty",
] %}
{%- set ideal_times = ["ideal_s", "good_ideal_s"] %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_date_changes") }} where is_changed),
    machine_shifts as ({{ changed_rows(ref("rollup_machine_shift"), date_keys()) }}),
    kpi_values as (
        select kpi_values.*
        from {{ ref("kpi_values") }} as kpi_values
        inner join
            changed
            on changed.plant_id = kpi_values.plant_id
            and changed.production_date = kpi_values.period_start_date
        where kpi_values.scope_type = 'machine' and kpi_values.period_type = 'day'
    ),

    machine_days as (
        select
            plant_id,
            machine_key,
            machine_id,
            line_id,
            production_date
            {%- for measure in measures + quantities %}
                , cast(sum({{ measure }}) as decimal(18, 6)) as {{ measure }}
            {%- endfor %}
            {%- for measure in ideal_times %}
                , cast(sum({{ measure }}) as decimal(38, 12)) as {{ measure }}
            {%- endfor %},
            sum(run_s) as run_s,
            sum(outside_day_ideal_s) as outside_day_ideal_s
        from machine_shifts
        group by plant_id, machine_key, machine_id, line_id, production_date
    ),

    ratios as (
        {{
            kpi_columns(
                "kpi_values",
                {
                    "availability": "availability_ratio",
                    "effectiveness": "effectiveness_ratio",
                    "quality_ratio": "quality_ratio",
                    "oee": "oee_ratio",
                },
                {"oee": "oee"},
            )
        }}
    )

select
    {{ surrogate_key(["machine_days.machine_key", "machine_days.production_date"]) }}
    as oee_daily_key,
    machine_days.plant_id,
    machine_days.machine_key,
    machine_days.machine_id,
    machine_days.line_id,
    machine_days.production_date,
    {%- for measure in measures + quantities + ideal_times %}
        machine_days.{{ measure }},
    {%- endfor %}
    ratios.availability_ratio,
    ratios.effectiveness_ratio,
    ratios.quality_ratio,
    ratios.oee_ratio,
    ratios.oee_coverage_ratio,
    ratios.oee_withheld_reason,
    {{ performance_flag("outside_day_ideal_s") }} as performance_flag
from machine_days
left join
    ratios
    on ratios.plant_id = machine_days.plant_id
    and ratios.scope_id = machine_days.machine_id
    and ratios.period_start_date = machine_days.production_date
