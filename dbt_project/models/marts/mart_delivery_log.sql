with deliveries as (select * from {{ ref("int_deliveries__summed") }})

select
    {{ surrogate_key(["delivery_id", "outcome"]) }} as delivery_log_key,
    delivery_id,
    outcome,
    plant_id,
    source,
    system,
    table_name,
    file_path,
    status,
    message,
    cast(row_qty as bigint) as row_qty,
    example_line_no,
    example_message,
    extracted_at,
    watermark_at,
    first_event_date,
    last_event_date,
    loaded_at
from deliveries
