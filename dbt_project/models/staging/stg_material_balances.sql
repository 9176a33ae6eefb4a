with
    current_versions as (
        select * from {{ current_rows("material_balances", ["balance_id"]) }} as versions
    )

select
    plant_id,
    source,
    balance_id,
    machine_id,
    order_id,
    item_id,
    balanced_at,
    uom,
    consumed_qty,
    good_qty,
    integrated_good_qty,
    production_loss_qty,
    storage_transport_loss_qty,
    other_loss_qty,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
