with
    machine_days as (select * from {{ ref("int_machine_days__observed") }}),
    shifts as (select * from {{ ref("int_shifts__unioned") }}),

    -- Every calendar row that speaks of the machine on the date, on whatever level.
    applicable as (
        select
            machine_days.machine_id as for_machine_id,
            machine_days.observed_from_at,
            machine_days.observed_to_at,
            shifts.*
        from machine_days
        inner join
            shifts
            on shifts.plant_id = machine_days.plant_id
            and shifts.production_date = machine_days.production_date
            and (shifts.machine_id is null or shifts.machine_id = machine_days.machine_id)
            and (shifts.line_id is null or shifts.line_id = machine_days.line_id)
    ),

    -- The narrowest level that names a shift on the date decides the machine's shifts.
    deciding_levels as (
        select plant_id, for_machine_id, production_date, min(level_no) as level_no
        from applicable
        where planned_stop is null
        group by plant_id, for_machine_id, production_date
    ),

    -- Planned stops of a narrower level count as well: planned maintenance of one machine inside
    -- the shift of the whole plant.
    believed as (
        select applicable.*
        from applicable
        inner join
            deciding_levels
            on deciding_levels.plant_id = applicable.plant_id
            and deciding_levels.for_machine_id = applicable.for_machine_id
            and deciding_levels.production_date = applicable.production_date
        where
            applicable.level_no = deciding_levels.level_no
            or (
                applicable.planned_stop is not null
                and applicable.level_no < deciding_levels.level_no
            )
    ),

    -- A machine is in one shift at a time: a shift ends at latest where the next one starts.
    shifts_in_turn as (
        select
            *,
            greatest(start_at, observed_from_at) as cut_start_at,
            least(
                end_at,
                observed_to_at,
                coalesce(
                    lead(start_at) over (
                        partition by plant_id, for_machine_id order by start_at, end_at, shift_id
                    ),
                    end_at
                )
            ) as cut_end_at
        from believed
        where planned_stop is null
    ),

    assigned_shifts as (
        select
            plant_id,
            for_machine_id as machine_id,
            production_date,
            shift_id,
            shift_code,
            cast(null as {{ dbt.type_string() }}) as planned_stop,
            cut_start_at as start_at,
            cut_end_at as end_at
        from shifts_in_turn
        where cut_end_at > cut_start_at
    ),

    -- Planned stops, clipped to the shifts they lie in.
    clipped_stops as (
        select
            shifts.plant_id,
            shifts.machine_id,
            shifts.production_date,
            shifts.shift_id,
            shifts.shift_code,
            stops.planned_stop,
            greatest(stops.start_at, shifts.start_at) as start_at,
            least(stops.end_at, shifts.end_at) as end_at,
            stops.shift_id as stop_id
        from assigned_shifts as shifts
        inner join
            believed as stops
            on stops.plant_id = shifts.plant_id
            and stops.for_machine_id = shifts.machine_id
            and stops.production_date = shifts.production_date
            and stops.planned_stop is not null
            and stops.start_at < shifts.end_at
            and stops.end_at > shifts.start_at
    ),

    -- Planned stops that overlap count once: a later one begins where the earlier ended.
    stops_in_turn as (
        select
            *,
            coalesce(
                greatest(
                    start_at,
                    max(end_at) over (
                        partition by plant_id, machine_id, shift_id
                        order by start_at, end_at, stop_id
                        rows between unbounded preceding and 1 preceding
                    )
                ),
                start_at
            ) as cut_start_at
        from clipped_stops
    )

select plant_id, machine_id, production_date, shift_id, shift_code, planned_stop, start_at, end_at
from assigned_shifts
union all
select
    plant_id,
    machine_id,
    production_date,
    shift_id,
    shift_code,
    planned_stop,
    cut_start_at as start_at,
    end_at
from stops_in_turn
where end_at > cut_start_at
