with days as (select * from {{ ref("int_calendar_days") }})

select
    calendar_date,
    cast(extract(year from calendar_date) as integer) as year_no,
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
from days
