{#-
    One line per KPI: numerator, denominator, coverage, what the rest lacks, and why there is no
    figure when nothing lacks.
-#}
{%- set no_times = "orders without a release or times of their operations" %}
{%- set kpis = {
    "allocation_ratio": (
        "aubt_s",
        "busy_execution_s",
        "busy_coverage",
        no_times,
        "no time passed",
    ),
    "throughput_rate": (
        "produced_qty",
        ratio("made_execution_s", "3600"),
        ratio("made_order_qty", "order_qty"),
        "orders without a release or a produced quantity",
        "no time passed",
    ),
    "production_process_ratio": (
        "apt_s",
        "busy_execution_s",
        "busy_coverage",
        no_times,
        "no time passed",
    ),
    "actual_to_planned_scrap_ratio": (
        "scrap_qty",
        "planned_scrap_qty",
        ratio("planned_operation_qty", "operation_qty"),
        "operations without planned or counted scrap",
        "no scrap was planned",
    ),
    "fall_off_ratio": (
        "first_scrap_qty",
        "first_produced_qty",
        ratio("first_counted_order_qty", "order_qty"),
        "orders whose first operation was not counted",
        "nothing produced",
    ),
    "queue_ratio": (
        "queue_s",
        "execution_s",
        ratio("executed_order_qty", "order_qty"),
        "orders without a release or times of their operations",
        "no time passed",
    ),
    "process_cycle_efficiency": (
        "lead_apt_s",
        "lead_time_s",
        "lead_coverage",
        no_times,
        "no time passed",
    ),
} %}
with
    sums as (select * from {{ ref("rollup_order") }}),

    -- Orders with all their times, and of these what was observed of the time.
    shares as (
        select
            *,
            least(
                {{ ratio("busy_order_qty", "order_qty") }},
                greatest(
                    {{ ratio("(busy_execution_s - not_observed_s)", "busy_execution_s") }}, 0.0
                )
            ) as busy_coverage,
            least(
                {{ ratio("lead_order_qty", "order_qty") }},
                greatest({{ ratio("(lead_time_s - lead_not_observed_s)", "lead_time_s") }}, 0.0)
            ) as lead_coverage
        from sums
    )

{% for kpi_id, (numerator, denominator, coverage, gap, nothing) in kpis.items() %}
        {{
            kpi_part(
                kpi_id,
                "shares",
                numerator,
                denominator,
                coverage,
                "'" ~ gap ~ "'",
                "case when " ~ coverage ~ " > 0 then '" ~ nothing ~ "' else '" ~ gap ~ "' end",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
