{{ config(materialized="view") }}

with
    readings as (select * from {{ ref("stg_energy_readings") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine')

select
    readings.plant_id,
    readings.source,
    readings.reading_id,
    readings.meter_id,
    readings.energy_carrier,
    coalesce(identifiers.business_id, readings.machine_id) as machine_id,
    -- A machine's meter belongs to the machine's line, whatever the reading says.
    case when readings.machine_id is null then readings.line_id end as line_id,
    readings.start_at,
    readings.end_at,
    readings.energy_kwh,
    readings.delivery_id,
    readings.line_no
from readings
left join
    identifiers
    on identifiers.plant_id = readings.plant_id
    and identifiers.source = readings.source
    and identifiers.source_id = readings.machine_id
