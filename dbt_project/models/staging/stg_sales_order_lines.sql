with
    current_versions as (
        select * from {{ current_rows("sales_order_lines", ["sales_order_line_id"]) }} as versions
    )

select
    plant_id,
    source,
    sales_order_line_id,
    sales_order_id,
    customer_id,
    item_id,
    uom,
    ordered_qty,
    ordered_at,
    requested_date,
    first_promised_date,
    promised_date,
    delivered_qty,
    delivered_at,
    is_undamaged,
    is_documented,
    is_cancelled,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
