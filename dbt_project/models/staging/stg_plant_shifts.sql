select plant_id, shift_id, shift_code, production_date, start_at, end_at, planned_stop
from {{ source("raw", "plant_shifts") }}
