{{ config(materialized="view") }}

with
    rates as (select * from {{ ref("stg_standard_rates") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }})

select
    rates.plant_id,
    rates.source,
    coalesce(item_ids.business_id, rates.item_id) as item_id,
    coalesce(machine_ids.business_id, rates.machine_id) as machine_id,
    rates.valid_from,
    rates.valid_to,
    rates.ideal_cycle_s,
    rates.planned_setup_s
from rates
left join
    identifiers as item_ids
    on item_ids.plant_id = rates.plant_id
    and item_ids.source = rates.source
    and item_ids.id_kind = 'item'
    and item_ids.source_id = rates.item_id
left join
    identifiers as machine_ids
    on machine_ids.plant_id = rates.plant_id
    and machine_ids.source = rates.source
    and machine_ids.id_kind = 'machine'
    and machine_ids.source_id = rates.machine_id
