with orders as (select * from {{ ref("int_order_lead_times__measured") }})

select
    {{ surrogate_key(["plant_id", "order_id"]) }} as order_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    case when item_id is not null then {{ surrogate_key(["plant_id", "item_id"]) }} end as item_key,
    plant_id,
    order_id,
    item_id,
    source,
    created_at,
    released_at,
    due_at,
    first_promise_at,
    completed_at,
    released_date,
    completed_date,
    is_completed,
    is_cancelled,
    planned_qty,
    completed_qty,
    lead_time_s,
    cast(working_s as decimal(18, 6)) as working_s,
    open_s,
    delivery_id,
    line_no
from orders
