with
    current_versions as (
        select *
        from {{ current_rows("machine_capacities", ["machine_id", "valid_from"]) }} as versions
    )

select
    plant_id,
    source,
    machine_id,
    valid_from,
    valid_to,
    capacity_per_h_qty,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
