{{ config(materialized="view") }}

with
    measurements as (select * from {{ ref("stg_measurements") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),
    runs as (select * from {{ ref("int_production_runs__resolved") }})

-- Where the measuring room names no machine or item, the run that made the piece knows them.
select
    measurements.plant_id,
    measurements.source,
    measurements.measurement_id,
    measurements.characteristic_id,
    coalesce(machine_ids.business_id, measurements.machine_id, runs.machine_id) as machine_id,
    coalesce(item_ids.business_id, measurements.item_id, runs.item_id) as item_id,
    measurements.subgroup_id,
    measurements.measured_at,
    measurements.measured_value,
    measurements.lower_limit,
    measurements.upper_limit,
    measurements.uom
from measurements
left join
    identifiers as machine_ids
    on machine_ids.plant_id = measurements.plant_id
    and machine_ids.source = measurements.source
    and machine_ids.id_kind = 'machine'
    and machine_ids.source_id = measurements.machine_id
left join
    identifiers as item_ids
    on item_ids.plant_id = measurements.plant_id
    and item_ids.source = measurements.source
    and item_ids.id_kind = 'item'
    and item_ids.source_id = measurements.item_id
left join
    runs
    on runs.plant_id = measurements.plant_id
    and runs.source = measurements.source
    and runs.run_id = measurements.run_id
