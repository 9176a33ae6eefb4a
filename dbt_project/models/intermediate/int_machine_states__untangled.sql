with
    parts as (select *, layer > 0 as is_upper_layer from {{ ref("int_machine_states__cut") }}),
    states as (select * from {{ ref("int_machine_states__resolved") }}),

    -- Two states of one layer cannot both be true. Most windows hold no such pair ...
    parts_in_turn as (
        select
            window_no,
            is_upper_layer,
            part_start_at,
            lag(part_end_at) over (
                partition by window_no, is_upper_layer order by part_start_at, part_end_at
            ) as previous_end_at
        from parts
    ),

    tangled_windows as (
        select distinct window_no, is_upper_layer
        from parts_in_turn
        where previous_end_at > part_start_at
    ),

    clear_parts as (
        select parts.*
        from parts
        left join
            tangled_windows
            on tangled_windows.window_no = parts.window_no
            and tangled_windows.is_upper_layer = parts.is_upper_layer
        where tangled_windows.window_no is null
    ),

    tangled_parts as (
        select parts.*, states.start_at, states.end_at, states.extracted_at, states.state_id
        from parts
        inner join
            tangled_windows
            on tangled_windows.window_no = parts.window_no
            and tangled_windows.is_upper_layer = parts.is_upper_layer
        inner join states on states.state_no = parts.state_no
    ),

    -- ... in the others, parts that hang together through a chain of overlaps form a knot.
    knot_starts as (
        select
            *,
            case
                when
                    part_start_at >= max(part_end_at) over (
                        partition by window_no, is_upper_layer
                        order by part_start_at, part_end_at, state_id
                        rows between unbounded preceding and 1 preceding
                    )
                then 1
                else 0
            end as is_knot_start
        from tangled_parts
    ),

    knots as (
        select
            *,
            sum(is_knot_start) over (
                partition by window_no, is_upper_layer
                order by part_start_at, part_end_at, state_id
                rows between unbounded preceding and current row
            ) as knot_no
        from knot_starts
    ),

    -- Every instant at which a part of the knot begins or ends bounds a stretch ...
    bounds as (
        select window_no, is_upper_layer, knot_no, part_start_at as bound_at
        from knots
        union
        select window_no, is_upper_layer, knot_no, part_end_at as bound_at
        from knots
    ),

    stretches as (
        select
            *,
            lead(bound_at) over (
                partition by window_no, is_upper_layer, knot_no order by bound_at
            ) as next_bound_at
        from bounds
    ),

    -- ... in which exactly one of the parts that cover it wins: the higher layer, then the later
    -- start, then the earlier end, then the later delivery.
    contenders as (
        select
            knots.*,
            stretches.bound_at,
            stretches.next_bound_at,
            row_number() over (
                partition by
                    knots.window_no, knots.is_upper_layer, knots.knot_no, stretches.bound_at
                order by
                    knots.layer desc,
                    knots.start_at desc,
                    knots.end_at asc,
                    knots.extracted_at desc,
                    knots.state_id desc
            ) as place_no
        from knots
        inner join
            stretches
            on stretches.window_no = knots.window_no
            and stretches.is_upper_layer = knots.is_upper_layer
            and stretches.knot_no = knots.knot_no
            and stretches.bound_at >= knots.part_start_at
            and stretches.next_bound_at <= knots.part_end_at
    )

select window_no, state_no, kind_no, is_upper_layer, part_start_at, part_end_at
from clear_parts
union all
select
    window_no,
    state_no,
    kind_no,
    is_upper_layer,
    bound_at as part_start_at,
    next_bound_at as part_end_at
from contenders
where place_no = 1
