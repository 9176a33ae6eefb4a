with balances as (select * from {{ ref("int_material_balances__resolved") }})

select
    {{ surrogate_key(["plant_id", "source", "balance_id"]) }} as material_balance_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    case
        when machine_id is not null then {{ surrogate_key(["plant_id", "machine_id"]) }}
    end as machine_key,
    case when item_id is not null then {{ surrogate_key(["plant_id", "item_id"]) }} end as item_key,
    case
        when order_id is not null then {{ surrogate_key(["plant_id", "order_id"]) }}
    end as order_key,
    plant_id,
    source,
    balance_id,
    machine_id,
    item_id,
    order_id,
    balanced_at,
    balanced_date,
    uom,
    consumed_qty,
    good_qty,
    integrated_good_qty,
    production_loss_qty,
    storage_transport_loss_qty,
    other_loss_qty,
    delivery_id,
    line_no
from balances
