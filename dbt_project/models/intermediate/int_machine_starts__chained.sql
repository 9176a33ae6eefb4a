with
    states as (select * from {{ ref("int_machine_states__located") }}),

    -- Only what starts after the oldest open state can follow one: mostly the last few rows of a
    -- machine, and never more than one sort of its states.
    oldest_open as (
        select plant_id, machine_id, layer, min(start_at) as start_at
        from states
        where is_open and machine_id is not null
        group by plant_id, machine_id, layer
    ),

    starts as (
        select distinct states.plant_id, states.machine_id, states.layer, states.start_at
        from states
        inner join
            oldest_open
            on oldest_open.plant_id = states.plant_id
            and oldest_open.machine_id = states.machine_id
            and oldest_open.layer = states.layer
            and oldest_open.start_at <= states.start_at
    )

select
    plant_id,
    machine_id,
    layer,
    start_at,
    lead(start_at) over (
        partition by plant_id, machine_id, layer order by start_at
    ) as next_start_at
from starts
