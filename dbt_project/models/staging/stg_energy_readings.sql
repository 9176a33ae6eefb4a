with
    current_versions as (
        select * from {{ current_rows("energy_readings", ["reading_id"]) }} as versions
    )

select
    plant_id,
    source,
    reading_id,
    meter_id,
    energy_carrier,
    machine_id,
    line_id,
    start_at,
    end_at,
    energy_kwh,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
