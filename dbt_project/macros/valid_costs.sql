{#- Standard costs that hold, one after the other, of what was delivered (a relation); `per` names what
    a cost is of besides its item. -#}
{% macro valid_costs(delivered, per=[]) %}
    with
        costs as (select * from {{ delivered }}),
        identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'item'),

        resolved as (
            select
                costs.plant_id,
                coalesce(identifiers.business_id, costs.item_id) as item_id,
                {% for name in per -%} costs.{{ name }}, {%- endfor %}
                costs.source,
                costs.system,
                costs.valid_from,
                costs.valid_to,
                costs.unit_cost_amount
            from costs
            left join
                identifiers
                on identifiers.plant_id = costs.plant_id
                and identifiers.source = costs.source
                and identifiers.source_id = costs.item_id
        ),

        -- One cost per item (and operation) and date of validity, the ERP's first.
        ranked as (
            select
                *,
                row_number() over (
                    partition by {{ (["plant_id", "item_id"] + per) | join(", ") }}, valid_from
                    order by case when system = 'erp' then 0 else 1 end, source, unit_cost_amount
                ) as source_rank_no
            from resolved
        ),

        -- A new cost ends the one before it, whether or not that one says when it ends.
        in_turn as (
            select
                {{ (["plant_id", "item_id"] + per) | join(", ") }},
                valid_from,
                valid_to,
                lead(valid_from) over (
                    partition by {{ (["plant_id", "item_id"] + per) | join(", ") }}
                    order by valid_from
                ) as next_from,
                unit_cost_amount
            from ranked
            where source_rank_no = 1
        )

    select
        {{ (["plant_id", "item_id"] + per) | join(", ") }},
        valid_from,
        coalesce(least(valid_to, next_from), valid_to, next_from) as valid_to,
        unit_cost_amount
    from in_turn
{% endmacro %}
