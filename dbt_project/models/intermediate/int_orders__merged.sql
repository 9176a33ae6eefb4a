with
    orders as (select * from {{ ref("stg_production_orders") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),

    resolved as (
        select
            orders.plant_id,
            coalesce(order_ids.business_id, orders.order_id) as order_id,
            coalesce(item_ids.business_id, orders.item_id) as item_id,
            orders.source,
            orders.system,
            orders.planned_qty,
            orders.completed_qty,
            orders.created_at,
            orders.released_at,
            orders.due_at,
            orders.first_promise_at,
            orders.completed_at,
            orders.is_cancelled,
            orders.watermark_at,
            orders.delivery_id,
            orders.line_no
        from orders
        left join
            identifiers as order_ids
            on order_ids.plant_id = orders.plant_id
            and order_ids.source = orders.source
            and order_ids.id_kind = 'order'
            and order_ids.source_id = orders.order_id
        left join
            identifiers as item_ids
            on item_ids.plant_id = orders.plant_id
            and item_ids.source = orders.source
            and item_ids.id_kind = 'item'
            and item_ids.source_id = orders.item_id
    ),

    -- One system tells the whole story of an order, the ERP first: the release of one system and
    -- the completion of another make lead times that never happened.
    ranked as (
        select
            *,
            row_number() over (
                partition by plant_id, order_id
                order by case when system = 'erp' then 0 else 1 end, source, created_at
            ) as source_rank_no,
            -- Which item the order makes is a fact that any system may supply.
            first_value(item_id) over (
                partition by plant_id, order_id
                order by
                    case when item_id is null then 1 else 0 end,
                    case when system = 'erp' then 0 else 1 end,
                    source
            ) as first_known_item_id
        from resolved
    )

select
    plant_id,
    order_id,
    first_known_item_id as item_id,
    source,
    planned_qty,
    completed_qty,
    created_at,
    released_at,
    due_at,
    first_promise_at,
    completed_at,
    is_cancelled,
    watermark_at,
    delivery_id,
    line_no
from ranked
where source_rank_no = 1
