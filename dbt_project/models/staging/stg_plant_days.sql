select
    plant_id, plant_date, production_start_at, production_end_at, calendar_start_at, calendar_end_at
from {{ source("raw", "plant_days") }}
