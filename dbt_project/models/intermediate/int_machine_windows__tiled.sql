with
    machine_days as (select * from {{ ref("int_machine_days__observed") }} where is_observed),
    assigned as (select * from {{ ref("int_machine_shifts__assigned") }}),
    shifts as (select * from assigned where planned_stop is null),
    planned_stops as (select * from assigned where planned_stop is not null),

    -- Where the schedule of a shift changes: it starts, a planned stop begins, a planned stop ends.
    schedule_changes as (
        select
            plant_id,
            machine_id,
            shift_id,
            start_at as change_at,
            'scheduled' as schedule,
            planned_stop,
            0 as change_order
        from shifts
        union all
        select
            plant_id,
            machine_id,
            shift_id,
            end_at as change_at,
            'scheduled' as schedule,
            cast(null as {{ dbt.type_string() }}) as planned_stop,
            1 as change_order
        from planned_stops
        union all
        select
            plant_id,
            machine_id,
            shift_id,
            start_at as change_at,
            'planned_stop' as schedule,
            planned_stop,
            2 as change_order
        from planned_stops
    ),

    schedule_spans as (
        select
            *,
            lead(change_at) over (
                partition by plant_id, machine_id, shift_id order by change_at, change_order
            ) as next_change_at
        from schedule_changes
    ),

    shift_windows as (
        select
            shifts.plant_id,
            shifts.machine_id,
            shifts.production_date,
            spans.schedule,
            shifts.shift_id,
            shifts.shift_code,
            spans.planned_stop,
            spans.change_at as window_start_at,
            coalesce(spans.next_change_at, shifts.end_at) as window_end_at
        from shifts
        inner join
            schedule_spans as spans
            on spans.plant_id = shifts.plant_id
            and spans.machine_id = shifts.machine_id
            and spans.shift_id = shifts.shift_id
    ),

    -- The part of each production day that shifts take. A shift may reach over the border of its
    -- own production day, so the neighbouring days are looked at too.
    taken as (
        select
            machine_days.plant_id,
            machine_days.machine_id,
            machine_days.production_date,
            greatest(shifts.start_at, machine_days.production_start_at) as start_at,
            least(shifts.end_at, machine_days.production_end_at) as end_at
        from
            (
                select *, {{ add_days("production_date", -1) }} as touched_date
                from shifts
                union all
                select *, production_date as touched_date
                from shifts
                union all
                select *, {{ add_days("production_date", 1) }} as touched_date
                from shifts
            ) as shifts
        inner join
            machine_days
            on machine_days.plant_id = shifts.plant_id
            and machine_days.machine_id = shifts.machine_id
            and machine_days.production_date = shifts.touched_date
            and machine_days.production_start_at < shifts.end_at
            and machine_days.production_end_at > shifts.start_at
        union all
        -- An empty span where the day starts, so that the time before the first shift shows up.
        select
            plant_id,
            machine_id,
            production_date,
            production_start_at as start_at,
            production_start_at as end_at
        from machine_days
    ),

    -- What is left of the day between them.
    spans_outside as (
        select
            plant_id,
            machine_id,
            production_date,
            end_at as start_at,
            lead(start_at) over (
                partition by plant_id, machine_id, production_date order by start_at, end_at
            ) as end_at
        from taken
    ),

    windows_outside as (
        select
            machine_days.plant_id,
            machine_days.machine_id,
            machine_days.production_date,
            -- Without a calendar nobody knows whether the machine was meant to run.
            case
                when machine_days.is_calendar_known then 'not_scheduled' else 'unknown'
            end as schedule,
            {{ outside_shift_id("machine_days.production_date") }} as shift_id,
            cast(null as {{ dbt.type_string() }}) as shift_code,
            cast(null as {{ dbt.type_string() }}) as planned_stop,
            spans_outside.start_at as window_start_at,
            coalesce(spans_outside.end_at, machine_days.production_end_at) as window_end_at
        from spans_outside
        inner join
            machine_days
            on machine_days.plant_id = spans_outside.plant_id
            and machine_days.machine_id = spans_outside.machine_id
            and machine_days.production_date = spans_outside.production_date
    ),

    windows as (
        select *
        from shift_windows
        union all
        select *
        from windows_outside
    )

select
    {{ row_handle() }} as window_no,
    plant_id,
    machine_id,
    production_date,
    schedule,
    shift_id,
    shift_code,
    planned_stop,
    window_start_at,
    window_end_at,
    {{ seconds_between("window_start_at", "window_end_at") }} as window_s
from windows
where window_end_at > window_start_at
