{# Each interval of a partition starts where the one before it ended. #}
{% test no_gaps_between_intervals(model, partition_by, start_at, end_at) %}

    with
        intervals as (
            select
                {{ partition_by | join(", ") }},
                {{ start_at }} as start_at,
                lag({{ end_at }}) over (
                    partition by {{ partition_by | join(", ") }}
                    order by {{ start_at }}, {{ end_at }}
                ) as previous_end_at
            from {{ model }}
        )

    select *
    from intervals
    where previous_end_at < start_at

{% endtest %}
