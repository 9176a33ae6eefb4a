select
    plant_id,
    plant_name,
    time_zone,
    currency,
    has_shift_pattern,
    minor_stop_limit_s,
    preventive_tolerance_days,
    run_booking
from {{ source("raw", "plants") }}
