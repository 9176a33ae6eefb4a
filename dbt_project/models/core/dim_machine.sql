with
    machines as (select * from {{ ref("int_machines__merged") }}),
    machine_days as (select * from {{ ref("int_machine_days__observed") }}),
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    scrap_events as (select * from {{ ref("int_scrap_events__resolved") }}),
    maintenance_orders as (select * from {{ ref("int_maintenance_orders__resolved") }}),
    labour_entries as (select * from {{ ref("int_labour_entries__resolved") }}),
    energy_readings as (select * from {{ ref("int_energy_readings__resolved") }}),
    balances as (select * from {{ ref("int_material_balances__resolved") }}),
    measurements as (select * from {{ ref("int_measurements__resolved") }}),

    -- A machine that only facts name is a machine all the same.
    seen as (
        select plant_id, machine_id
        from machines
        union
        select plant_id, machine_id
        from machine_days
        union
        select plant_id, machine_id
        from runs
        union
        select plant_id, machine_id
        from scrap_events
        union
        select plant_id, machine_id
        from maintenance_orders
        union
        select plant_id, machine_id
        from labour_entries
        union
        select plant_id, machine_id
        from energy_readings
        union
        select plant_id, machine_id
        from balances
        union
        select plant_id, machine_id
        from measurements
    )

select
    {{ surrogate_key(["seen.plant_id", "seen.machine_id"]) }} as machine_key,
    seen.plant_id,
    seen.machine_id,
    coalesce(machines.machine_name, seen.machine_id) as machine_name,
    machines.line_id,
    machines.area_id,
    machines.machine_id is not null as has_master_data
from seen
left join machines on machines.plant_id = seen.plant_id and machines.machine_id = seen.machine_id
where seen.machine_id is not null
