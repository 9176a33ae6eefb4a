{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('int_resource_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("int_resource_date_changes") }} where is_changed),
    readings as ({{ changed_rows(ref("int_energy_readings__allocated"), date_keys()) }})

select
    {{ surrogate_key(["plant_id", "source", "reading_id", "production_date"]) }} as energy_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    case
        when machine_id is not null then {{ surrogate_key(["plant_id", "machine_id"]) }}
    end as machine_key,
    plant_id,
    source,
    reading_id,
    meter_id,
    energy_carrier,
    machine_id,
    line_id,
    production_date,
    metered_s,
    cast(energy_kwh as decimal(18, 6)) as energy_kwh,
    delivery_id,
    line_no
from readings
