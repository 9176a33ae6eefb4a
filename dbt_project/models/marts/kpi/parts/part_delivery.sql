{#-
    One line per KPI: whose lines, numerator, denominator, what it would need to know, what the
    rest lacks, and why there is no figure when nothing was there to be judged.
-#}
{%- set kpis = {
    "otif_ratio": (
        "sales",
        "on_time_in_full_line_qty",
        "judged_line_qty",
        "due_line_qty",
        "lines without a first promise, a delivery time or a quantity",
        "no line due",
    ),
    "otd_ratio": (
        "sales",
        "on_time_line_qty",
        "timed_line_qty",
        "due_line_qty",
        "lines without a first promise or a delivery time",
        "no line due",
    ),
    "in_full_ratio": (
        "sales",
        "in_full_line_qty",
        "counted_line_qty",
        "due_line_qty",
        "lines without a delivered quantity",
        "no line due",
    ),
    "perfect_order_ratio": (
        "sales",
        "perfect_order_qty",
        "judged_order_qty",
        "due_order_qty",
        "orders whose timing, quantity, condition or documents are not known",
        "no order due",
    ),
    "order_fulfilment_cycle_time_h": (
        "sales",
        ratio("cycle_s", "3600"),
        "measured_line_qty",
        "done_line_qty",
        "deliveries without a quantity or before their order",
        "no line delivered",
    ),
    "supplier_otd_ratio": (
        "purchase",
        "on_time_line_qty",
        "timed_line_qty",
        "due_line_qty",
        "lines without a first promise or a receipt time",
        "no line due",
    ),
    "supplier_lead_time_h": (
        "purchase",
        ratio("cycle_s", "3600"),
        "measured_line_qty",
        "done_line_qty",
        "receipts without a quantity or before their order",
        "no line received",
    ),
} %}
with sums as (select * from {{ ref("rollup_delivery") }})

{% for kpi_id, (line_kind, numerator, denominator, needed, gap, nothing) in kpis.items() %}
        {{
            kpi_part(
                kpi_id,
                "sums",
                numerator,
                denominator,
                ratio(denominator, needed),
                "'" ~ gap ~ "'",
                "case when " ~ needed ~ " > 0 then '" ~ gap ~ "' else '" ~ nothing ~ "' end",
                where="line_kind = '" ~ line_kind ~ "'",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
