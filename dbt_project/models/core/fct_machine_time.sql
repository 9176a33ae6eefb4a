{#- A piece begins a stop unless it goes on with the one before it. -#}
{%- set stop_qty %}
    case
        when
            stops.previous_end_at = stops.piece_start_at
            and previous_kinds.state = kinds.state
            and previous_kinds.source = kinds.source
            and previous_kinds.reason_id is not distinct from kinds.reason_id
        then 0
        else 1
    end
{%- endset %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('int_machine_date_changes'), date_keys()) }}",
    )
}}

with
    dates as (select * from {{ ref("int_machine_date_changes") }} where is_read),
    pieces as (select * from {{ ref("int_machine_time__tiled") }}),
    kinds as (select * from {{ ref("int_state_kinds__numbered") }}),
    plants as (select * from {{ ref("stg_plants") }}),

    -- Keys are hashed once per window instead of once per fact.
    windows as (
        select
            windows.*,
            dates.is_changed,
            plants.minor_stop_limit_s,
            {{ surrogate_key(["windows.plant_id"]) }} as plant_key,
            {{ surrogate_key(["windows.plant_id", "windows.machine_id"]) }} as machine_key,
            {{ surrogate_key(["windows.plant_id", "windows.shift_id"]) }} as shift_key
        from {{ ref("int_machine_windows__tiled") }} as windows
        inner join plants on plants.plant_id = windows.plant_id
        inner join dates on {{ same_partition("dates", "windows", date_keys()) }}
    ),

    -- A stop is what people see: the machine stands, for one reason, without a break. Windows and
    -- midnights cut it into pieces; it counts once, in the piece where it starts.
    stop_pieces as (
        select
            pieces.window_no,
            pieces.piece_start_at,
            pieces.piece_end_at,
            pieces.kind_no,
            windows.plant_id,
            windows.machine_id
        from pieces
        inner join windows on windows.window_no = pieces.window_no
        where pieces.state in ('delay', 'planned_down', 'no_order', 'setup')
    ),

    stops_in_turn as (
        select
            window_no,
            piece_start_at,
            piece_end_at,
            kind_no,
            lag(piece_end_at) over (
                partition by plant_id, machine_id order by piece_start_at
            ) as previous_end_at,
            lag(kind_no) over (
                partition by plant_id, machine_id order by piece_start_at
            ) as previous_kind_no,
            lead(piece_start_at) over (
                partition by plant_id, machine_id order by piece_start_at
            ) as next_start_at
        from stop_pieces
    ),

    -- A delay is minor by its whole length, not by what a window left of it. Only delays that touch
    -- another stop can be parts of one, and they are few. Of a stop that still lasts, the length
    -- seen so far counts.
    touching_delays as (
        select
            stops.window_no,
            stops.piece_start_at,
            stops.piece_end_at,
            windows.plant_id,
            windows.machine_id,
            sum({{ stop_qty }}) over (
                partition by windows.plant_id, windows.machine_id
                order by stops.piece_start_at
                rows between unbounded preceding and current row
            ) as stop_no
        from stops_in_turn as stops
        inner join kinds on kinds.kind_no = stops.kind_no and kinds.state = 'delay'
        left join kinds as previous_kinds on previous_kinds.kind_no = stops.previous_kind_no
        inner join windows on windows.window_no = stops.window_no
        where
            stops.previous_end_at = stops.piece_start_at or stops.next_start_at = stops.piece_end_at
    ),

    whole_delays as (
        select
            window_no,
            piece_start_at,
            sum({{ seconds_between("piece_start_at", "piece_end_at") }}) over (
                partition by plant_id, machine_id, stop_no
            ) as whole_s
        from touching_delays
    ),

    stops_counted as (
        select
            stops.window_no,
            stops.piece_start_at,
            stops.piece_end_at,
            kinds.state,
            kinds.source,
            kinds.reason_id,
            kinds.is_labelled,
            kinds.is_failure,
            kinds.is_open,
            {{ stop_qty }} as stop_qty,
            kinds.state = 'delay'
            and not kinds.is_failure
            and coalesce(
                whole_delays.whole_s,
                {{ seconds_between("stops.piece_start_at", "stops.piece_end_at") }}
            )
            <= windows.minor_stop_limit_s as is_minor_stop
        from stops_in_turn as stops
        inner join kinds on kinds.kind_no = stops.kind_no
        left join kinds as previous_kinds on previous_kinds.kind_no = stops.previous_kind_no
        inner join windows on windows.window_no = stops.window_no
        left join
            whole_delays
            on whole_delays.window_no = stops.window_no
            and whole_delays.piece_start_at = stops.piece_start_at
    ),

    all_pieces as (
        select *
        from stops_counted
        union all
        select
            window_no,
            piece_start_at,
            piece_end_at,
            state,
            source,
            reason_id,
            is_labelled,
            is_failure,
            is_open,
            0 as stop_qty,
            false as is_minor_stop
        from pieces
        where state not in ('delay', 'planned_down', 'no_order', 'setup')
    ),

    changed_pieces as (
        select all_pieces.*
        from all_pieces
        inner join windows on windows.window_no = all_pieces.window_no
        where windows.is_changed
    ),

    summed as (
        select
            window_no,
            state,
            source,
            reason_id,
            coalesce(is_labelled, false) as is_labelled,
            is_failure,
            sum({{ seconds_between("piece_start_at", "piece_end_at") }}) as duration_s,
            sum(
                case
                    when is_open then {{ seconds_between("piece_start_at", "piece_end_at") }} else 0
                end
            ) as open_s,
            sum(
                case
                    when is_minor_stop
                    then {{ seconds_between("piece_start_at", "piece_end_at") }}
                    else 0
                end
            ) as minor_stop_s,
            count(*) as piece_qty,
            sum(stop_qty) as stop_qty,
            sum(case when is_minor_stop then stop_qty else 0 end) as minor_stop_qty,
            sum(case when is_failure then stop_qty else 0 end) as failure_qty
        from changed_pieces
        group by window_no, state, source, reason_id, coalesce(is_labelled, false), is_failure
    ),

    -- Each second of a planned window goes to exactly one time element of ISO 22400-2. In a
    -- planned stop only what the machine really did counts as that; all else is planned down time,
    -- also a delay: a machine that was to stand still delays nothing.
    elements as (
        select
            summed.*,
            windows.plant_key,
            windows.machine_key,
            windows.shift_key,
            windows.plant_id,
            windows.machine_id,
            windows.production_date,
            windows.shift_id,
            windows.schedule,
            windows.window_start_at,
            case
                when windows.schedule not in ('scheduled', 'planned_stop')
                then 'none'
                when
                    windows.schedule = 'planned_stop'
                    and summed.state in ('delay', 'no_order', 'planned_down', 'not_observed')
                then 'PDOT'
                when summed.state = 'producing'
                then 'APT'
                when summed.state = 'setup'
                then 'AUST'
                when summed.state = 'delay'
                then 'ADET'
                when summed.state = 'rework'
                then 'rework'
                when summed.state = 'no_order'
                then 'ADOT'
                when summed.state = 'planned_down'
                then 'PDOT'
                when summed.state = 'not_observed'
                then 'not observed'
            end as element
        from summed
        inner join windows on windows.window_no = summed.window_no
    )

