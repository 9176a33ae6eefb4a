{#- What people, meters and gauges delivered, as it counts for production dates. -#}
{%- set dated = [
    "int_labour_time__shared",
    "int_energy_readings__allocated",
    "int_measurement_subgroups__summed",
] %}
with
    parts_of_dates as (
        {%- for model in dated %}
            select plant_id, production_date, {{ digest_of(ref(model)) }} as digest
            from {{ ref(model) }}
            group by plant_id, production_date
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    dates as (
        select plant_id, production_date, sum(digest) as digest
        from parts_of_dates
        group by plant_id, production_date
    )

    {{ changes_of("dates", date_keys()) }}
