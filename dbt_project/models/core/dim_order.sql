with
    orders as (select * from {{ ref("int_orders__merged") }}),
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    movements as (select * from {{ ref("int_stock_movements__resolved") }}),
    balances as (select * from {{ ref("int_material_balances__resolved") }}),
    operations as (select * from {{ ref("int_order_operations__timed") }}),

    -- An order that only facts name is an order all the same.
    seen as (
        select plant_id, order_id
        from orders
        union
        select plant_id, order_id
        from runs
        union
        select plant_id, order_id
        from movements
        union
        select plant_id, order_id
        from balances
        union
        select plant_id, order_id
        from operations
    )

select
    {{ surrogate_key(["seen.plant_id", "seen.order_id"]) }} as order_key,
    seen.plant_id,
    seen.order_id,
    orders.item_id,
    orders.planned_qty,
    orders.created_at,
    orders.released_at,
    orders.due_at,
    orders.first_promise_at,
    orders.completed_at,
    orders.is_cancelled,
    orders.order_id is not null as has_master_data
from seen
left join orders on orders.plant_id = seen.plant_id and orders.order_id = seen.order_id
where seen.order_id is not null
