with
    current_versions as (
        select * from {{ current_rows("stock_movements", ["movement_id"]) }} as versions
    )

select
    plant_id,
    source,
    movement_id,
    document_id,
    item_id,
    location_id,
    movement_class,
    movement_code,
    is_reversal,
    is_owned,
    posting_date,
    entered_at,
    moved_qty,
    uom,
    value_amount,
    currency,
    order_id,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
