with
    inventory as (select * from {{ ref("fct_inventory_daily") }}),
    items as (select * from {{ ref("dim_item") }}),

    -- Usage must match the stock it turns: finished goods leave by sale, material and
    -- semi-finished goods by issue to production.
    item_days as (
        select
            inventory.plant_id,
            inventory.item_id,
            items.item_type,
            inventory.stock_date,
            count(*) as place_day_qty,
            sum(case when inventory.is_stock_known then 1 else 0 end) as stock_known_day_qty,
            sum(case when inventory.is_cost_known then 1 else 0 end) as cost_known_day_qty,
            sum(
                case when inventory.is_stock_known and inventory.is_cost_known then 1 else 0 end
            ) as known_day_qty,
            sum(case when inventory.closing_qty < 0 then 1 else 0 end) as negative_day_qty,
            sum(inventory.closing_qty) as closing_qty,
            - sum({{ usage("qty") }}) as usage_qty,
            sum(inventory.closing_value_amount) as closing_value_amount,
            sum(inventory.sale_cost_amount) as sale_cost_amount,
            sum({{ usage("cost_amount") }}) as usage_cost_amount
        from inventory
        inner join items on items.item_key = inventory.item_key
        group by inventory.plant_id, inventory.item_id, items.item_type, inventory.stock_date
    ),

    scopes as (
        select
            plant_id,
            'item' as scope_type,
            item_id as scope_id,
            {{ item_key_of("item_id") }} as item_key,
            stock_date,
            place_day_qty,
            stock_known_day_qty,
            cost_known_day_qty,
            known_day_qty,
            negative_day_qty,
            closing_qty,
            usage_qty,
            closing_value_amount,
            usage_cost_amount
        from item_days
        union all
        -- Quantities of several items, each in its own unit, make no sum.
        select
            plant_id,
            'item_type' as scope_type,
            item_type as scope_id,
            cast(null as {{ dbt.type_string() }}) as item_key,
            stock_date,
            sum(place_day_qty) as place_day_qty,
            sum(stock_known_day_qty) as stock_known_day_qty,
            sum(cost_known_day_qty) as cost_known_day_qty,
            sum(known_day_qty) as known_day_qty,
            sum(negative_day_qty) as negative_day_qty,
            null as closing_qty,
            null as usage_qty,
            sum(closing_value_amount) as closing_value_amount,
            sum(usage_cost_amount) as usage_cost_amount
        from item_days
        group by plant_id, item_type, stock_date
        union all
        -- The whole plant turns its stock when it sells: issues only move value within it.
        select
            plant_id,
            'plant' as scope_type,
            plant_id as scope_id,
            cast(null as {{ dbt.type_string() }}) as item_key,
            stock_date,
            sum(place_day_qty) as place_day_qty,
            sum(stock_known_day_qty) as stock_known_day_qty,
            sum(cost_known_day_qty) as cost_known_day_qty,
            sum(known_day_qty) as known_day_qty,
            sum(negative_day_qty) as negative_day_qty,
            null as closing_qty,
            null as usage_qty,
            sum(closing_value_amount) as closing_value_amount,
            sum(sale_cost_amount) as usage_cost_amount
        from item_days
        group by plant_id, stock_date
    )

select
    {{ surrogate_key(["plant_id", "scope_type", "scope_id", "stock_date"]) }}
    as kpi_sums_inventory_key,
    plant_id,
    scope_type,
    scope_id,
    item_key,
    stock_date,
    cast(place_day_qty as bigint) as place_day_qty,
    cast(stock_known_day_qty as bigint) as stock_known_day_qty,
    cast(cost_known_day_qty as bigint) as cost_known_day_qty,
    cast(known_day_qty as bigint) as known_day_qty,
    cast(negative_day_qty as bigint) as negative_day_qty,
    closing_qty,
    usage_qty,
    closing_value_amount,
    usage_cost_amount
from scopes
