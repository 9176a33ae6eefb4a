with
    current_versions as (
        select * from {{ current_rows("labour_entries", ["entry_id"]) }} as versions
    )

select
    plant_id,
    source,
    entry_id,
    worker_id,
    entry_kind,
    machine_id,
    operation_id,
    order_id,
    start_at,
    end_at,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
