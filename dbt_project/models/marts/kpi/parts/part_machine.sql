{#-
    One line per KPI: numerator, denominator, share of what it needs that is known, what the rest
    lacks, and why there is no figure when there is none.
-#}
{%- set aubt_s = "apt_s + aust_s + adet_s + rework_s" %}
{#-
    No ratio of sums: NEE is the product of its three shares, each of the sums of its grain. That is
    OEE × (APT + AUST) / APT, and in this order never below OEE, not even by rounding.
-#}
{%- set stated = {
    "nee": ratio("known_good_ideal_s", "pbt_s")
    ~ " * "
    ~ ratio("(apt_s + aust_s)", "apt_s"),
} %}
{%- set kpis = {
    "availability": ("apt_s", "pbt_s", "time_coverage", "time_gap", "no_pbt"),
    "effectiveness": (
        "known_ideal_s",
        "apt_s",
        "rated_coverage",
        "rated_gap",
        "no_rate",
    ),
    "quality_ratio": (
        "known_good_ideal_s",
        "known_ideal_s",
        "output_coverage",
        "output_gap",
        "no_quality",
    ),
    "oee": ("known_good_ideal_s", "pbt_s", "output_coverage", "output_gap", "no_oee"),
    "nee": (
        "cast(null as double)",
        "pbt_s",
        "output_coverage",
        "output_gap",
        "no_nee",
    ),
    "oee_vorne": (
        "known_good_ideal_s",
        aubt_s,
        "output_coverage",
        "output_gap",
        "no_oee_vorne",
    ),
    "ooe": (
        "known_good_ideal_s",
        "pot_s - not_observed_s",
        "scheduled_output_coverage",
        "scheduled_output_gap",
        "no_ooe",
    ),
    "teep": (
        "any_time_good_ideal_s",
        "known_calendar_s",
        "any_time_output_coverage",
        "any_time_output_gap",
        "no_teep",
    ),
    "utilization_ratio": (
        "planned_busy_s",
        "known_calendar_s",
        "plan_coverage",
        "plan_gap",
        "no_pbt",
    ),
    "effectiveness_current_standard": (
        "known_current_ideal_s",
        "apt_s",
        "current_rated_coverage",
        "current_rated_gap",
        "no_current_rate",
    ),
    "oee_current_standard": (
        "known_good_current_ideal_s",
        "pbt_s",
        "current_output_coverage",
        "current_output_gap",
        "no_current_oee",
    ),
    "allocation_efficiency": (aubt_s, "pbt_s", "time_coverage", "time_gap", "no_pbt"),
    "utilization_efficiency": (
        "apt_s + unknown_apt_s",
        aubt_s + " + unknown_apt_s + unknown_aust_s + unknown_adet_s + unknown_rework_s",
        "busy_coverage",
        "time_gap",
        "no_busy_time",
    ),
    "setup_ratio": (
        "aust_s + unknown_aust_s",
        "apt_s + aust_s + unknown_apt_s + unknown_aust_s",
        "busy_coverage",
        "time_gap",
        "no_busy_time",
    ),
    "technical_efficiency": (
        "apt_s + unknown_apt_s",
        "apt_s + adet_s + unknown_apt_s + unknown_adet_s",
        "busy_coverage",
        "time_gap",
        "no_busy_time",
    ),
    "observed_time_ratio": (
        "pot_s - not_observed_s",
        "pot_s",
        "1.0",
        "time_gap",
        "no_pbt",
    ),
    "labelled_stop_ratio": (
        "labelled_stop_s",
        "stop_s",
        "1.0",
        "time_gap",
        "'no stop observed'",
    ),
    "rated_output_ratio": (
        "first_pass_produced_qty - produced_qty_without_standard",
        "first_pass_produced_qty",
        "1.0",
        "time_gap",
        "no_output",
    ),
    "mtbf_h": (
        "operating_h",
        "failure_qty",
        "any_time_coverage",
        "time_gap",
        "no_failure",
    ),
    "mttf_h": (
        "operating_h",
        "failure_qty + operating_machine_qty",
        "any_time_coverage",
        "time_gap",
        "'no operating time'",
    ),
} %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_machine_changes'), period_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_machine_changes") }} where is_changed),

    -- Without a plan, time spent producing may have been planned to be.
    sums as (
        select sums.*, sums.apt_s + sums.unknown_apt_s as possible_apt_s
        from {{ ref("rollup_machine") }} as sums
        inner join changed on {{ same_partition("sums", "changed", period_keys()) }}
    ),

    -- What is known of what a figure needs, as shares.
    shares as (
        select
            *,
            {{ ratio("operating_s", "3600") }} as operating_h,
            {{ ratio("pbt_s", "(pbt_s + not_observed_s)") }} as time_coverage,
            -- Failures happen at any time: of planned time the observed share, or, where
            -- none was planned, of all time.
            case
                when pot_s > 0
                then {{ ratio("(pot_s - not_observed_s)", "pot_s") }}
                else {{ ratio("observed_s", "calendar_s") }}
            end as any_time_coverage,
            -- Of all time, what counts is known as far as planned time was observed: outside shifts
            -- nobody owes a state. Without a plan, all time may have been planned.
            case
                when pot_s > 0
                then {{ ratio("(pot_s - not_observed_s)", "pot_s") }}
                when unknown_schedule_s > 0
                then {{ ratio("observed_s", "calendar_s") }}
                else 1.0
            end as expected_coverage,
            {{ ratio("(calendar_s - unknown_schedule_s)", "calendar_s") }} as calendar_coverage,
            calendar_s - not_observed_s - unknown_not_observed_s as known_calendar_s,
            case when pot_s > 0 or unknown_schedule_s = 0 then {{ aubt_s }} end as planned_busy_s,
            -- Shares of busy time need no plan: without one, nothing that was planned is missing.
            case
                when pot_s > 0
                then {{ ratio("(pbt_s)", "(pbt_s + not_observed_s)") }}
                when unknown_schedule_s > 0
                then 1.0
            end as busy_coverage,
            {{
                ratio(
                    "(first_pass_produced_qty - produced_qty_without_standard)",
                    "first_pass_produced_qty",
                )
            }} as standard_coverage,
            {{
                ratio(
                    "(first_pass_produced_qty - produced_qty_without_current_standard)",
                    "first_pass_produced_qty",
                )
            }} as current_standard_coverage,
            {{
                ratio(
                    "(first_pass_produced_qty - produced_qty_without_good)",
                    "first_pass_produced_qty",
                )
            }} as good_coverage,
            {{ ratio("(possible_apt_s - uncounted_apt_s)", "possible_apt_s") }} as counted_coverage,
            {{ ratio("(producing_s - uncounted_producing_s)", "producing_s") }}
            as any_time_counted_coverage
        from sums
    ),

    -- A figure is as well covered as the least known thing it needs.
    least_known as (
        select
            *,
            least(time_coverage, standard_coverage, counted_coverage) as rated_coverage,
            least(
                time_coverage, standard_coverage, counted_coverage, good_coverage
            ) as output_coverage,
            least(
                time_coverage, current_standard_coverage, counted_coverage
            ) as current_rated_coverage,
            least(
                time_coverage, current_standard_coverage, counted_coverage, good_coverage
            ) as current_output_coverage,
            least(
                expected_coverage, standard_coverage, counted_coverage, good_coverage
            ) as scheduled_output_coverage,
            least(
                expected_coverage, standard_coverage, any_time_counted_coverage, good_coverage
            ) as any_time_output_coverage,
            least(expected_coverage, calendar_coverage) as plan_coverage,
            case
                when producing_s > 0 and uncounted_producing_s = producing_s and counted_run_qty = 0
                then 'no output counted'
                when
                    first_pass_produced_qty > 0
                    and produced_qty_without_standard = first_pass_produced_qty
                then 'no standard rate'
            end as no_any_time_ideal,
            -- Nothing counted, or nothing with a standard: ideal time is unknown, not zero.
            case
                when possible_apt_s > 0 and uncounted_apt_s = possible_apt_s and counted_run_qty = 0
                then 'no output counted'
                when
                    first_pass_produced_qty > 0
                    and produced_qty_without_standard = first_pass_produced_qty
                then 'no standard rate'
            end as no_ideal,
            case
                when possible_apt_s > 0 and uncounted_apt_s = possible_apt_s and counted_run_qty = 0
                then 'no output counted'
                when
                    first_pass_produced_qty > 0
                    and produced_qty_without_current_standard = first_pass_produced_qty
                then 'no standard rate valid today'
            end as no_current_ideal,
            case
                when
                    first_pass_produced_qty > 0
                    and produced_qty_without_good = first_pass_produced_qty
                then 'good quantity not delivered'
            end as no_good
        from shares
    ),

    reasons as (
        select
            *,
            case when no_ideal is null then ideal_s end as known_ideal_s,
            case when no_current_ideal is null then current_ideal_s end as known_current_ideal_s,
            case
                when no_current_ideal is null and no_good is null then good_current_ideal_s
            end as known_good_current_ideal_s,
            case
                when no_ideal is null and no_good is null then good_ideal_s
            end as known_good_ideal_s,
            case
                when no_any_time_ideal is null and no_good is null then good_ideal_s
            end as any_time_good_ideal_s,
            case
                when pot_s = 0 and unknown_schedule_s > 0
                then 'no planned time: the plant has no shift calendar'
                when calendar_s = 0
                then 'no machine states delivered'
                when pot_s = 0
                then 'no planned time: nothing was scheduled'
                when not_observed_s > 0
                then 'planned time not observed'
                else 'no planned busy time: planned down'
            end as no_pbt,
            'planned time not observed' as time_gap,
            case
                when rated_coverage = time_coverage
                then 'planned time not observed'
                when rated_coverage = standard_coverage
                then 'output without a standard rate'
                else 'machines that count no output'
            end as rated_gap,
            case
                when output_coverage = time_coverage
                then 'planned time not observed'
                when output_coverage = standard_coverage
                then 'output without a standard rate'
                when output_coverage = counted_coverage
                then 'machines that count no output'
                else 'output without a good quantity'
            end as output_gap,
            case
                when current_rated_coverage = time_coverage
                then 'planned time not observed'
                when current_rated_coverage = current_standard_coverage
                then 'output without a standard rate valid today'
                else 'machines that count no output'
            end as current_rated_gap,
            case
                when current_output_coverage = time_coverage
                then 'planned time not observed'
                when current_output_coverage = current_standard_coverage
                then 'output without a standard rate valid today'
                when current_output_coverage = counted_coverage
                then 'machines that count no output'
                else 'output without a good quantity'
            end as current_output_gap,
            case
                when scheduled_output_coverage = expected_coverage
                then 'planned time not observed'
                when scheduled_output_coverage = standard_coverage
                then 'output without a standard rate'
                when scheduled_output_coverage = counted_coverage
                then 'machines that count no output'
                else 'output without a good quantity'
            end as scheduled_output_gap,
            case
                when any_time_output_coverage = expected_coverage and pot_s > 0
                then 'planned time not observed'
                when any_time_output_coverage = expected_coverage
                then 'time not observed'
                when any_time_output_coverage = standard_coverage
                then 'output without a standard rate'
                when any_time_output_coverage = any_time_counted_coverage
                then 'machines that count no output'
                else 'output without a good quantity'
            end as any_time_output_gap,
            case
                when plan_coverage = expected_coverage
                then 'planned time not observed'
                else 'time without a shift calendar'
            end as plan_gap
        from least_known
    ),

    explained as (
        select
            *,
            case when pbt_s > 0 then 'no production time' else no_pbt end as no_busy_time,
            coalesce(
                case when apt_s > 0 then no_ideal end,
                case when pbt_s > 0 then 'no production time' else no_pbt end
            ) as no_rate,
            coalesce(no_ideal, no_good, 'no output counted') as no_quality,
            coalesce(
                case when apt_s > 0 then no_current_ideal end,
                case when pbt_s > 0 then 'no production time' else no_pbt end
            ) as no_current_rate,
            coalesce(
                case when pbt_s > 0 then coalesce(no_current_ideal, no_good) end, no_pbt
            ) as no_current_oee,
            coalesce(case when pbt_s > 0 then coalesce(no_ideal, no_good) end, no_pbt) as no_oee,
            coalesce(
                case when pbt_s > 0 then coalesce(no_ideal, no_good, 'no production time') end,
                no_pbt
            ) as no_nee,
            coalesce(
                case
                    when {{ aubt_s }} > 0
                    then coalesce(no_ideal, no_good)
                    when pbt_s > 0
                    then 'no planned production time: no orders'
                end,
                no_pbt
            ) as no_oee_vorne,
            coalesce(
                case when pot_s > not_observed_s then coalesce(no_ideal, no_good) end, no_pbt
            ) as no_ooe,
            coalesce(
                case when known_calendar_s > 0 then coalesce(no_any_time_ideal, no_good) end,
                case
                    when calendar_s = 0
                    then 'no machine states delivered'
                    else 'planned time not observed'
                end
            ) as no_teep,
            'no output counted' as no_output,
            case
                when operating_s = 0
                then 'no operating time'
                else
                    concat(
                        'no failure in ',
                        cast(cast(operating_h as decimal(18, 1)) as {{ dbt.type_string() }}),
                        ' h: above ',
                        -- With a shorter mean it would have failed by now nine times in ten:
                        -- 0.434294 is one over the natural logarithm of 10.
                        cast(
                            cast(
                                operating_h * 0.434294 as decimal(18, 1)
                            ) as {{ dbt.type_string() }}
                        ),
                        ' h with 90 % confidence'
                    )
            end as no_failure
        from reasons
    )

{% for kpi_id, (numerator, denominator, coverage, gap, no_value) in kpis.items() %}
        {{
            kpi_part(
                kpi_id,
                "explained",
                numerator,
                denominator,
                coverage,
                gap,
                no_value,
                stated=stated.get(kpi_id, "null"),
                shift_id="shift_id",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
