with
    balances as (select * from {{ ref("fct_material_balance") }} where balanced_date is not null),
    machines as (select * from {{ ref("dim_machine") }})

select
    balances.material_balance_key,
    balances.plant_id,
    balances.machine_key,
    balances.machine_id,
    machines.line_id,
    balances.item_key,
    balances.item_id,
    balances.balanced_date,
    balances.uom,
    balances.consumed_qty,
    balances.good_qty,
    balances.integrated_good_qty,
    balances.production_loss_qty,
    balances.storage_transport_loss_qty,
    balances.other_loss_qty
from balances
left join machines on machines.machine_key = balances.machine_key
