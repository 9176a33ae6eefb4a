with
    states as (select * from {{ ref("stg_machine_states") }}),
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine'),

    -- A run's machine is known from its counts, or from its own state where the activity counts
    -- nothing (a setup, a wait).
    named as (
        select plant_id, source, run_id, machine_id
        from runs
        union all
        select
            states.plant_id,
            states.source,
            states.run_id,
            coalesce(identifiers.business_id, states.machine_id) as machine_id
        from states
        left join
            identifiers
            on identifiers.plant_id = states.plant_id
            and identifiers.source = states.source
            and identifiers.source_id = states.machine_id
        where states.run_id is not null and states.machine_id is not null
    )

select plant_id, source, run_id, min(machine_id) as machine_id
from named
group by plant_id, source, run_id
