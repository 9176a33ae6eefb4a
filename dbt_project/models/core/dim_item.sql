with
    items as (select * from {{ ref("int_items__merged") }}),
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    orders as (select * from {{ ref("int_orders__merged") }}),
    scrap_events as (select * from {{ ref("int_scrap_events__resolved") }}),
    movements as (select * from {{ ref("int_stock_movements__resolved") }}),
    inventory as (select * from {{ ref("int_inventory__densified") }}),
    order_lines as (select * from {{ ref("int_order_lines__judged") }}),
    balances as (select * from {{ ref("int_material_balances__resolved") }}),
    measurements as (select * from {{ ref("int_measurements__resolved") }}),
    operations as (select * from {{ ref("int_order_operations__timed") }}),

    -- An item that only facts name is an item all the same.
    seen as (
        select plant_id, item_id
        from items
        union
        select plant_id, item_id
        from runs
        union
        select plant_id, item_id
        from orders
        union
        select plant_id, item_id
        from scrap_events
        union
        select plant_id, item_id
        from movements
        union
        select plant_id, item_id
        from inventory
        union
        select plant_id, item_id
        from order_lines
        union
        select plant_id, item_id
        from balances
        union
        select plant_id, item_id
        from measurements
        union
        select plant_id, item_id
        from operations
    )

select
    {{ surrogate_key(["seen.plant_id", "seen.item_id"]) }} as item_key,
    seen.plant_id,
    seen.item_id,
    coalesce(items.item_name, seen.item_id) as item_name,
    coalesce(items.item_type, 'other') as item_type,
    items.item_group,
    items.base_uom,
    items.defect_opportunities_qty,
    items.item_id is not null as has_master_data
from seen
left join items on items.plant_id = seen.plant_id and items.item_id = seen.item_id
where seen.item_id is not null
