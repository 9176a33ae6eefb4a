with
    machine_shifts as (select * from {{ ref("rollup_machine_shift") }}),
    shifts as (select * from {{ ref("dim_shift") }}),
    capacities as (select * from {{ ref("int_machine_capacities__resolved") }}),

    rated_plants as (select plant_id from capacities group by plant_id),

    -- The capacity that is valid when the shift starts.
    valid_capacities as (
        select
            machine_shifts.machine_key,
            machine_shifts.shift_key,
            machine_shifts.production_date,
            capacities.capacity_per_h_qty,
            row_number() over (
                partition by
                    machine_shifts.machine_key,
                    machine_shifts.shift_key,
                    machine_shifts.production_date
                order by capacities.valid_from desc, capacities.source
            ) as choice_no
        from machine_shifts
        inner join shifts on shifts.shift_key = machine_shifts.shift_key
        inner join
            capacities
            on capacities.plant_id = machine_shifts.plant_id
            and capacities.machine_id = machine_shifts.machine_id
            and {{ valid_at("capacities", "shifts.start_at") }}
    )

-- Output counts against a capacity, so what a machine without one made is left out.
select
    {{
        surrogate_key(
            [
                "machine_shifts.machine_key",
                "machine_shifts.shift_key",
                "machine_shifts.production_date",
            ]
        )
    }} as kpi_sums_capacity_key,
    machine_shifts.plant_id,
    machine_shifts.machine_key,
    machine_shifts.shift_key,
    machine_shifts.machine_id,
    machine_shifts.line_id,
    machine_shifts.production_date,
    machine_shifts.shift_id,
    machine_shifts.shift_kind,
    machine_shifts.pot_s,
    case
        when capacities.capacity_per_h_qty is not null then machine_shifts.pot_s else 0
    end as rated_pot_s,
    machine_shifts.not_observed_s,
    machine_shifts.run_qty,
    cast(machine_shifts.counted_run_qty as bigint) as counted_run_qty,
    case
        when capacities.capacity_per_h_qty is not null then machine_shifts.produced_qty
    end as rated_produced_qty,
    {{ ratio("cast(capacities.capacity_per_h_qty as double) * machine_shifts.pot_s", "3600") }}
    as capacity_qty
from machine_shifts
inner join rated_plants on rated_plants.plant_id = machine_shifts.plant_id
left join
    valid_capacities as capacities
    on capacities.machine_key = machine_shifts.machine_key
    and capacities.shift_key = machine_shifts.shift_key
    and capacities.production_date = machine_shifts.production_date
    and capacities.choice_no = 1
