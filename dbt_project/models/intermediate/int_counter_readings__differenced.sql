with
    readings as (select * from {{ ref("stg_counter_readings") }}),

    readings_in_turn as (
        select
            *,
            lag(reading_qty) over (
                partition by plant_id, source, machine_id, counter order by read_at
            ) as previous_reading_qty
        from readings
    ),

    -- A counter that rolls over was read before it could count half its way round: a larger step
    -- is a counter that somebody set back.
    judged as (
        select
            *,
            rollover_qty - previous_reading_qty + reading_qty as rollover_change_qty,
            case
                when previous_reading_qty is null
                then 'baseline'
                when reading_qty >= previous_reading_qty
                then 'count'
                when
                    previous_reading_qty < rollover_qty
                    and 2 * (rollover_qty - previous_reading_qty + reading_qty) <= rollover_qty
                then 'rollover'
                else 'reset'
            end as change_kind
        from readings_in_turn
    )

select
    plant_id,
    source,
    machine_id,
    counter,
    read_at,
    order_id,
    item_id,
    change_kind,
    -- What a counter shows after a reset was certainly made since; what was made between the last
    -- reading and the reset, nobody knows.
    cast(
        case
            when change_kind = 'count'
            then reading_qty - previous_reading_qty
            when change_kind = 'rollover'
            then rollover_change_qty
            when change_kind = 'reset'
            then reading_qty
        end as decimal(18, 6)
    ) as change_qty,
    delivery_id,
    line_no
from judged
