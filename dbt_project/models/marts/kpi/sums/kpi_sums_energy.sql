with
    readings as (select * from {{ ref("fct_energy") }}),
    production as (select * from {{ ref("fct_production") }}),
    machines as (select * from {{ ref("dim_machine") }}),
    -- One row per production day, of its whole length.
    production_days as (select * from {{ ref("dim_shift") }} where shift_kind = 'outside_shifts'),

    metered_plants as (select plant_id from readings group by plant_id),

    -- How much of a production day a meter was read for.
    meter_days as (
        select
            readings.plant_id,
            readings.production_date,
            readings.machine_id,
            coalesce(machines.line_id, readings.line_id) as line_id,
            sum(readings.energy_kwh) as energy_kwh,
            least(
                {{ ratio("sum(readings.metered_s)", "min(production_days.shift_s)") }}, 1.0
            ) as metered_share
        from readings
        inner join
            production_days
            on production_days.plant_id = readings.plant_id
            and production_days.production_date = readings.production_date
        left join machines on machines.machine_key = readings.machine_key
        group by
            readings.plant_id,
            readings.production_date,
            readings.machine_id,
            machines.line_id,
            readings.line_id,
            readings.meter_id,
            readings.energy_carrier
    ),

    -- The best read meter of each machine, of each line itself, and of the plant itself.
    metered_shares as (
        select
            plant_id,
            production_date,
            machine_id,
            case when machine_id is null then line_id end as line_id,
            max(metered_share) as metered_share
        from meter_days
        group by
            plant_id, production_date, machine_id, case when machine_id is null then line_id end
    ),

    output as (
        select
            production.plant_id,
            production.production_date,
            production.machine_id,
            machines.line_id,
            count(*) as run_qty,
            sum(case when production.produced_qty is not null then 1 else 0 end) as counted_run_qty,
            coalesce(sum(production.first_pass_produced_qty), 0) as produced_qty
        from production
        inner join metered_plants on metered_plants.plant_id = production.plant_id
        left join machines on machines.machine_key = production.machine_key
        group by
            production.plant_id, production.production_date, production.machine_id, machines.line_id
    ),

    -- The part of a machine's output whose energy a meter of the machine, its line or the plant
    -- saw.
    metered_output as (
        select
            output.*,
            coalesce(machine_shares.metered_share, 0) as machine_share,
            greatest(
                coalesce(machine_shares.metered_share, 0), coalesce(line_shares.metered_share, 0)
            ) as line_share,
            greatest(
                coalesce(machine_shares.metered_share, 0),
                coalesce(line_shares.metered_share, 0),
                coalesce(plant_shares.metered_share, 0)
            ) as plant_share
        from output
        left join
            metered_shares as machine_shares
            on machine_shares.plant_id = output.plant_id
            and machine_shares.production_date = output.production_date
            and machine_shares.machine_id = output.machine_id
        left join
            metered_shares as line_shares
            on line_shares.plant_id = output.plant_id
            and line_shares.production_date = output.production_date
            and line_shares.machine_id is null
            and line_shares.line_id = output.line_id
        left join
            metered_shares as plant_shares
            on plant_shares.plant_id = output.plant_id
            and plant_shares.production_date = output.production_date
            and plant_shares.machine_id is null
            and plant_shares.line_id is null
    ),

    -- A meter counts for its machine, its line and its plant; a line's own meter not for the
    -- machines, the plant's own not for the lines.
    scopes as (
        {%- for scope_type, scope_id in [
            ("machine", "machine_id"),
            ("line", "line_id"),
            ("plant", "plant_id"),
        ] %}
            select
                plant_id,
                '{{ scope_type }}' as scope_type,
                {{ scope_id }} as scope_id,
                production_date,
                energy_kwh,
                0 as produced_qty,
                0.0 as metered_qty,
                0 as run_qty,
                0 as counted_run_qty
            from meter_days
            where {{ scope_id }} is not null
            union all
            select
                plant_id,
                '{{ scope_type }}' as scope_type,
                {{ scope_id }} as scope_id,
                production_date,
                cast(null as decimal(18, 6)) as energy_kwh,
                produced_qty,
                produced_qty * {{ scope_type }}_share as metered_qty,
                run_qty,
                counted_run_qty
            from metered_output
            where {{ scope_id }} is not null
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    )

select
    {{ surrogate_key(["plant_id", "scope_type", "scope_id", "production_date"]) }}
    as kpi_sums_energy_key,
    plant_id,
    scope_type,
    scope_id,
    case
        when scope_type = 'machine' then {{ surrogate_key(["plant_id", "scope_id"]) }}
    end as machine_key,
    production_date,
    sum(energy_kwh) as energy_kwh,
    sum(produced_qty) as produced_qty,
    sum(metered_qty) as metered_qty,
    cast(sum(run_qty) as bigint) as run_qty,
    cast(sum(counted_run_qty) as bigint) as counted_run_qty
from scopes
group by plant_id, scope_type, scope_id, production_date
