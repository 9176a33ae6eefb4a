with
    operations as (
        select * from {{ ref("int_order_operations__timed") }} where started_at is not null
    ),
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    windows as (
        select * from {{ ref("int_machine_windows__tiled") }} where schedule <> 'not_scheduled'
    ),
    pieces as (select * from {{ ref("int_machine_time__tiled") }} where state = 'not_observed'),

    gaps as (
        select
            windows.plant_id,
            windows.machine_id,
            pieces.piece_start_at as gap_start_at,
            pieces.piece_end_at as gap_end_at
        from pieces
        inner join windows on windows.window_no = pieces.window_no
    ),

    machines_of_operations as (
        select distinct plant_id, source, operation_id, machine_id
        from runs
        where operation_id is not null
    )

-- What a machine did meanwhile may have been work on the operation, or not.
select
    operations.plant_id,
    operations.source,
    operations.operation_id,
    sum(
        {{
            seconds_between(
                "greatest(gaps.gap_start_at, operations.started_at)",
                "least(gaps.gap_end_at, operations.ended_at)",
            )
        }}
    ) as not_observed_s
from operations
inner join
    machines_of_operations as machines
    on machines.plant_id = operations.plant_id
    and machines.source = operations.source
    and machines.operation_id = operations.operation_id
inner join
    gaps
    on gaps.plant_id = machines.plant_id
    and gaps.machine_id = machines.machine_id
    and gaps.gap_start_at < operations.ended_at
    and gaps.gap_end_at > operations.started_at
group by operations.plant_id, operations.source, operations.operation_id
