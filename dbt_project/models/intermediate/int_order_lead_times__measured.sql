with
    orders as (select * from {{ ref("int_orders__merged") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),
    working_times as (select * from {{ ref("int_working_times__merged") }}),

    -- The working clock runs while the plant is planned to work.
    worked as (
        select
            orders.plant_id,
            orders.order_id,
            sum(
                {{
                    seconds_between(
                        "greatest(working_times.start_at, orders.released_at)",
                        "least(working_times.end_at, orders.completed_at)",
                    )
                }}
            ) as working_s
        from orders
        inner join
            working_times
            on working_times.plant_id = orders.plant_id
            and working_times.start_at < orders.completed_at
            and working_times.end_at > orders.released_at
        group by orders.plant_id, orders.order_id
    ),

    -- Outside the calendar nobody knows whether the plant was to work.
    calendars as (
        select plant_id, min(start_at) as first_start_at, max(end_at) as last_end_at
        from working_times
        group by plant_id
    )

select
    orders.plant_id,
    orders.order_id,
    orders.item_id,
    orders.source,
    orders.planned_qty,
    orders.completed_qty,
    orders.created_at,
    orders.released_at,
    orders.due_at,
    orders.first_promise_at,
    orders.completed_at,
    orders.watermark_at as known_until_at,
    released_days.plant_date as released_date,
    completed_days.plant_date as completed_date,
    orders.is_cancelled,
    orders.completed_at is not null and not orders.is_cancelled as is_completed,
    case
        when not orders.is_cancelled
        then {{ seconds_between("orders.released_at", "orders.completed_at") }}
    end as lead_time_s,
    case
        when
            not orders.is_cancelled
            and orders.released_at >= calendars.first_start_at
            and orders.completed_at <= calendars.last_end_at
        then coalesce(worked.working_s, 0)
    end as working_s,
    -- How long it has been under way at least: what is not finished tells something too.
    case
        when
            not orders.is_cancelled
            and orders.completed_at is null
            and orders.watermark_at > orders.released_at
        then {{ seconds_between("orders.released_at", "orders.watermark_at") }}
    end as open_s,
    orders.delivery_id,
    orders.line_no
from orders
left join
    plant_days as released_days
    on released_days.plant_id = orders.plant_id
    and released_days.calendar_start_at <= orders.released_at
    and released_days.calendar_end_at > orders.released_at
left join
    plant_days as completed_days
    on completed_days.plant_id = orders.plant_id
    and completed_days.calendar_start_at <= orders.completed_at
    and completed_days.calendar_end_at > orders.completed_at
left join worked on worked.plant_id = orders.plant_id and worked.order_id = orders.order_id
left join calendars on calendars.plant_id = orders.plant_id
