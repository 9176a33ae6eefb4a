{#
    The rows of a relation (a CTE), each once per date from its first to its last, as `date_column`.

    Most rows span few dates: those are counted on from the first date, which costs the rows alone.
    Only what spans `most` dates and more is joined with the list of days: all rows would be compared
    with every day of the history, 26 million times for a year of 68,000 readings.
#}
{% macro each_date(relation, first_date, last_date, date_column, most=3) -%}
    {%- for day_no in range(most) %}
        select *, {{ add_days(first_date, day_no) }} as {{ date_column }}
        from {{ relation }}
        where {{ add_days(first_date, day_no) }} <= {{ last_date }}
        union all
    {%- endfor %}
    select long_rows.*, days.calendar_date as {{ date_column }}
    from
        (
            select * from {{ relation }} where {{ add_days(first_date, most) }} <= {{ last_date }}
        ) as long_rows
    inner join
        {{ ref("int_calendar_days") }} as days
        on days.calendar_date between {{ add_days(first_date, most) }} and {{ last_date }}
{%- endmacro %}
