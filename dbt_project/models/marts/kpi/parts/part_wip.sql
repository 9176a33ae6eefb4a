{#- One line per KPI: numerator, denominator, and why there is no figure when nothing lacks. -#}
{%- set kpis = {
    "wip_orders_mean": ("open_order_s", "period_s", "no time passed"),
    "littles_law_residual": (
        "open_order_s - lead_time_s",
        "open_order_s",
        "no order was under way",
    ),
} %}
with
    sums as (select * from {{ ref("rollup_wip") }}),

    shares as (
        select
            *,
            case
                when completed_order_qty > 0
                then
                    {{
                        ratio(
                            "(completed_order_qty - unreleased_order_qty)",
                            "completed_order_qty",
                        )
                    }}
                else 1.0
            end as release_coverage
        from sums
    )

{% for kpi_id, (numerator, denominator, nothing) in kpis.items() %}
        {{
            kpi_part(
                kpi_id,
                "shares",
                numerator,
                denominator,
                "release_coverage",
                "'completed orders without a release'",
                "'" ~ nothing ~ "'",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
