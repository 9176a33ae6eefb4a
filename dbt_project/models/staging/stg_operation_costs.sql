with
    current_versions as (
        select *
        from
            {{ current_rows("operation_costs", ["item_id", "sequence_no", "valid_from"]) }}
            as versions
    )

select
    plant_id,
    source,
    item_id,
    sequence_no,
    valid_from,
    valid_to,
    unit_cost_amount,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
