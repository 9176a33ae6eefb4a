with
    pieces as (select * from {{ ref("int_machine_time__tiled") }}),
    states as (select * from {{ ref("int_machine_states__located") }}),
    runs as (select * from {{ ref("int_production_runs__resolved") }}),

    -- What a run was there for, from its counts, or from its own state where it counts nothing (a
    -- setup).
    named as (
        select plant_id, source, run_id, operation_id
        from runs
        where operation_id is not null
        union all
        select plant_id, source, run_id, operation_id
        from states
        where run_id is not null and operation_id is not null
    ),

    run_operations as (
        select plant_id, source, run_id, min(operation_id) as operation_id
        from named
        group by plant_id, source, run_id
    ),

    states_of_operations as (
        select
            states.state_no,
            states.plant_id,
            states.source,
            coalesce(states.operation_id, run_operations.operation_id) as operation_id
        from states
        left join
            run_operations
            on run_operations.plant_id = states.plant_id
            and run_operations.source = states.source
            and run_operations.run_id = states.run_id
    ),

    -- Time in which the machine was busy with the operation, on any day: an order does not wait
    -- for the calendar.
    busy_pieces as (
        select
            states.plant_id,
            states.source,
            states.operation_id,
            pieces.state,
            pieces.piece_start_at,
            pieces.piece_end_at,
            {{ seconds_between("pieces.piece_start_at", "pieces.piece_end_at") }} as piece_s
        from pieces
        inner join states_of_operations as states on states.state_no = pieces.state_no
        where
            states.operation_id is not null
            and pieces.state in ('producing', 'setup', 'delay', 'rework')
    )

select
    plant_id,
    source,
    operation_id,
    min(piece_start_at) as first_busy_at,
    max(piece_end_at) as last_busy_at,
    sum(case when state = 'producing' then piece_s else 0 end) as apt_s,
    sum(case when state = 'setup' then piece_s else 0 end) as aust_s,
    sum(case when state = 'delay' then piece_s else 0 end) as adet_s,
    sum(case when state = 'rework' then piece_s else 0 end) as rework_s
from busy_pieces
group by plant_id, source, operation_id
