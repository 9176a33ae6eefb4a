with
    orders as (select * from {{ ref("int_orders__merged") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }})

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
    released_days.plant_date as released_date,
    completed_days.plant_date as completed_date,
    orders.is_cancelled,
    orders.completed_at is not null and not orders.is_cancelled as is_completed,
    case
        when not orders.is_cancelled
        then {{ seconds_between("orders.released_at", "orders.completed_at") }}
    end as lead_time_s,
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
