with
    windows as (select * from {{ ref("int_machine_windows__tiled") }}),
    days as (select * from {{ ref("int_calendar_days") }})

-- Events and windows meet on a date: joining on a key and filtering the overlap costs a small part
-- of what a join on the overlap alone does. A window is listed under every UTC date it touches and
-- under the date before, so whatever starts on a date and ends at latest with the next one finds
-- all its windows under its start, each once.
select
    days.calendar_date as utc_date,
    windows.window_no,
    windows.plant_id,
    windows.machine_id,
    windows.production_date,
    windows.shift_id,
    windows.schedule,
    windows.window_start_at,
    windows.window_end_at
from windows
inner join
    days
    on days.calendar_date
    between {{ add_days("cast(windows.window_start_at as date)", -1) }}
    and {{ last_date("windows.window_end_at") }}
