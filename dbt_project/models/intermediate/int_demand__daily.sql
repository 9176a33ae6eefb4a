with
    lines as (select * from {{ ref("int_order_lines__judged") }} where line_kind = 'sales'),
    feeds as (select * from {{ ref("int_feeds__known_until") }} where feed = 'sales_order_lines'),
    plant_days as (select * from {{ ref("stg_plant_days") }}),
    working_times as (select * from {{ ref("int_working_times__merged") }}),
    calendars as (select * from {{ ref("int_calendars__known") }}),

    -- Demand is of the day the customer asked for; what was promised instead is second best.
    demand as (
        select
            plant_id,
            item_id,
            uom,
            coalesce(requested_date, due_date) as demand_date,
            sum(ordered_qty) as demanded_qty
        from lines
        where not is_cancelled
        group by plant_id, item_id, uom, coalesce(requested_date, due_date)
    ),

    -- A day asked for before anything is known of the plant begins nothing.
    spans as (
        select
            demand.plant_id,
            min(demand.demand_date) as first_date,
            max(feeds.known_until_at) as known_until_at
        from demand
        inner join feeds on feeds.plant_id = demand.plant_id
        inner join
            plant_days
            on plant_days.plant_id = demand.plant_id
            and plant_days.plant_date = demand.demand_date
        group by demand.plant_id
    ),

    -- Days that are over, from the first demand on, whether or not anybody asked for anything.
    days as (
        select plant_days.*
        from plant_days
        inner join
            spans
            on spans.plant_id = plant_days.plant_id
            and spans.first_date <= plant_days.plant_date
            and spans.known_until_at >= plant_days.calendar_end_at
    ),

    -- Working time counts for the production day in which it passes.
    worked as (
        select
            days.plant_id,
            days.plant_date,
            sum(
                {{
                    seconds_between(
                        "greatest(working_times.start_at, days.production_start_at)",
                        "least(working_times.end_at, days.production_end_at)",
                    )
                }}
            ) as working_s
        from days
        inner join
            working_times
            on working_times.plant_id = days.plant_id
            and working_times.start_at < days.production_end_at
            and working_times.end_at > days.production_start_at
        group by days.plant_id, days.plant_date
    )

-- One row of the day's time, and one of each item's demand.
select
    days.plant_id,
    days.plant_date as demand_date,
    cast(null as {{ dbt.type_string() }}) as item_id,
    cast(null as {{ dbt.type_string() }}) as uom,
    -- Outside the calendar nobody knows whether the plant was to work.
    case
        when
            calendars.has_shift_pattern
            or days.plant_date between calendars.first_date and calendars.last_date
        then coalesce(worked.working_s, 0)
    end as working_s,
    cast(null as decimal(18, 6)) as demanded_qty
from days
left join worked on worked.plant_id = days.plant_id and worked.plant_date = days.plant_date
left join calendars on calendars.plant_id = days.plant_id
union all
select
    days.plant_id,
    days.plant_date as demand_date,
    demand.item_id,
    demand.uom,
    cast(null as decimal(18, 6)) as working_s,
    demand.demanded_qty
from demand
inner join days on days.plant_id = demand.plant_id and days.plant_date = demand.demand_date
