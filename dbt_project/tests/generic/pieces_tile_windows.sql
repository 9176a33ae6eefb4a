{#
    The pieces of every window add up to the window exactly, start with it, end with it and do not
    overlap: so no second is lost, none counts twice.
#}
{% test pieces_tile_windows(model, windows) %}

    with
        pieces_in_turn as (
            select
                window_no,
                piece_start_at,
                piece_end_at,
                lag(piece_end_at) over (
                    partition by window_no order by piece_start_at, piece_end_at
                ) as previous_end_at
            from {{ model }}
        ),

        pieces as (
            select
                window_no,
                sum({{ seconds_between("piece_start_at", "piece_end_at") }}) as pieces_s,
                min(piece_start_at) as first_start_at,
                max(piece_end_at) as last_end_at,
                sum(case when previous_end_at > piece_start_at then 1 else 0 end) as overlap_qty
            from pieces_in_turn
            group by window_no
        )

    select windows.window_no, windows.window_s, pieces.pieces_s, pieces.overlap_qty
    from {{ windows }} as windows
    full outer join pieces on pieces.window_no = windows.window_no
    where
        pieces.window_no is null
        or windows.window_no is null
        or pieces.pieces_s <> windows.window_s
        or pieces.first_start_at <> windows.window_start_at
        or pieces.last_end_at <> windows.window_end_at
        or pieces.overlap_qty > 0

{% endtest %}
