{#- What facts of single rows are made of, and the numbers in it that mean nothing in the next build. -#}
{%- set resolved = {
    "int_machine_states__resolved": ["state_no"],
    "int_production_runs__booked": [],
    "int_scrap_events__resolved": [],
} %}
with
    rows_of_deliveries as (
        {%- for model, build_numbers in resolved.items() %}
            select plant_id, delivery_id, {{ digest_of(ref(model), build_numbers) }} as digest
            from {{ ref(model) }}
            group by plant_id, delivery_id
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    deliveries as (
        select plant_id, delivery_id, sum(digest) as digest
        from rows_of_deliveries
        group by plant_id, delivery_id
    )

    {{ changes_of("deliveries", delivery_keys()) }}
