{# Half-open intervals of a partition do not overlap and none ends before it starts. #}
{% test no_overlapping_intervals(model, partition_by, start_at, end_at) %}

    with
        intervals as (
            select
                {{ partition_by | join(", ") }},
                {{ start_at }} as start_at,
                {{ end_at }} as end_at,
                lag({{ end_at }}) over (
                    partition by {{ partition_by | join(", ") }}
                    order by {{ start_at }}, {{ end_at }}
                ) as previous_end_at
            from {{ model }}
        )

    -- Sorted by start, some pair overlaps only if some neighbours do.
    select *
    from intervals
    where end_at <= start_at or previous_end_at > start_at

{% endtest %}
