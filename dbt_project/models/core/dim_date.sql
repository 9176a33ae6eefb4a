-- Whole years, as tools that compare a year with the one before want them.
with
    days as (select * from {{ ref("int_calendar_days") }}),

    -- The week that the first day is in may have begun in the year before.
    years as (
        select
            {{ period_start("year", add_days("min(calendar_date)", -6)) }} as first_date,
            {{ add_days(period_start("year", add_days("max(calendar_date)", 366)), -1) }}
            as last_date
        from days
    ),

    dates as ({{ day_list("years", "first_date", "last_date") }})

select
    calendar_date,
    cast(extract(year from calendar_date) as integer) as year_no,
    cast(extract(quarter from calendar_date) as integer) as quarter_no,
    cast(extract(month from calendar_date) as integer) as month_no,
    cast(extract(day from calendar_date) as integer) as day_of_month_no,
    -- ISO: Monday is 1.
    cast({{ iso_weekday("calendar_date") }} as integer) as iso_weekday_no,
    cast(extract(week from calendar_date) as integer) as iso_week_no,
    -- The Thursday of a week decides the year it belongs to.
    cast(
        extract(year from {{ add_days(period_start("week", "calendar_date"), 3) }}) as integer
    ) as iso_year_no,
    {{ period_start("week", "calendar_date") }} as week_start_date,
    {{ period_start("month", "calendar_date") }} as month_start_date
from dates
