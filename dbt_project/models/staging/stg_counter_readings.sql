with
    current_versions as (
        select *
        from
            {{ current_rows("counter_readings", ["machine_id", "counter", "read_at"]) }} as versions
    )

select
    plant_id,
    source,
    machine_id,
    counter,
    read_at,
    reading_qty,
    rollover_qty,
    order_id,
    item_id,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
