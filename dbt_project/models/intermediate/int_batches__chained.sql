with
    runs as (
        select * from {{ ref("int_production_runs__booked") }} where pass_no = 1 and piece_no = 1
    ),

    -- Runs of one item after another are one batch, however many shifts and orders they are.
    runs_in_turn as (
        select
            *,
            lag(item_id) over (
                partition by plant_id, machine_id order by start_at, end_at, source, run_id
            ) as previous_item_id
        from runs
        where item_id is not null
    ),

    batches as (
        select plant_id, machine_id, item_id, start_at, production_date
        from runs_in_turn
        where previous_item_id is null or previous_item_id <> item_id
    )

select
    plant_id,
    machine_id,
    item_id,
    start_at,
    production_date,
    lag(start_at) over (
        partition by plant_id, machine_id, item_id order by start_at
    ) as previous_start_at
from batches
