with
    current_versions as (
        select *
        from
            {{ current_rows("standard_rates", ["item_id", "machine_id", "valid_from"]) }}
            as versions
    )

select
    plant_id,
    source,
    item_id,
    machine_id,
    valid_from,
    valid_to,
    ideal_cycle_s,
    planned_setup_s,
    cavities_qty,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
