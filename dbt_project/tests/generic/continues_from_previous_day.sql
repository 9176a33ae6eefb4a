{# Every day follows the day before it, and opens with what that day closed with. #}
{% test continues_from_previous_day(model, partition_by, date_column, opening, closing) %}

    with
        days_in_turn as (
            select
                {{ partition_by | join(", ") }},
                {{ date_column }} as this_date,
                {{ opening }} as opening,
                lag({{ date_column }}) over (
                    partition by {{ partition_by | join(", ") }} order by {{ date_column }}
                ) as previous_date,
                lag({{ closing }}) over (
                    partition by {{ partition_by | join(", ") }} order by {{ date_column }}
                ) as previous_closing
            from {{ model }}
        )

    select *
    from days_in_turn
    where
        previous_date is not null
        and (
            this_date <> {{ add_days("previous_date", 1) }}
            or opening is distinct from previous_closing
        )

{% endtest %}
