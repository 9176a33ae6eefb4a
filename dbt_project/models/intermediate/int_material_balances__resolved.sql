{{ config(materialized="view") }}

with
    balances as (select * from {{ ref("stg_material_balances") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }})

select
    balances.plant_id,
    balances.source,
    balances.balance_id,
    coalesce(machine_ids.business_id, balances.machine_id) as machine_id,
    coalesce(item_ids.business_id, balances.item_id) as item_id,
    coalesce(order_ids.business_id, balances.order_id) as order_id,
    balances.balanced_at,
    plant_days.plant_date as balanced_date,
    balances.uom,
    balances.consumed_qty,
    balances.good_qty,
    balances.integrated_good_qty,
    balances.production_loss_qty,
    balances.storage_transport_loss_qty,
    balances.other_loss_qty,
    balances.delivery_id,
    balances.line_no
from balances
left join
    identifiers as machine_ids
    on machine_ids.plant_id = balances.plant_id
    and machine_ids.source = balances.source
    and machine_ids.id_kind = 'machine'
    and machine_ids.source_id = balances.machine_id
left join
    identifiers as item_ids
    on item_ids.plant_id = balances.plant_id
    and item_ids.source = balances.source
    and item_ids.id_kind = 'item'
    and item_ids.source_id = balances.item_id
left join
    identifiers as order_ids
    on order_ids.plant_id = balances.plant_id
    and order_ids.source = balances.source
    and order_ids.id_kind = 'order'
    and order_ids.source_id = balances.order_id
left join
    plant_days
    on plant_days.plant_id = balances.plant_id
    and plant_days.production_start_at <= balances.balanced_at
    and plant_days.production_end_at > balances.balanced_at
