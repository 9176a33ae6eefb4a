with
    current_versions as (
        select *
        from {{ current_rows("purchase_order_lines", ["purchase_order_line_id"]) }} as versions
    )

select
    plant_id,
    source,
    purchase_order_line_id,
    purchase_order_id,
    supplier_id,
    item_id,
    uom,
    ordered_qty,
    ordered_at,
    first_promised_date,
    promised_date,
    received_qty,
    received_at,
    is_cancelled,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
