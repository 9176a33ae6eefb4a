with current_versions as (select * from {{ current_rows("machines", ["machine_id"]) }} as versions)

select
    plant_id,
    source,
    machine_id,
    machine_name,
    line_id,
    area_id,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
