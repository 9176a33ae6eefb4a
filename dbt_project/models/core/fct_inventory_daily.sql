with inventory as (select * from {{ ref("int_inventory__densified") }})

select
    {{ surrogate_key(["plant_id", "item_id", "location_id", "stock_date"]) }}
    as inventory_daily_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    {{ surrogate_key(["plant_id", "item_id"]) }} as item_key,
    plant_id,
    item_id,
    location_id,
    stock_date,
    anchor_qty is not null as is_stock_known,
    unit_cost_amount is not null as is_cost_known,
    cast(opening_qty as decimal(18, 6)) as opening_qty,
    cast(receipt_purchase_qty as decimal(18, 6)) as receipt_purchase_qty,
    cast(receipt_production_qty as decimal(18, 6)) as receipt_production_qty,
    cast(issue_qty as decimal(18, 6)) as issue_qty,
    cast(sale_qty as decimal(18, 6)) as sale_qty,
    cast(scrap_qty as decimal(18, 6)) as scrap_qty,
    cast(transfer_qty as decimal(18, 6)) as transfer_qty,
    cast(count_qty as decimal(18, 6)) as count_qty,
    cast(return_vendor_qty as decimal(18, 6)) as return_vendor_qty,
    cast(return_customer_qty as decimal(18, 6)) as return_customer_qty,
    cast(other_qty as decimal(18, 6)) as other_qty,
    cast(moved_qty as decimal(18, 6)) as moved_qty,
    cast(closing_qty as decimal(18, 6)) as closing_qty,
    cast(listed_qty as decimal(18, 6)) as listed_qty,
    cast(listed_qty - opening_qty as decimal(18, 6)) as listed_difference_qty,
    cast(movement_qty as bigint) as movement_qty,
    unit_cost_amount,
    cast(
        cast(closing_qty as decimal(18, 6)) * unit_cost_amount as decimal(38, 12)
    ) as closing_value_amount,
    -- Usage leaves stock, so the signed quantity turns round; a reversal takes usage back.
    cast(
        - cast(issue_qty as decimal(18, 6)) * unit_cost_amount as decimal(38, 12)
    ) as issue_cost_amount,
    cast(
        - cast(sale_qty as decimal(18, 6)) * unit_cost_amount as decimal(38, 12)
    ) as sale_cost_amount
from inventory
