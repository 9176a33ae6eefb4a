{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('int_delivery_changes'), delivery_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("int_delivery_changes") }} where is_changed),
    runs as ({{ changed_rows(ref("int_production_runs__booked"), delivery_keys()) }}),

    -- Performance and quality count first passes: a rework pass makes nothing new, and its time is
    -- rework time.
    first_passes as (
        select
            *,
            case when pass_no = 1 then produced_qty end as first_pass_produced_qty,
            case when pass_no = 1 then good_qty end as first_pass_good_qty,
            case when pass_no = 1 then rework_qty end as first_pass_rework_qty
        from runs
    )

select
    {{ surrogate_key(["plant_id", "source", "run_id", "piece_no"]) }} as production_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    {{ surrogate_key(["plant_id", "machine_id"]) }} as machine_key,
    {{ surrogate_key(["plant_id", "shift_id"]) }} as shift_key,
    case when item_id is not null then {{ surrogate_key(["plant_id", "item_id"]) }} end as item_key,
    case
        when order_id is not null then {{ surrogate_key(["plant_id", "order_id"]) }}
    end as order_key,
    plant_id,
    source,
    run_id,
    cast(piece_no as bigint) as piece_no,
    machine_id,
    item_id,
    order_id,
    operation_id,
    sequence_no,
    pass_no,
    production_date,
    schedule,
    piece_start_at as start_at,
    piece_end_at as end_at,
    is_open,
    ideal_cycle_s,
    ideal_cycle_origin,
    current_ideal_cycle_s,
    produced_qty,
    good_qty,
    scrap_qty,
    rework_qty,
    quantity_origin,
    cast(first_pass_produced_qty as decimal(18, 6)) as first_pass_produced_qty,
    cast(first_pass_good_qty as decimal(18, 6)) as first_pass_good_qty,
    cast(first_pass_rework_qty as decimal(18, 6)) as first_pass_rework_qty,
    cast(
        case when ideal_cycle_s is null then first_pass_produced_qty else 0 end as decimal(18, 6)
    ) as produced_qty_without_standard,
    cast(
        case when current_ideal_cycle_s is null then first_pass_produced_qty else 0 end as decimal(
            18, 6
        )
    ) as produced_qty_without_current_standard,
    cast(
        case when first_pass_good_qty is null then first_pass_produced_qty else 0 end as decimal(
            18, 6
        )
    ) as produced_qty_without_good,
    cast(first_pass_produced_qty * ideal_cycle_s as decimal(38, 12)) as ideal_s,
    cast(first_pass_good_qty * ideal_cycle_s as decimal(38, 12)) as good_ideal_s,
    cast(first_pass_rework_qty * ideal_cycle_s as decimal(38, 12)) as rework_ideal_s,
    cast(first_pass_produced_qty * current_ideal_cycle_s as decimal(38, 12)) as current_ideal_s,
    cast(first_pass_good_qty * current_ideal_cycle_s as decimal(38, 12)) as good_current_ideal_s,
    delivery_id,
    line_no
from first_passes
