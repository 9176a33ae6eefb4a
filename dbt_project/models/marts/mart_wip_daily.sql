with
    counted as (select * from {{ ref("int_wip__counted") }}),
    items as (select * from {{ ref("dim_item") }})

select
    {{ surrogate_key(["counted.plant_id", "counted.item_id", "counted.wip_date"]) }}
    as wip_daily_key,
    counted.plant_id,
    counted.item_id,
    items.item_name,
    items.base_uom,
    counted.wip_date,
    cast(counted.open_order_qty as bigint) as open_order_qty,
    cast(counted.open_qty as decimal(18, 6)) as open_qty,
    cast(counted.open_up_to_7_days_order_qty as bigint) as open_up_to_7_days_order_qty,
    cast(counted.open_8_to_30_days_order_qty as bigint) as open_8_to_30_days_order_qty,
    cast(counted.open_over_30_days_order_qty as bigint) as open_over_30_days_order_qty,
    cast(counted.oldest_s as decimal(18, 6)) as oldest_s,
    cast(counted.open_order_s as decimal(18, 6)) as open_order_s,
    cast(counted.released_order_qty as bigint) as released_order_qty,
    cast(counted.completed_order_qty as bigint) as completed_order_qty
from counted
left join items on items.plant_id = counted.plant_id and items.item_id = counted.item_id
