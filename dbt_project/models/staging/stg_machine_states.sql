with
    current_versions as (
        select * from {{ current_rows("machine_states", ["state_id"]) }} as versions
    )

select
    plant_id,
    source,
    state_id,
    machine_id,
    run_id,
    operation_id,
    layer,
    start_at,
    end_at,
    state,
    reason_id,
    is_placed,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
