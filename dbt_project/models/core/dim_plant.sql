with plants as (select * from {{ ref("stg_plants") }})

select
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    plant_id,
    plant_name,
    time_zone,
    currency,
    has_shift_pattern,
    minor_stop_limit_s,
    preventive_tolerance_days,
    run_booking
from plants
