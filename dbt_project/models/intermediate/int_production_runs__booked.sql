with
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    windows as (select * from {{ ref("int_machine_windows__by_date") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),

    -- The pieces of a run count where they were booked: at its last instant. They are never
    -- copied to the other windows that the run touched, and never split.
    last_instants as (
        select plant_id, source, run_id, machine_id, end_at - interval 1 microsecond as booked_at
        from runs
    ),

    windows_of_runs as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            windows.production_date,
            windows.shift_id,
            windows.schedule
        from last_instants as runs
        inner join
            windows
            on windows.plant_id = runs.plant_id
            and windows.machine_id = runs.machine_id
            and windows.utc_date = cast(runs.booked_at as date)
            and windows.window_start_at <= runs.booked_at
            and windows.window_end_at > runs.booked_at
    ),

    -- A run of a machine whose states nobody delivered still belongs to a production day.
    runs_without_window as (
        select runs.*
        from last_instants as runs
        left join
            windows_of_runs
            on windows_of_runs.plant_id = runs.plant_id
            and windows_of_runs.source = runs.source
            and windows_of_runs.run_id = runs.run_id
        where windows_of_runs.run_id is null
    ),

    days_of_runs as (
        select runs.plant_id, runs.source, runs.run_id, plant_days.plant_date as production_date
        from runs_without_window as runs
        inner join
            plant_days
            on plant_days.plant_id = runs.plant_id
            and plant_days.production_start_at <= runs.booked_at
            and plant_days.production_end_at > runs.booked_at
    )

select
    runs.*,
    coalesce(windows.production_date, days.production_date) as production_date,
    coalesce(windows.shift_id, {{ outside_shift_id("days.production_date") }}) as shift_id,
    coalesce(windows.schedule, 'unknown') as schedule
from runs
left join
    windows_of_runs as windows
    on windows.plant_id = runs.plant_id
    and windows.source = runs.source
    and windows.run_id = runs.run_id
left join
    days_of_runs as days
    on days.plant_id = runs.plant_id
    and days.source = runs.source
    and days.run_id = runs.run_id
