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
    ),

    located as (
        select
            states.plant_id,
            states.source,
            states.state_id,
            coalesce(states.own_machine_id, run_machines.machine_id) as machine_id,
            states.run_id,
            states.layer,
            states.start_at,
            -- A state that lasts has been seen until its table's newest extraction, not longer ...
            coalesce(states.end_at, states.watermark_at) as end_at,
            states.end_at is null as is_open,
            -- A stop that nobody explains is a delay: it is not known to be planned.
            coalesce(states.state, reasons.state, 'delay') as state,
            states.reason_id,
            case
                when
                    coalesce(states.state, reasons.state, 'delay')
                    in ('delay', 'planned_down', 'no_order')
                then reasons.reason_id is not null
            end as is_labelled,
            coalesce(reasons.is_failure, false) as is_failure,
            states.is_placed,
            states.extracted_at
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
    ),

    -- ... and not beyond the machine's next state on the same layer: a stop whose end was never
    -- delivered, or was quarantined, does not swallow the days that follow.
    next_starts as (
        select
            open_states.plant_id,
            open_states.source,
            open_states.state_id,
            min(later.start_at) as next_start_at
        from located as open_states
        inner join
            located as later
            on later.plant_id = open_states.plant_id
            and later.machine_id = open_states.machine_id
            and later.layer = open_states.layer
            and later.start_at > open_states.start_at
        where open_states.is_open
        group by open_states.plant_id, open_states.source, open_states.state_id
    )

select
    -- Millions of states are cut and sorted below: there a number stands for all their text.
    {{ row_handle() }} as state_no,
    located.plant_id,
    located.source,
    located.state_id,
    located.machine_id,
    located.run_id,
    located.layer,
    located.start_at,
    least(located.end_at, coalesce(next_starts.next_start_at, located.end_at)) as end_at,
    located.is_open,
    located.state,
    located.reason_id,
    located.is_labelled,
    located.is_failure,
    located.is_placed,
    located.extracted_at
from located
left join
    next_starts
    on next_starts.plant_id = located.plant_id
    and next_starts.source = located.source
    and next_starts.state_id = located.state_id
