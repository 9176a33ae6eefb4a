with
    pieces as (
        select *
        from {{ ref("int_machine_time__tiled") }}
        where is_failure and state in ('delay', 'planned_down', 'no_order', 'setup')
    ),
    windows as (select * from {{ ref("int_machine_windows__tiled") }}),

    pieces_in_turn as (
        select
            windows.plant_id,
            windows.machine_id,
            windows.production_date,
            pieces.state,
            pieces.source,
            pieces.reason_id,
            pieces.piece_start_at,
            pieces.piece_end_at,
            lag(pieces.piece_end_at) over (
                partition by windows.plant_id, windows.machine_id order by pieces.piece_start_at
            ) as previous_end_at,
            lag(pieces.state) over (
                partition by windows.plant_id, windows.machine_id order by pieces.piece_start_at
            ) as previous_state,
            lag(pieces.source) over (
                partition by windows.plant_id, windows.machine_id order by pieces.piece_start_at
            ) as previous_source,
            lag(pieces.reason_id) over (
                partition by windows.plant_id, windows.machine_id order by pieces.piece_start_at
            ) as previous_reason_id
        from pieces
        inner join windows on windows.window_no = pieces.window_no
    ),

    -- Windows and midnights cut a stop into pieces; for one reason, without a break, it is one.
    pieces_of_stops as (
        select
            *,
            sum(
                case
                    when
                        previous_end_at = piece_start_at
                        and previous_state = state
                        and previous_source = source
                        and previous_reason_id is not distinct from reason_id
                    then 0
                    else 1
                end
            ) over (
                partition by plant_id, machine_id
                order by piece_start_at
                rows between unbounded preceding and current row
            ) as stop_no
        from pieces_in_turn
    )

select
    plant_id,
    machine_id,
    source,
    reason_id,
    min(production_date) as production_date,
    min(piece_start_at) as stop_start_at,
    max(piece_end_at) as stop_end_at
from pieces_of_stops
group by plant_id, machine_id, stop_no, source, reason_id
