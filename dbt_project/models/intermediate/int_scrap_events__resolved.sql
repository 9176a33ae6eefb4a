with
    events as (select * from {{ ref("stg_scrap_events") }}),
    runs as (select * from {{ ref("int_production_runs__booked") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),
    costs as (select * from {{ ref("int_item_costs__valid") }}),
    operation_costs as (select * from {{ ref("int_operation_costs__valid") }}),

    -- Machine, item, order and time of a rejection are those of the run that made the units. Where
    -- the run counts in pieces, so does what was rejected of it, unless it is dated by itself.
    resolved as (
        select
            events.plant_id,
            events.source,
            events.scrap_id,
            events.run_id,
            runs.run_id is not null as is_run_known,
            coalesce(runs.piece_no, 1) as piece_no,
            coalesce(runs.machine_id, machine_ids.business_id, events.machine_id) as machine_id,
            coalesce(runs.item_id, item_ids.business_id, events.item_id) as item_id,
            runs.order_id,
            runs.sequence_no,
            events.reason_id,
            events.disposition,
            case
                when events.produced_at is null and runs.run_id is not null
                then {{ piece_of("events.rejected_qty", "runs.from_ratio", "runs.to_ratio") }}
                else events.rejected_qty
            end as rejected_qty,
            coalesce(events.produced_at, runs.piece_end_at) as produced_at,
            events.detected_at,
            -- Units that the event itself dates elsewhere are looked up by the day alone.
            case
                when events.produced_at is null then runs.production_date
            end as run_production_date,
            case when events.produced_at is null then runs.shift_id end as run_shift_id,
            events.delivery_id,
            events.line_no
        from events
        left join
            runs
            on runs.plant_id = events.plant_id
            and runs.source = events.source
            and runs.run_id = events.run_id
        left join
            identifiers as machine_ids
            on machine_ids.plant_id = events.plant_id
            and machine_ids.source = events.source
            and machine_ids.id_kind = 'machine'
            and machine_ids.source_id = events.machine_id
        left join
            identifiers as item_ids
            on item_ids.plant_id = events.plant_id
            and item_ids.source = events.source
            and item_ids.id_kind = 'item'
            and item_ids.source_id = events.item_id
        -- Not a condition of the join above: there it would compare every event with every run.
        where coalesce(runs.piece_no, 1) = 1 or events.produced_at is null
    ),

    dated as (
        select
            resolved.*,
            coalesce(resolved.run_production_date, plant_days.plant_date) as production_date,
            coalesce(
                resolved.run_shift_id, {{ outside_shift_id("plant_days.plant_date") }}
            ) as shift_id
        from resolved
        left join
            plant_days
            on plant_days.plant_id
            = case when resolved.run_production_date is null then resolved.plant_id end
            and plant_days.production_start_at <= resolved.produced_at
            and plant_days.production_end_at > resolved.produced_at
    )

select
    dated.*, coalesce(operation_costs.unit_cost_amount, costs.unit_cost_amount) as unit_cost_amount
from dated
left join
    costs
    on costs.plant_id = dated.plant_id
    and costs.item_id = dated.item_id
    and {{ valid_at("costs", "dated.production_date") }}
left join
    operation_costs
    on operation_costs.plant_id = dated.plant_id
    and operation_costs.item_id = dated.item_id
    and operation_costs.sequence_no = dated.sequence_no
    and {{ valid_at("operation_costs", "dated.production_date") }}
