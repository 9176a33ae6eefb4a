{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('int_delivery_changes'), delivery_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("int_delivery_changes") }} where is_changed),
    states as (
        {{ changed_rows(ref("int_machine_states__resolved"), delivery_keys()) }}
        where own_rows.machine_id is not null
    ),

    -- Keys are hashed once per machine and reason instead of once per state.
    machines as (
        select
            plant_id,
            machine_id,
            {{ surrogate_key(["plant_id"]) }} as plant_key,
            {{ surrogate_key(["plant_id", "machine_id"]) }} as machine_key
        from states
        group by plant_id, machine_id
    ),

    reasons as (
        select
            plant_id,
            source,
            reason_id,
            {{ surrogate_key(["plant_id", "source", "'stop'", "reason_id"]) }} as reason_key
        from states
        where reason_id is not null
        group by plant_id, source, reason_id
    )

select
    {{ surrogate_key(["states.plant_id", "states.source", "states.state_id"]) }}
    as machine_state_key,
    machines.plant_key,
    machines.machine_key,
    reasons.reason_key,
    states.plant_id,
    states.source,
    states.state_id,
    states.machine_id,
    states.run_id,
    states.layer,
    states.start_at,
    states.end_at,
    states.is_open,
    states.state,
    states.is_labelled,
    states.is_failure,
    states.is_placed,
    {{ seconds_between("states.start_at", "states.end_at") }} as duration_s,
    states.delivery_id,
    states.line_no
from states
inner join
    machines on machines.plant_id = states.plant_id and machines.machine_id = states.machine_id
left join
    reasons
    on reasons.plant_id = states.plant_id
    and reasons.source = states.source
    and reasons.reason_id = states.reason_id
