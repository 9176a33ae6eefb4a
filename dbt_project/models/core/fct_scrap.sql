{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('int_delivery_changes'), delivery_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("int_delivery_changes") }} where is_changed),
    events as ({{ changed_rows(ref("int_scrap_events__resolved"), delivery_keys()) }})

select
    {{ surrogate_key(["events.plant_id", "events.source", "events.scrap_id", "events.piece_no"]) }}
    as scrap_key,
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
        then
            {{
                surrogate_key(
                    ["events.plant_id", "events.source", "events.run_id", "events.piece_no"]
                )
            }}
    end as production_key,
    events.plant_id,
    events.source,
    events.scrap_id,
    cast(events.piece_no as bigint) as piece_no,
    events.disposition,
    events.production_date,
    events.produced_at,
    events.detected_at,
    events.rejected_qty,
    case when events.disposition = 'scrap' then events.rejected_qty else 0 end as scrap_qty,
    case when events.disposition = 'rework' then events.rejected_qty else 0 end as rework_qty,
    cast(
        case when events.disposition = 'scrap' then events.rejected_qty else 0 end
        * events.unit_cost_amount as decimal(38, 12)
    ) as scrap_cost_amount,
    events.delivery_id,
    events.line_no
from events
