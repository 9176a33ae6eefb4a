with movements as (select * from {{ ref("int_stock_movements__resolved") }})

select
    {{ surrogate_key(["plant_id", "source", "movement_id"]) }} as movement_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    {{ surrogate_key(["plant_id", "item_id"]) }} as item_key,
    case
        when order_id is not null then {{ surrogate_key(["plant_id", "order_id"]) }}
    end as order_key,
    plant_id,
    source,
    movement_id,
    item_id,
    location_id,
    order_id,
    movement_class,
    movement_code,
    is_reversal,
    is_owned,
    posting_date,
    entered_at,
    moved_qty,
    uom,
    value_amount as document_value_amount,
    currency as document_currency,
    unit_cost_amount,
    cast(moved_qty * unit_cost_amount as decimal(38, 12)) as standard_value_amount,
    delivery_id,
    line_no
from movements
