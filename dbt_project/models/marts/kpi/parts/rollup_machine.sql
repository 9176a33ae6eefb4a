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
    "unknown_apt_s",
    "unknown_aust_s",
    "unknown_adet_s",
    "unknown_rework_s",
    "unknown_not_observed_s",
    "producing_s",
    "operating_s",
    "observed_s",
    "stop_s",
    "labelled_stop_s",
    "calendar_s",
    "failure_qty",
    "uncounted_apt_s",
    "uncounted_producing_s",
    "run_qty",
    "counted_run_qty",
    "produced_qty",
    "good_qty",
    "scrap_qty",
    "rework_qty",
    "first_pass_produced_qty",
    "first_pass_good_qty",
    "first_pass_rework_qty",
    "produced_qty_without_standard",
    "produced_qty_without_good",
    "ideal_s",
    "good_ideal_s",
    "produced_qty_without_current_standard",
    "current_ideal_s",
    "good_current_ideal_s",
] %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_machine_changes'), period_keys()) }}",
    )
}}

with
    machine_shifts as (select * from {{ ref("rollup_machine_shift") }}),
    changed as (select * from {{ ref("rollup_machine_changes") }} where is_changed),

    -- Shifts and days first: weeks and months add up a few days instead of every shift again.
    machine_days as (
        select
            plant_id,
            machine_id,
            line_id,
            production_date
            {%- for measure in measures %}, sum({{ measure }}) as {{ measure }} {%- endfor %}
        from machine_shifts
        group by plant_id, machine_id, line_id, production_date
    ),

    periods as (
        -- Time outside shifts is no shift that anybody reports on.
        select
            'shift' as period_type,
            production_date as period_start_date,
            shift_id,
            plant_id,
            machine_id,
            line_id
            {%- for measure in measures %}, {{ measure }}{% endfor %}
        from machine_shifts
        where shift_kind = 'shift'
        {%- for period in ["day", "week", "month"] %}
            union all
            select
                '{{ period }}' as period_type,
                {{ period_start(period, "production_date") }} as period_start_date,
                cast(null as {{ dbt.type_string() }}) as shift_id,
                plant_id,
                machine_id,
                line_id
                {%- for measure in measures %}, {{ measure }}{% endfor %}
            from machine_days
        {%- endfor %}
    ),

    changed_periods as ({{ changed_rows("periods", period_keys()) }}),

    scopes as ({{ by_scope("changed_periods", ["machine", "line", "plant"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    shift_id,
    count(distinct case when operating_s > 0 then machine_id end) as operating_machine_qty
    {%- for measure in measures %}, sum({{ measure }}) as {{ measure }} {%- endfor %}
from scopes
group by plant_id, scope_type, scope_id, period_type, period_start_date, shift_id
