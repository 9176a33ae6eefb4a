select plant_id, plant_name, time_zone, currency, has_shift_pattern, minor_stop_limit_s
from {{ source("raw", "plants") }}
