-- The states are read twice below, by reference and not through one import: a common import of
-- millions of rows would be written out in full before it is filtered.
with
    windows as (select * from {{ ref("int_machine_windows__by_date") }}),
    days as (select * from {{ ref("int_calendar_days") }}),
    kinds as (select * from {{ ref("int_state_kinds__numbered") }}),

    -- A state that ends at latest with the day after it started finds its windows under its start.
    short_states as (
        select
            state_no,
            plant_id,
            machine_id,
            layer,
            state,
            source,
            reason_id,
            is_labelled,
            is_failure,
            is_open,
            cast(start_at as date) as utc_date,
            start_at as part_start_at,
            end_at as part_end_at
        from {{ ref("int_machine_states__resolved") }}
        where
            machine_id is not null
            and end_at > start_at
            and {{ last_date("end_at") }} <= {{ add_days("cast(start_at as date)", 1) }}
    ),

    -- A longer one is first cut at every midnight.
    long_states as (
        select *
        from {{ ref("int_machine_states__resolved") }}
        where
            machine_id is not null
            and {{ last_date("end_at") }} > {{ add_days("cast(start_at as date)", 1) }}
    ),

    long_states_by_date as (
        select
            states.state_no,
            states.plant_id,
            states.machine_id,
            states.layer,
            states.state,
            states.source,
            states.reason_id,
            states.is_labelled,
            states.is_failure,
            states.is_open,
            days.calendar_date as utc_date,
            greatest(states.start_at, cast(days.calendar_date as timestamp)) as part_start_at,
            least(
                states.end_at, cast({{ add_days("days.calendar_date", 1) }} as timestamp)
            ) as part_end_at
        from long_states as states
        inner join
            days
            on days.calendar_date
            between cast(states.start_at as date) and {{ last_date("states.end_at") }}
    ),

    states as (
        select *
        from short_states
        union all
        select *
        from long_states_by_date
    )

select
    windows.window_no,
    states.state_no,
    kinds.kind_no,
    states.layer,
    greatest(states.part_start_at, windows.window_start_at) as part_start_at,
    least(states.part_end_at, windows.window_end_at) as part_end_at
from states
inner join
    windows
    on windows.plant_id = states.plant_id
    and windows.machine_id = states.machine_id
    and windows.utc_date = states.utc_date
    and windows.window_start_at < states.part_end_at
    and windows.window_end_at > states.part_start_at
inner join
    kinds
    on kinds.state = states.state
    and kinds.source = states.source
    and kinds.reason_id is not distinct from states.reason_id
    and kinds.is_labelled is not distinct from states.is_labelled
    and kinds.is_failure = states.is_failure
    and kinds.is_open = states.is_open
