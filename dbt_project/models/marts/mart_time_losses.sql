{#-
    What became of a machine's time. Each bucket: seconds, which of the six big losses it is, and
    how the definitions of OEE treat it: in the denominator of OEE, of OEE (Nakajima, Vorne), of
    OOE, of TEEP, a loss for NEE, fully productive.
-#}
{%- set buckets = {
    "not_observed": (
        "not_observed_s + unknown_not_observed_s",
        none,
        false,
        false,
        false,
        false,
        false,
        false,
    ),
    "schedule_unknown": (
        "unknown_schedule_s - unknown_not_observed_s - unknown_good_ideal_s",
        none,
        false,
        false,
        false,
        true,
        false,
        false,
    ),
    "not_scheduled": (
        "unscheduled_s - unscheduled_good_ideal_s",
        none,
        false,
        false,
        false,
        true,
        false,
        false,
    ),
    "planned_down": ("pdot_s", none, false, false, true, true, false, false),
    "no_order": ("adot_s", none, true, false, true, true, true, false),
    "breakdowns": ("breakdown_s", "breakdowns", true, true, true, true, true, false),
    "other_delays": ("other_delay_s", none, true, true, true, true, true, false),
    "setup": ("aust_s", "setup and adjustments", true, true, true, true, false, false),
    "minor_stops": (
        "minor_stop_s",
        "idling and minor stops",
        true,
        true,
        true,
        true,
        true,
        false,
    ),
    "reduced_speed": (
        "case when is_rated then apt_s - ideal_s else 0 end",
        "reduced speed",
        true,
        true,
        true,
        true,
        true,
        false,
    ),
    "speed_unknown": (
        "case when is_rated then 0 else apt_s - ideal_s end",
        none,
        true,
        true,
        true,
        true,
        true,
        false,
    ),
    "rework_time": ("rework_s", "process defects", true, true, true, true, true, false),
    "scrapped_output": (
        "ideal_s - unjudged_ideal_s - good_ideal_s - rework_ideal_s",
        "process defects",
        true,
        true,
        true,
        true,
        true,
        false,
    ),
    "reworked_output": (
        "rework_ideal_s",
        "process defects",
        true,
        true,
        true,
        true,
        true,
        false,
    ),
    "quality_unknown": ("unjudged_ideal_s", none, true, true, true, true, true, false),
    "fully_productive": ("good_ideal_s", none, true, true, true, true, false, true),
    "productive_outside_shifts": (
        "unscheduled_good_ideal_s + unknown_good_ideal_s",
        none,
        false,
        false,
        false,
        true,
        false,
        true,
    ),
} %}
{%- set planned = ["ideal_s", "good_ideal_s", "rework_ideal_s", "unjudged_ideal_s"] %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_date_changes") }} where is_changed),
    machine_shifts as ({{ changed_rows(ref("rollup_machine_shift"), date_keys()) }}),

    machine_days as (
        select
            plant_id,
            machine_key,
            machine_id,
            line_id,
            production_date,
            sum(pdot_s) as pdot_s,
            sum(adot_s) as adot_s,
            sum(apt_s) as apt_s,
            sum(aust_s) as aust_s,
            sum(breakdown_s) as breakdown_s,
            sum(minor_stop_s) as minor_stop_s,
            sum(other_delay_s) as other_delay_s,
            sum(rework_s) as rework_s,
            sum(not_observed_s) as not_observed_s,
            sum(unscheduled_s) as unscheduled_s,
            sum(unknown_schedule_s) as unknown_schedule_s,
            sum(unknown_not_observed_s) as unknown_not_observed_s,
            {%- for measure in planned %}
                sum(case when shift_kind = 'shift' then {{ measure }} else 0 end) as {{ measure }},
            {%- endfor %}
            -- What was made outside shifts takes its ideal time out of the time there.
            sum(
                case
                    when shift_kind <> 'shift' and unknown_schedule_s = 0 then good_ideal_s else 0
                end
            ) as unscheduled_good_ideal_s,
            sum(
                case
                    when shift_kind <> 'shift' and unknown_schedule_s > 0 then good_ideal_s else 0
                end
            ) as unknown_good_ideal_s,
            -- How fast it ran is known where everything in shifts was counted and has a standard.
            sum(
                case
                    when
                        shift_kind = 'shift'
                        and (
                            uncounted_apt_s > 0
                            or run_qty > counted_run_qty
                            or produced_qty_without_standard > 0
                        )
                    then 1
                    else 0
                end
            )
            = 0 as is_rated
        from machine_shifts
        group by plant_id, machine_key, machine_id, line_id, production_date
        having sum(calendar_s) > 0
    ),

    buckets as (
        {%- for bucket, (_, big_loss, oee, vorne, ooe, teep, nee, good) in buckets.items() %}
            select
                {{ loop.index }} as bucket_no,
                '{{ bucket }}' as loss_bucket,
                {% if big_loss %} '{{ big_loss }}'
                {%- else %} cast(null as {{ dbt.type_string() }})
                {%- endif %} as big_loss,
                {{ oee }} as in_oee_denominator,
                {{ vorne }} as in_oee_vorne_denominator,
                {{ ooe }} as in_ooe_denominator,
                {{ teep }} as in_teep_denominator,
                {{ nee }} as is_nee_loss,
                {{ good }} as is_fully_productive
            {% if not loop.last %}
                union all
            {% endif %}
        {%- endfor %}
    )

select
    {{
        surrogate_key(
            [
                "machine_days.machine_key",
                "machine_days.production_date",
                "buckets.loss_bucket",
            ]
        )
    }} as time_losses_key,
    machine_days.plant_id,
    machine_days.machine_key,
    machine_days.machine_id,
    machine_days.line_id,
    machine_days.production_date,
    cast(buckets.bucket_no as integer) as bucket_no,
    buckets.loss_bucket,
    buckets.big_loss,
    -- Cast one by one: a case over several scales of decimals takes the coarsest.
    case
        buckets.loss_bucket
        {%- for bucket, definition in buckets.items() %}
            when '{{ bucket }}' then cast({{ definition[0] }} as decimal(38, 12))
        {%- endfor %}
    end as duration_s,
    buckets.in_oee_denominator,
    buckets.in_oee_vorne_denominator,
    buckets.in_ooe_denominator,
    buckets.in_teep_denominator,
    buckets.is_nee_loss,
    buckets.is_fully_productive
from machine_days
cross join buckets
