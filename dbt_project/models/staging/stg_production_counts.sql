with
    current_versions as (
        select * from {{ current_rows("production_counts", ["run_id"]) }} as versions
    )

select
    plant_id,
    source,
    run_id,
    machine_id,
    operation_id,
    order_id,
    item_id,
    pass_no,
    start_at,
    end_at,
    produced_qty,
    good_qty,
    scrap_qty,
    rework_qty,
    ideal_cycle_s,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
