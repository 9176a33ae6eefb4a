{#- One line per KPI: the quantity that stands over the consumed material. -#}
{%- set kpis = {
    "finished_goods_ratio": "good",
    "integrated_goods_ratio": "integrated_good",
    "production_loss_ratio": "production_loss",
    "storage_transport_loss_ratio": "storage_transport_loss",
    "other_loss_ratio": "other_loss",
} %}
with
    rollup as (select * from {{ ref("rollup_material") }}),

    sums as (
        select
            *,
            case
                when uom_qty > 1
                then 'quantities in several units have no sum'
                when consumed_qty = 0
                then 'no material consumed'
                else 'no balance states it'
            end as no_value_reason
        from rollup
    )

{% for kpi_id, quantity in kpis.items() %}
        {{
            kpi_part(
                kpi_id,
                "sums",
                "case when uom_qty = 1 then " ~ quantity ~ "_qty end",
                "case when uom_qty = 1 then consumed_qty_of_" ~ quantity ~ " end",
                "case when uom_qty = 1 then "
                ~ ratio("consumed_qty_of_" ~ quantity, "consumed_qty")
                ~ " end",
                "'balances that do not state it'",
                "no_value_reason",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
