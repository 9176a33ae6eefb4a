select
    delivery_id,
    plant_id,
    source,
    file_path,
    line_no,
    feed,
    column_name,
    value,
    rule,
    message,
    raw_line,
    row_qty,
    quarantined_at
from {{ source("raw", "quarantine") }}
