with current_versions as (select * from {{ current_rows("items", ["item_id"]) }} as versions)

select
    plant_id,
    source,
    item_id,
    item_name,
    item_type,
    item_group,
    base_uom,
    defect_opportunities_qty,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
