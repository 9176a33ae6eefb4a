with
    current_versions as (
        select *
        from
            {{ current_rows("stock_snapshots", ["item_id", "location_id", "snapshot_date"]) }}
            as versions
    )

select
    plant_id,
    source,
    item_id,
    location_id,
    snapshot_date,
    on_hand_qty,
    uom,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
