with
    current_versions as (
        select * from {{ current_rows("maintenance_orders", ["maintenance_order_id"]) }} as versions
    )

select
    plant_id,
    source,
    maintenance_order_id,
    machine_id,
    maintenance_kind,
    is_breakdown,
    description,
    failure_code,
    reported_at,
    responded_at,
    started_at,
    finished_at,
    due_at,
    parts_waiting_s,
    is_planned,
    planned_labour_s,
    labour_s,
    cost_amount,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
