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
    -- Time outside shifts is no shift that anybody reports on.
    machine_shifts as (
        {{ changed_rows(ref("rollup_machine_shift"), date_keys()) }} where shift_kind = 'shift'
    ),
    kpi_values as (
        select kpi_values.*
        from {{ ref("kpi_values") }} as kpi_values
        inner join
            changed
            on changed.plant_id = kpi_values.plant_id
            and changed.production_date = kpi_values.period_start_date
        where kpi_values.scope_type = 'machine' and kpi_values.period_type = 'shift'
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
    {{ surrogate_key(["machine_shifts.machine_key", "machine_shifts.shift_key"]) }}
    as oee_shift_key,
    machine_shifts.plant_id,
    machine_shifts.machine_key,
    machine_shifts.machine_id,
    machine_shifts.line_id,
    machine_shifts.production_date,
    machine_shifts.shift_key,
    machine_shifts.shift_id,
    machine_shifts.shift_code,
    {%- for measure in measures + quantities %}
        cast(machine_shifts.{{ measure }} as decimal(18, 6)) as {{ measure }},
    {%- endfor %}
    {%- for measure in ideal_times %}
        cast(machine_shifts.{{ measure }} as decimal(38, 12)) as {{ measure }},
    {%- endfor %}
    ratios.availability_ratio,
    ratios.effectiveness_ratio,
    ratios.quality_ratio,
    ratios.oee_ratio,
    ratios.oee_coverage_ratio,
    ratios.oee_withheld_reason,
    {{ performance_flag("outside_shift_ideal_s") }} as performance_flag
from machine_shifts
left join
    ratios
    on ratios.plant_id = machine_shifts.plant_id
    and ratios.scope_id = machine_shifts.machine_id
    and ratios.period_start_date = machine_shifts.production_date
    and ratios.shift_id = machine_shifts.shift_id
