{{ config(materialized="view") }}

with
    states as (select * from {{ ref("int_machine_states__located") }}),
    next_starts as (select * from {{ ref("int_machine_starts__chained") }})

select
    states.state_no,
    states.plant_id,
    states.source,
    states.state_id,
    states.machine_id,
    states.run_id,
    states.operation_id,
    states.layer,
    states.start_at,
    -- An open state does not last beyond the machine's next one on the same layer: a stop whose end
    -- was never delivered, or was quarantined, does not swallow the days that follow.
    case
        when states.is_open
        then least(states.seen_until_at, coalesce(next_starts.next_start_at, states.seen_until_at))
        else states.seen_until_at
    end as end_at,
    states.is_open,
    states.state,
    states.reason_id,
    states.is_labelled,
    states.is_failure,
    states.is_placed,
    states.extracted_at,
    states.delivery_id,
    states.line_no
from states
left join
    next_starts
    on next_starts.plant_id = states.plant_id
    and next_starts.machine_id = states.machine_id
    and next_starts.layer = states.layer
    and next_starts.start_at = states.start_at
