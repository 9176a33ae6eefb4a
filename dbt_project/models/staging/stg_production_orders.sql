with
    current_versions as (
        select * from {{ current_rows("production_orders", ["order_id"]) }} as versions
    )

select
    plant_id,
    source,
    order_id,
    item_id,
    planned_qty,
    completed_qty,
    created_at,
    released_at,
    due_at,
    first_promise_at,
    completed_at,
    is_cancelled,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
