with
    windows as (select * from {{ ref("int_machine_windows__tiled") }}),

    -- Events and windows meet on a date: joining on a key and filtering the overlap costs a small
    -- part of what a join on the overlap alone does. A window is listed under every UTC date it
    -- touches and under the date before, so whatever starts on a date and ends at latest with the
    -- next one finds all its windows under its start, each once.
    windows_by_date as (
        {{
            each_date(
                "windows",
                add_days("cast(window_start_at as date)", -1),
                last_date("window_end_at"),
                "utc_date",
            )
        }}
    )

select
    utc_date,
    window_no,
    plant_id,
    machine_id,
    production_date,
    shift_id,
    schedule,
    window_start_at,
    window_end_at
from windows_by_date
