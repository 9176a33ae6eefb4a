{#-
    One line per KPI: numerator, denominator, share of what it needs that is known, what the rest
    lacks, why there is no figure when there is none, and for which plants it is asked at all.
-#}
{%- set kpis = {
    "mttr_h": (
        ratio("repair_s", "3600"),
        "measured_breakdown_qty",
        ratio("measured_breakdown_qty", "breakdown_qty"),
        "'breakdown orders without a start'",
        "without_start",
        "true",
    ),
    "corrective_maintenance_ratio": (
        "corrective_s",
        "corrective_s + preventive_s",
        ratio("measured_classified_qty", "classified_qty"),
        "'orders without a work time'",
        "'no finished order with a work time'",
        "true",
    ),
    "time_to_detect_h": (
        ratio("phase_detect_s", "3600"),
        "phase_detect_qty",
        ratio("phase_detect_qty", "breakdown_qty"),
        "'breakdown orders without a stop of their machine'",
        "without_stop",
        "is_failure_seen",
    ),
    "time_to_respond_h": (
        ratio("phase_respond_s", "3600"),
        "phase_respond_qty",
        ratio("phase_respond_qty", "breakdown_qty"),
        "'breakdown orders without a response'",
        "without_response",
        "true",
    ),
    "waiting_time_h": (
        ratio("phase_waiting_s", "3600"),
        "phase_waiting_qty",
        ratio("phase_waiting_qty", "breakdown_qty"),
        "'breakdown orders that do not state the waiting'",
        "without_waiting",
        "is_waiting_stated",
    ),
    "repair_time_h": (
        ratio("phase_repair_s", "3600"),
        "phase_repair_qty",
        ratio("phase_repair_qty", "breakdown_qty"),
        "'breakdown orders that do not state the waiting'",
        "without_waiting",
        "is_waiting_stated",
    ),
    "planned_work_ratio": (
        ratio("planned_work_labour_s", "3600"),
        ratio("classified_labour_s", "3600"),
        ratio("classified_labour_qty", "finished_order_qty"),
        "'orders without labour, or not said to be planned or not'",
        "'no finished order with labour that says whether it was planned'",
        "is_planning_stated",
    ),
} %}
with
    sums as (select * from {{ ref("rollup_maintenance") }}),

    explained as (
        select
            *
            {%- for name, gap in [
                ("without_start", "breakdown orders without a start"),
                ("without_stop", "breakdown orders without a stop of their machine"),
                ("without_response", "breakdown orders without a response"),
                ("without_waiting", "breakdown orders that do not state the waiting"),
            ] %}
                ,
                case
                    when breakdown_qty > 0 then '{{ gap }}' else 'no finished breakdown order'
                end as {{ name }}
            {%- endfor %}
        from sums
    )

{% for kpi_id, (numerator, denominator, coverage, gap, no_value, asked) in kpis.items() %}
        {{
            kpi_part(
                kpi_id, "explained", numerator, denominator, coverage, gap, no_value, where=asked
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
