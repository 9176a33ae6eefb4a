with
    parts as (select * from {{ ref("int_machine_states__untangled") }}),
    windows as (select * from {{ ref("int_machine_windows__tiled") }}),
    kinds as (select * from {{ ref("int_state_kinds__numbered") }}),

    -- Inside a window the parts of a layer no longer overlap, so the last activity and the last
    -- stop that began before an instant are the only ones that can still last then.
    parts_in_turn as (
        select
            window_no,
            state_no,
            kind_no,
            is_upper_layer,
            part_start_at,
            part_end_at,
            lag(part_start_at) over (
                partition by window_no order by part_start_at, is_upper_layer
            ) as previous_start_at,
            lead(part_start_at) over (
                partition by window_no order by part_start_at, is_upper_layer
            ) as next_start_at,
            max(case when not is_upper_layer then part_start_at end) over (
                partition by window_no
                order by part_start_at, is_upper_layer
                rows between unbounded preceding and current row
            ) as activity_start_at,
            max(case when not is_upper_layer then part_end_at end) over (
                partition by window_no
                order by part_start_at, is_upper_layer
                rows between unbounded preceding and current row
            ) as activity_end_at,
            max(case when is_upper_layer then part_end_at end) over (
                partition by window_no
                order by part_start_at, is_upper_layer
                rows between unbounded preceding and current row
            ) as stop_end_at
        from parts
    ),

    -- A stop lasts as long as it says.
    stops as (
        select
            window_no,
            state_no,
            kind_no,
            part_start_at as piece_start_at,
            part_end_at as piece_end_at
        from parts_in_turn
        where is_upper_layer
    ),

    -- An activity lasts until a stop begins, and if a stop from before still lasts when the
    -- activity starts, it shows only from the stop's end.
    activities as (
        select
            window_no,
            state_no,
            kind_no,
            greatest(part_start_at, coalesce(stop_end_at, part_start_at)) as piece_start_at,
            least(part_end_at, coalesce(next_start_at, part_end_at)) as piece_end_at
        from parts_in_turn
        where not is_upper_layer
    ),

    -- When a stop ends, the activity around it goes on.
    resumed_activities as (
        select
            stops.window_no,
            activities.state_no,
            activities.kind_no,
            stops.part_end_at as piece_start_at,
            least(
                stops.activity_end_at, coalesce(stops.next_start_at, stops.activity_end_at)
            ) as piece_end_at
        from parts_in_turn as stops
        inner join
            parts as activities
            on activities.window_no = stops.window_no
            and activities.part_start_at = stops.activity_start_at
            and not activities.is_upper_layer
        where stops.is_upper_layer and stops.activity_end_at > stops.part_end_at
    ),

    -- What nobody delivered is not observed: in front of the first part, ...
    gaps_before as (
        select
            windows.window_no,
            cast(null as bigint) as state_no,
            cast(null as bigint) as kind_no,
            windows.window_start_at as piece_start_at,
            coalesce(parts.part_start_at, windows.window_end_at) as piece_end_at
        from windows
        left join
            parts_in_turn as parts
            on parts.window_no = windows.window_no
            and parts.previous_start_at is null
    ),

    -- ... and between the last end so far and the next start.
    gaps_after as (
        select
            parts.window_no,
            cast(null as bigint) as state_no,
            cast(null as bigint) as kind_no,
            greatest(
                coalesce(parts.activity_end_at, parts.stop_end_at),
                coalesce(parts.stop_end_at, parts.activity_end_at)
            ) as piece_start_at,
            coalesce(parts.next_start_at, windows.window_end_at) as piece_end_at
        from parts_in_turn as parts
        inner join windows on windows.window_no = parts.window_no
    ),

    pieces as (
        select *
        from stops
        union all
        select *
        from activities
        union all
        select *
        from resumed_activities
        union all
        select *
        from gaps_before
        union all
        select *
        from gaps_after
    )

select
    pieces.window_no,
    pieces.piece_start_at,
    pieces.piece_end_at,
    pieces.state_no,
    pieces.kind_no,
    coalesce(kinds.state, 'not_observed') as state,
    kinds.source,
    kinds.reason_id,
    kinds.is_labelled,
    coalesce(kinds.is_failure, false) as is_failure,
    coalesce(kinds.is_open, false) as is_open
from pieces
left join kinds on kinds.kind_no = pieces.kind_no
where pieces.piece_end_at > pieces.piece_start_at
