with
    states as (select * from {{ ref("stg_machine_states") }}),
    runs as (select * from {{ ref("stg_production_counts") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine'),

    -- A run's machine is known from its counts, or from its own state where the activity counts
    -- nothing (a setup, a wait).
    named as (
        select plant_id, source, run_id, machine_id
        from runs
        where machine_id is not null
        union all
        select plant_id, source, run_id, machine_id
        from states
        where run_id is not null and machine_id is not null
    )

select
    named.plant_id,
    named.source,
    named.run_id,
    min(coalesce(identifiers.business_id, named.machine_id)) as machine_id
from named
left join
    identifiers
    on identifiers.plant_id = named.plant_id
    and identifiers.source = named.source
    and identifiers.source_id = named.machine_id
group by named.plant_id, named.source, named.run_id