select
    {{
        surrogate_key(
            [
                "plant_id",
                "machine_id",
                "window_start_at",
                "state",
                "source",
                "reason_id",
                "is_labelled",
                "is_failure",
            ]
        )
    }} as machine_time_key,
    plant_key,
    machine_key,
    shift_key,
    case
        when reason_id is not null
        then {{ surrogate_key(["plant_id", "source", "'stop'", "reason_id"]) }}
    end as reason_key,
    plant_id,
    machine_id,
    production_date,
    schedule,
    window_start_at,
    state,
    element,
    is_labelled,
    is_failure,
    cast(duration_s as decimal(18, 6)) as duration_s,
    cast(open_s as decimal(18, 6)) as open_s,
    cast(case when element <> 'none' then duration_s else 0 end as decimal(18, 6)) as pot_s,
    cast(
        case
            when element in ('APT', 'AUST', 'ADET', 'rework', 'ADOT') then duration_s else 0
        end as decimal(18, 6)
    ) as pbt_s,
    cast(case when element = 'APT' then duration_s else 0 end as decimal(18, 6)) as apt_s,
    cast(case when element = 'AUST' then duration_s else 0 end as decimal(18, 6)) as aust_s,
    cast(case when element = 'ADET' then duration_s else 0 end as decimal(18, 6)) as adet_s,
    cast(
        case when element = 'ADET' and is_failure then duration_s else 0 end as decimal(18, 6)
    ) as breakdown_s,
    cast(case when element = 'ADET' then minor_stop_s else 0 end as decimal(18, 6)) as minor_stop_s,
    cast(
        case
            when element = 'ADET' and not is_failure then duration_s - minor_stop_s else 0
        end as decimal(18, 6)
    ) as other_delay_s,
    cast(case when element = 'rework' then duration_s else 0 end as decimal(18, 6)) as rework_s,
    cast(case when element = 'ADOT' then duration_s else 0 end as decimal(18, 6)) as adot_s,
    cast(case when element = 'PDOT' then duration_s else 0 end as decimal(18, 6)) as pdot_s,
    cast(
        case when element = 'not observed' then duration_s else 0 end as decimal(18, 6)
    ) as not_observed_s,
    cast(
        case when schedule = 'not_scheduled' then duration_s else 0 end as decimal(18, 6)
    ) as unscheduled_s,
    cast(
        case
            when schedule = 'not_scheduled' and state in ('producing', 'setup', 'delay', 'rework')
            then duration_s
            else 0
        end as decimal(18, 6)
    ) as unscheduled_busy_s,
    cast(
        case when schedule = 'unknown' then duration_s else 0 end as decimal(18, 6)
    ) as unknown_schedule_s,
    cast(
        case when state in ('producing', 'setup', 'rework') then duration_s else 0 end as decimal(
            18, 6
        )
    ) as operating_s,
    cast(piece_qty as bigint) as piece_qty,
    cast(stop_qty as bigint) as stop_qty,
    cast(minor_stop_qty as bigint) as minor_stop_qty,
    cast(failure_qty as bigint) as failure_qty
from elements
