with
    current_versions as (
        select * from {{ current_rows("order_operations", ["operation_id"]) }} as versions
    )

select
    plant_id,
    source,
    operation_id,
    order_id,
    sequence_no,
    item_id,
    machine_id,
    planned_qty,
    planned_scrap_qty,
    planned_setup_s,
    planned_run_s,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
