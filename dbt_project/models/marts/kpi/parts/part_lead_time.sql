{#-
    One line per KPI: roll-up, numerator, stated value, orders it needs, what the rest lacks, and
    why there is no figure when nothing lacks. A median is no ratio of sums, so it is stated; its
    numerator stays empty for all to see.
-#}
{%- set no_release = "completed orders without a release" %}
{%- set kpis = {
    "lead_time_median_h": (
        "sums",
        none,
        "median_s",
        "measured_order_qty",
        no_release,
        none,
    ),
    "lead_time_mean_h": (
        "sums",
        "lead_time_s",
        none,
        "measured_order_qty",
        no_release,
        none,
    ),
    "lead_time_p85_h": ("sums", none, "p85_s", "measured_order_qty", no_release, none),
    "lead_time_p95_h": ("sums", none, "p95_s", "measured_order_qty", no_release, none),
    "lead_time_working_h": (
        "sums",
        "working_s",
        none,
        "worked_order_qty",
        "completed orders without a release or outside the shift calendar",
        none,
    ),
    "lead_time_by_release_median_h": (
        "cohorts",
        none,
        "median_s",
        "measured_order_qty",
        no_release,
        "more than half still open",
    ),
    "lead_time_restricted_mean_h": (
        "cohorts",
        none,
        "restricted_mean_s",
        "measured_order_qty",
        no_release,
        none,
    ),
} %}
with
    sums as (select *, completed_order_qty as order_qty from {{ ref("rollup_lead_time") }}),
    cohorts as (select * from {{ ref("rollup_release_cohort") }})

{% for kpi_id, (rollup, numerator, stated, measured, gap, nothing) in kpis.items() %}
        {{
            kpi_part(
                kpi_id,
                rollup,
                ratio(numerator, "3600") if numerator else "null",
                measured,
                ratio(measured, "order_qty"),
                "'" ~ gap ~ "'",
                "case when "
                ~ measured
                ~ " > 0 then '"
                ~ (nothing or gap)
                ~ "' else '"
                ~ gap
                ~ "' end",
                stated=ratio(stated, "3600") if stated else "null",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
