with
    operations as (select * from {{ ref("stg_order_operations") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),

    -- The systems' own ids become business ids.
    by_business_id as (
        select
            operations.plant_id,
            operations.source,
            operations.operation_id,
            coalesce(order_ids.business_id, operations.order_id) as order_id,
            coalesce(item_ids.business_id, operations.item_id) as item_id,
            operations.sequence_no,
            operations.planned_qty,
            operations.planned_scrap_qty,
            operations.planned_setup_s,
            operations.planned_run_s,
            operations.system,
            operations.delivery_id,
            operations.line_no
        from operations
        left join
            identifiers as order_ids
            on order_ids.plant_id = operations.plant_id
            and order_ids.source = operations.source
            and order_ids.id_kind = 'order'
            and order_ids.source_id = operations.order_id
        left join
            identifiers as item_ids
            on item_ids.plant_id = operations.plant_id
            and item_ids.source = operations.source
            and item_ids.id_kind = 'item'
            and item_ids.source_id = operations.item_id
    )

select
    *,
    sequence_no
    = max(sequence_no) over (partition by plant_id, source, order_id) as is_last_operation
from by_business_id
