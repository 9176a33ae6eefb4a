with
    plant_days as (select * from {{ ref("stg_plant_days") }}),
    shifts as (
        select *
        from {{ ref("int_shifts__unioned") }}
        where planned_stop is null and machine_id is null and line_id is null
    ),

    -- On each date the calendar that a system delivered is believed before the configured pattern.
    deciding_levels as (
        select plant_id, production_date, min(level_no) as level_no
        from shifts
        group by plant_id, production_date
    ),

    -- A shift ends at latest where the next one starts.
    shifts_in_turn as (
        select
            shifts.*,
            least(
                shifts.end_at,
                coalesce(
                    lead(shifts.start_at) over (
                        partition by shifts.plant_id
                        order by shifts.start_at, shifts.end_at, shifts.shift_id
                    ),
                    shifts.end_at
                )
            ) as cut_end_at
        from shifts
        inner join
            deciding_levels
            on deciding_levels.plant_id = shifts.plant_id
            and deciding_levels.production_date = shifts.production_date
            and deciding_levels.level_no = shifts.level_no
    ),

    -- Every instant at which the shift, the production day or the UTC date changes ...
    changes as (
        select plant_id, start_at as change_at
        from shifts_in_turn
        union
        select plant_id, cut_end_at as change_at
        from shifts_in_turn
        union
        select plant_id, production_start_at as change_at
        from plant_days
        union
        select plant_id, production_end_at as change_at
        from plant_days
        union
        select plant_id, cast(plant_date as timestamp) as change_at
        from plant_days
    ),

    -- ... and the time between two of them.
    spans as (
        select
            plant_id,
            change_at as window_start_at,
            lead(change_at) over (partition by plant_id order by change_at) as window_end_at
        from changes
    )

select
    spans.plant_id,
    coalesce(shifts.production_date, plant_days.plant_date) as production_date,
    coalesce(shifts.shift_id, {{ outside_shift_id("plant_days.plant_date") }}) as shift_id,
    cast(spans.window_start_at as date) as utc_date,
    spans.window_start_at,
    spans.window_end_at
from spans
inner join
    plant_days
    on plant_days.plant_id = spans.plant_id
    and plant_days.production_start_at <= spans.window_start_at
    and plant_days.production_end_at > spans.window_start_at
left join
    shifts_in_turn as shifts
    on shifts.plant_id = spans.plant_id
    and shifts.start_at <= spans.window_start_at
    and shifts.cut_end_at > spans.window_start_at
