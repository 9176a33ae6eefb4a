with
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    windows as (select * from {{ ref("int_machine_windows__by_date") }}),
    plant_windows as (select * from {{ ref("int_plant_windows__tiled") }}),

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

    -- Where the states of a machine are not known, its plant's shifts are: a machine may count what
    -- it makes and say nothing else, or be counted beyond its last state.
    windows_of_plant as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            plant_windows.production_date,
            plant_windows.shift_id,
            'unknown' as schedule
        from last_instants as runs
        left join
            windows_of_runs
            on windows_of_runs.plant_id = runs.plant_id
            and windows_of_runs.source = runs.source
            and windows_of_runs.run_id = runs.run_id
        inner join
            plant_windows
            on plant_windows.plant_id = runs.plant_id
            and plant_windows.utc_date = cast(runs.booked_at as date)
            and plant_windows.window_start_at <= runs.booked_at
            and plant_windows.window_end_at > runs.booked_at
        where windows_of_runs.run_id is null
    ),

    all_windows as (
        select *
        from windows_of_runs
        union all
        select *
        from windows_of_plant
    )

select
    runs.*,
    all_windows.production_date,
    all_windows.shift_id,
    coalesce(all_windows.schedule, 'unknown') as schedule
from runs
left join
    all_windows
    on all_windows.plant_id = runs.plant_id
    and all_windows.source = runs.source
    and all_windows.run_id = runs.run_id
