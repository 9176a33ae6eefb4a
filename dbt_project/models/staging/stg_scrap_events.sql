with
    current_versions as (select * from {{ current_rows("scrap_events", ["scrap_id"]) }} as versions)

select
    plant_id,
    source,
    scrap_id,
    run_id,
    machine_id,
    item_id,
    reason_id,
    disposition,
    rejected_qty,
    produced_at,
    detected_at,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
