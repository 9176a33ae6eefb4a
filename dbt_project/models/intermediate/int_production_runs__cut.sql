with
    runs as (select * from {{ ref("int_production_runs__resolved") }} where end_at > start_at),
    plants as (select * from {{ ref("stg_plants") }} where run_booking = 'run_time'),
    windows as (select * from {{ ref("int_machine_windows__tiled") }}),
    windows_by_date as (select * from {{ ref("int_machine_windows__by_date") }}),
    plant_windows as (select * from {{ ref("int_plant_windows__tiled") }}),
    machine_time as (
        select *
        from {{ ref("int_machine_time__tiled") }}
        where state in ('producing', 'rework', 'not_observed')
    ),

    watched_spans as (
        select
            windows.plant_id,
            windows.machine_id,
            min(windows.window_start_at) as watched_from_at,
            max(windows.window_end_at) as watched_until_at
        from windows
        inner join plants on plants.plant_id = windows.plant_id
        group by windows.plant_id, windows.machine_id
    ),

    -- Runs and windows meet on a date, so a run of many days is looked at day by day.
    spread_runs as (select runs.* from runs inner join plants on plants.plant_id = runs.plant_id),

    dates_of_runs as (
        {{ each_date("spread_runs", "cast(start_at as date)", last_date("end_at"), "utc_date") }}
    ),

    days_of_runs as (
        select
            plant_id,
            source,
            run_id,
            machine_id,
            utc_date,
            greatest(start_at, cast(utc_date as timestamp)) as start_at,
            least(end_at, cast({{ add_days("utc_date", 1) }} as timestamp)) as end_at
        from dates_of_runs
    ),

    parts_in_windows as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            windows.window_no,
            windows.production_date,
            windows.shift_id,
            windows.schedule,
            min(greatest(runs.start_at, windows.window_start_at)) as part_start_at,
            max(least(runs.end_at, windows.window_end_at)) as part_end_at
        from days_of_runs as runs
        inner join
            windows_by_date as windows
            on windows.plant_id = runs.plant_id
            and windows.machine_id = runs.machine_id
            and windows.utc_date = runs.utc_date
            and windows.window_start_at < runs.end_at
            and windows.window_end_at > runs.start_at
        group by
            runs.plant_id,
            runs.source,
            runs.run_id,
            windows.window_no,
            windows.production_date,
            windows.shift_id,
            windows.schedule
    ),

    -- A run ran while its machine produced, and may have run while nobody watched.
    run_times as (
        select
            parts.plant_id,
            parts.source,
            parts.run_id,
            parts.window_no,
            sum(
                {{
                    seconds_between(
                        "greatest(machine_time.piece_start_at, parts.part_start_at)",
                        "least(machine_time.piece_end_at, parts.part_end_at)",
                    )
                }}
            ) as run_time_s
        from parts_in_windows as parts
        inner join
            machine_time
            on machine_time.window_no = parts.window_no
            and machine_time.piece_start_at < parts.part_end_at
            and machine_time.piece_end_at > parts.part_start_at
        group by parts.plant_id, parts.source, parts.run_id, parts.window_no
    ),

    watched_parts as (
        select
            parts.plant_id,
            parts.source,
            parts.run_id,
            parts.production_date,
            parts.shift_id,
            parts.schedule,
            parts.part_start_at,
            parts.part_end_at,
            coalesce(run_times.run_time_s, 0) as run_time_s
        from parts_in_windows as parts
        left join
            run_times
            on run_times.plant_id = parts.plant_id
            and run_times.source = parts.source
            and run_times.run_id = parts.run_id
            and run_times.window_no = parts.window_no
    ),

    -- Before the first state of its machine and after the last, its plant's shifts count, ...
    unwatched_days as (
        select
            runs.*,
            least(runs.end_at, coalesce(spans.watched_from_at, runs.end_at)) as unwatched_until_at,
            greatest(
                runs.start_at, coalesce(spans.watched_until_at, runs.end_at)
            ) as unwatched_from_at
        from days_of_runs as runs
        left join
            watched_spans as spans
            on spans.plant_id = runs.plant_id
            and spans.machine_id = runs.machine_id
    ),

    unwatched_spans as (
        select
            plant_id,
            source,
            run_id,
            utc_date,
            start_at as span_start_at,
            unwatched_until_at as span_end_at
        from unwatched_days
        union all
        select
            plant_id,
            source,
            run_id,
            utc_date,
            unwatched_from_at as span_start_at,
            end_at as span_end_at
        from unwatched_days
    ),

    -- ... and nobody says that it stood.
    unwatched_parts as (
        select
            spans.plant_id,
            spans.source,
            spans.run_id,
            plant_windows.production_date,
            plant_windows.shift_id,
            'unknown' as schedule,
            min(greatest(spans.span_start_at, plant_windows.window_start_at)) as part_start_at,
            max(least(spans.span_end_at, plant_windows.window_end_at)) as part_end_at,
            sum(
                {{
                    seconds_between(
                        "greatest(spans.span_start_at, plant_windows.window_start_at)",
                        "least(spans.span_end_at, plant_windows.window_end_at)",
                    )
                }}
            ) as run_time_s
        from unwatched_spans as spans
        inner join
            plant_windows
            on plant_windows.plant_id = spans.plant_id
            and plant_windows.utc_date = spans.utc_date
            and plant_windows.window_start_at < spans.span_end_at
            and plant_windows.window_end_at > spans.span_start_at
        where spans.span_end_at > spans.span_start_at
        group by
            spans.plant_id,
            spans.source,
            spans.run_id,
            plant_windows.production_date,
            plant_windows.shift_id
    ),

    parts as (
        select *
        from watched_parts
        union all
        select *
        from unwatched_parts
    ),

    -- Where the machine stood all the time by its states, and yet something was counted, the
    -- clock alone can say how much of it belongs where.
    weighed_parts as (
        select
            *,
            case
                when sum(run_time_s) over (partition by plant_id, source, run_id) > 0
                then run_time_s
                else {{ seconds_between("part_start_at", "part_end_at") }}
            end as weight_s
        from parts
    ),

    weighed_so_far as (
        select
            *,
            row_number() over (
                partition by plant_id, source, run_id order by part_start_at
            ) as piece_no,
            sum(weight_s) over (
                partition by plant_id, source, run_id
                order by part_start_at
                rows between unbounded preceding and current row
            ) as weight_so_far_s,
            sum(weight_s) over (partition by plant_id, source, run_id) as run_weight_s
        from weighed_parts
        where weight_s > 0
    )

select
    plant_id,
    source,
    run_id,
    piece_no,
    part_start_at as piece_start_at,
    part_end_at as piece_end_at,
    {{ ratio("weight_so_far_s - weight_s", "run_weight_s") }} as from_ratio,
    {{ ratio("weight_so_far_s", "run_weight_s") }} as to_ratio,
    production_date,
    shift_id,
    schedule
from weighed_so_far
