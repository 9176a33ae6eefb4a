with
    current_versions as (
        select * from {{ current_rows("measurements", ["measurement_id"]) }} as versions
    )

select
    plant_id,
    source,
    measurement_id,
    characteristic_id,
    machine_id,
    item_id,
    run_id,
    subgroup_id,
    measured_at,
    measured_value,
    lower_limit,
    upper_limit,
    uom,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
