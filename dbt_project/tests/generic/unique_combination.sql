{# No two rows share the values of the columns; nulls count as equal. #}
{% test unique_combination(model, columns) %}

    select {{ columns | join(", ") }}, count(*) as row_qty
    from {{ model }}
    group by {{ columns | join(", ") }}
    having count(*) > 1

{% endtest %}
