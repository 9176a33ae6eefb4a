{#- One line per KPI: the quantity that stands over the consumed material. -#}
{%- set kpis = {
    "finished_goods_ratio": "good",
    "integrated_goods_ratio": "integrated_good",
    "production_loss_ratio": "production_loss",
    "storage_transport_loss_ratio": "storage_transport_loss",
    "other_loss_ratio": "other_loss",
} %}
with sums as (select * from {{ ref("rollup_material") }})

{% for kpi_id, quantity in kpis.items() %}
    select
        '{{ kpi_id }}' as kpi_id,
        plant_id,
        scope_type,
        scope_id,
        period_type,
        period_start_date,
        cast(null as {{ dbt.type_string() }}) as shift_id,
        case when uom_qty = 1 then cast({{ quantity }}_qty as double) end as numerator,
        case
            when uom_qty = 1 then cast(consumed_qty_of_{{ quantity }} as double)
        end as denominator,
        cast(null as double) as stated_value,
        case
            when uom_qty = 1 then {{ ratio("consumed_qty_of_" + quantity, "consumed_qty") }}
        end as coverage_ratio,
        'balances that do not state it' as coverage_gap,
        case
            when uom_qty > 1
            then 'quantities in several units have no sum'
            when consumed_qty = 0
            then 'no material consumed'
            else 'no balance states it'
        end as no_value_reason
    from sums
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
