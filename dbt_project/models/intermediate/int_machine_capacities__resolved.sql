{{ config(materialized="view") }}

with
    capacities as (select * from {{ ref("stg_machine_capacities") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine')

select
    capacities.plant_id,
    capacities.source,
    coalesce(identifiers.business_id, capacities.machine_id) as machine_id,
    capacities.valid_from,
    capacities.valid_to,
    capacities.capacity_per_h_qty
from capacities
left join
    identifiers
    on identifiers.plant_id = capacities.plant_id
    and identifiers.source = capacities.source
    and identifiers.source_id = capacities.machine_id
