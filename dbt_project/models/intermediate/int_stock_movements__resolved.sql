with
    movements as (select * from {{ ref("stg_stock_movements") }}),
    documents as (select * from {{ ref("stg_stock_documents") }}),
    costs as (select * from {{ ref("int_item_costs__valid") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),

    resolved as (
        select
            movements.plant_id,
            movements.source,
            movements.movement_id,
            coalesce(item_ids.business_id, movements.item_id) as item_id,
            movements.location_id,
            movements.movement_class,
            movements.movement_code,
            movements.is_reversal,
            movements.is_owned,
            coalesce(movements.posting_date, documents.posting_date) as posting_date,
            coalesce(movements.entered_at, documents.entered_at) as entered_at,
            movements.moved_qty,
            movements.uom,
            movements.value_amount,
            movements.currency,
            coalesce(order_ids.business_id, movements.order_id) as order_id,
            movements.delivery_id,
            movements.line_no
        from movements
        left join
            documents
            on documents.plant_id = movements.plant_id
            and documents.source = movements.source
            and documents.document_id = movements.document_id
        left join
            identifiers as item_ids
            on item_ids.plant_id = movements.plant_id
            and item_ids.source = movements.source
            and item_ids.id_kind = 'item'
            and item_ids.source_id = movements.item_id
        left join
            identifiers as order_ids
            on order_ids.plant_id = movements.plant_id
            and order_ids.source = movements.source
            and order_ids.id_kind = 'order'
            and order_ids.source_id = movements.order_id
    )

select resolved.*, costs.unit_cost_amount
from resolved
left join
    costs
    on costs.plant_id = resolved.plant_id
    and costs.item_id = resolved.item_id
    and {{ valid_at("costs", "resolved.posting_date") }}
