{# For each key, a column adds up to the same here and in another relation. #}
{% test sums_match(model, keys, value, to, to_value) %}

    with
        here as (
            select {{ keys | join(", ") }}, sum({{ value }}) as here_value
            from {{ model }}
            group by {{ keys | join(", ") }}
        ),

        there as (
            select {{ keys | join(", ") }}, sum({{ to_value }}) as there_value
            from {{ to }}
            group by {{ keys | join(", ") }}
        )

    select
        {% for key in keys -%} coalesce(here.{{ key }}, there.{{ key }}) as {{ key }}, {% endfor %}
        here.here_value,
        there.there_value
    from here
    full outer join
        there
        on {% for key in keys -%}
            {%- if not loop.first %} and {% endif -%} there.{{ key }} = here.{{ key }}
        {%- endfor %}
    where
        here.here_value is null or there.there_value is null or here.here_value <> there.there_value

{% endtest %}
