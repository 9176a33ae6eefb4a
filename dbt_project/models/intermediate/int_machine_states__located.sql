with
    states as (select * from {{ ref("stg_machine_states") }}),
    run_machines as (select * from {{ ref("int_run_machines__known") }}),
    reasons as (select * from {{ ref("stg_reasons") }} where reason_kind = 'stop'),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine'),

    -- The system's own machine id becomes the business id.
    states_by_business_id as (
        select states.*, coalesce(identifiers.business_id, states.machine_id) as own_machine_id
        from states
        left join
            identifiers
            on identifiers.plant_id = states.plant_id
            and identifiers.source = states.source
            and identifiers.source_id = states.machine_id
    )

select
    -- Millions of states are cut and sorted below: there a number stands for all their text.
    {{ row_handle() }} as state_no,
    states.plant_id,
    states.source,
    states.state_id,
    coalesce(states.own_machine_id, run_machines.machine_id) as machine_id,
    states.run_id,
    states.operation_id,
    states.layer,
    states.start_at,
    -- A state that lasts has been seen until its table's newest extraction, not longer.
    coalesce(states.end_at, states.watermark_at) as seen_until_at,
    states.end_at is null as is_open,
    -- A stop that nobody explains is a delay: it is not known to be planned.
    coalesce(states.state, reasons.state, 'delay') as state,
    states.reason_id,
    case
        when coalesce(states.state, reasons.state, 'delay') in ('delay', 'planned_down', 'no_order')
        then reasons.reason_id is not null
    end as is_labelled,
    coalesce(reasons.is_failure, false) as is_failure,
    states.is_placed,
    states.extracted_at,
    states.delivery_id,
    states.line_no
from states_by_business_id as states
-- A stop may name only the run it happened in.
left join
    run_machines
    on run_machines.plant_id = states.plant_id
    and run_machines.source = states.source
    -- Asked for only where needed. As a condition of its own beside the keys this would
    -- turn the join into one of every row with every run.
    and run_machines.run_id = case when states.own_machine_id is null then states.run_id end
left join
    reasons
    on reasons.plant_id = states.plant_id
    and reasons.source = states.source
    and reasons.reason_id = states.reason_id
