with
    events as (select * from {{ ref("int_scrap_events__resolved") }}),
    costs as (select * from {{ ref("int_item_costs__valid") }}),
    operation_costs as (select * from {{ ref("int_operation_costs__valid") }})

select
    {{ surrogate_key(["events.plant_id", "events.source", "events.scrap_id"]) }} as scrap_key,
    {{ surrogate_key(["events.plant_id"]) }} as plant_key,
    case
        when events.machine_id is not null
        then {{ surrogate_key(["events.plant_id", "events.machine_id"]) }}
    end as machine_key,
    case
        when events.shift_id is not null
        then {{ surrogate_key(["events.plant_id", "events.shift_id"]) }}
    end as shift_key,
    case
        when events.item_id is not null
        then {{ surrogate_key(["events.plant_id", "events.item_id"]) }}
    end as item_key,
    case
        when events.order_id is not null
        then {{ surrogate_key(["events.plant_id", "events.order_id"]) }}
    end as order_key,
    case
        when events.reason_id is not null
        then
            {{ surrogate_key(["events.plant_id", "events.source", "'scrap'", "events.reason_id"]) }}
    end as reason_key,
    case
        when events.is_run_known
        then {{ surrogate_key(["events.plant_id", "events.source", "events.run_id"]) }}
    end as production_key,
    events.plant_id,
    events.source,
    events.scrap_id,
    events.disposition,
    events.production_date,
    events.produced_at,
    events.detected_at,
    events.rejected_qty,
    case when events.disposition = 'scrap' then events.rejected_qty else 0 end as scrap_qty,
    case when events.disposition = 'rework' then events.rejected_qty else 0 end as rework_qty,
    cast(
        case when events.disposition = 'scrap' then events.rejected_qty else 0 end
        * coalesce(operation_costs.unit_cost_amount, costs.unit_cost_amount) as decimal(38, 12)
    ) as scrap_cost_amount,
    events.delivery_id,
    events.line_no
from events
left join
    costs
    on costs.plant_id = events.plant_id
    and costs.item_id = events.item_id
    and costs.valid_from <= events.production_date
    and (costs.valid_to is null or costs.valid_to > events.production_date)
left join
    operation_costs
    on operation_costs.plant_id = events.plant_id
    and operation_costs.item_id = events.item_id
    and operation_costs.sequence_no = events.sequence_no
    and operation_costs.valid_from <= events.production_date
    and (operation_costs.valid_to is null or operation_costs.valid_to > events.production_date)
