with
    current_versions as (
        select * from {{ current_rows("shift_calendar", ["shift_id"]) }} as versions
    )

select
    plant_id,
    source,
    shift_id,
    shift_code,
    line_id,
    machine_id,
    production_date,
    start_at,
    end_at,
    planned_stop,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
