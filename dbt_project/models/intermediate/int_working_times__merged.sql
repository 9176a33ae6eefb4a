with
    calendar as (select * from {{ ref("int_shifts__unioned") }}),

    -- The clock of the whole plant: of each date the shifts that a system delivered for the plant,
    -- else its configured pattern, else those of its lines and machines together.
    ranked as (
        select
            *,
            min(case level_no when 3 then 1 when 4 then 2 when 2 then 3 else 4 end) over (
                partition by plant_id, production_date
            ) as best_rank_no
        from calendar
        where planned_stop is null
    ),

    shifts as (
        select plant_id, start_at, end_at
        from ranked
        where case level_no when 3 then 1 when 4 then 2 when 2 then 3 else 4 end = best_rank_no
    ),

    -- Only what stops the whole plant stops its clock.
    planned_stops as (
        select plant_id, start_at, end_at
        from calendar
        where planned_stop is not null and machine_id is null and line_id is null
    ),

    -- How many shifts and how many planned stops begin or end at an instant.
    changes as (
        select plant_id, start_at as change_at, 1 as shift_change_qty, 0 as stop_change_qty
        from shifts
        union all
        select plant_id, end_at as change_at, -1 as shift_change_qty, 0 as stop_change_qty
        from shifts
        union all
        select plant_id, start_at as change_at, 0 as shift_change_qty, 1 as stop_change_qty
        from planned_stops
        union all
        select plant_id, end_at as change_at, 0 as shift_change_qty, -1 as stop_change_qty
        from planned_stops
    ),

    instants as (
        select
            plant_id,
            change_at,
            sum(shift_change_qty) as shift_change_qty,
            sum(stop_change_qty) as stop_change_qty
        from changes
        group by plant_id, change_at
    ),

    stretches as (
        select
            plant_id,
            change_at as start_at,
            lead(change_at) over (partition by plant_id order by change_at) as end_at,
            sum(shift_change_qty) over (
                partition by plant_id
                order by change_at
                rows between unbounded preceding and current row
            ) as shift_qty,
            sum(stop_change_qty) over (
                partition by plant_id
                order by change_at
                rows between unbounded preceding and current row
            ) as stop_qty
        from instants
    )

select plant_id, start_at, end_at
from stretches
where shift_qty > 0 and stop_qty = 0 and end_at is not null
