-- Work time and attendance of each person. It stays here: what is published adds people up.
with
    entries as (select * from {{ ref("int_labour_entries__resolved") }} where end_at > start_at),
    windows as (select * from {{ ref("int_plant_windows__tiled") }}),

    -- Entries and windows meet on a date: windows end at midnights, and entries are cut there.
    dates_of_entries as (
        {{ each_date("entries", "cast(start_at as date)", last_date("end_at"), "utc_date") }}
    ),

    entries_by_date as (
        select
            plant_id,
            worker_id,
            entry_kind,
            machine_id,
            utc_date,
            greatest(start_at, cast(utc_date as timestamp)) as start_at,
            least(end_at, cast({{ add_days("utc_date", 1) }} as timestamp)) as end_at
        from dates_of_entries
    ),

    pieces as (
        select
            entries.plant_id,
            entries.worker_id,
            entries.entry_kind,
            entries.machine_id,
            entries.utc_date,
            windows.production_date,
            windows.shift_id,
            windows.window_start_at,
            greatest(entries.start_at, windows.window_start_at) as piece_start_at,
            least(entries.end_at, windows.window_end_at) as piece_end_at
        from entries_by_date as entries
        inner join
            windows
            on windows.plant_id = entries.plant_id
            and windows.utc_date = entries.utc_date
            and windows.window_start_at < entries.end_at
            and windows.window_end_at > entries.start_at
    ),

    -- Between two instants at which any entry of a person starts or ends, the person does the
    -- same things all the time.
    instants as (
        select plant_id, worker_id, utc_date, window_start_at, piece_start_at as instant_at
        from pieces
        union
        select plant_id, worker_id, utc_date, window_start_at, piece_end_at as instant_at
        from pieces
    ),

    segments as (
        select
            *,
            lead(instant_at) over (
                partition by plant_id, worker_id, utc_date, window_start_at order by instant_at
            ) as segment_end_at
        from instants
    ),

    segment_pieces as (
        select
            pieces.plant_id,
            pieces.worker_id,
            pieces.entry_kind,
            pieces.machine_id,
            pieces.production_date,
            pieces.shift_id,
            segments.instant_at as segment_start_at,
            {{ seconds_between("segments.instant_at", "segments.segment_end_at") }} as segment_s
        from segments
        inner join
            pieces
            on pieces.plant_id = segments.plant_id
            and pieces.worker_id = segments.worker_id
            and pieces.utc_date = segments.utc_date
            and pieces.window_start_at = segments.window_start_at
            and pieces.piece_start_at < segments.segment_end_at
            and pieces.piece_end_at > segments.instant_at
    ),

    counted as (
        select
            *,
            sum(case when entry_kind = 'work' then 1 else 0 end) over (
                partition by plant_id, worker_id, segment_start_at
            ) as work_entry_qty,
            max(case when entry_kind = 'attendance' then 1 else 0 end) over (
                partition by plant_id, worker_id, segment_start_at
            ) as is_attended
        from segment_pieces
    ),

    -- Who works on several machines at once shares the time equally between them.
    work as (
        select
            plant_id,
            worker_id,
            production_date,
            shift_id,
            machine_id,
            segment_start_at,
            {{ ratio("segment_s", "work_entry_qty") }} as apwt_s,
            is_attended
        from counted
        where entry_kind = 'work'
    ),

    -- A person is present once, however many log-ins say so, and at no machine.
    attendance as (
        select distinct
            plant_id, worker_id, production_date, shift_id, segment_start_at, segment_s as apat_s
        from counted
        where entry_kind = 'attendance'
    ),

    unioned as (
        select
            plant_id,
            worker_id,
            production_date,
            shift_id,
            machine_id,
            segment_start_at,
            apwt_s,
            apwt_s * is_attended as attended_apwt_s,
            0 as apat_s
        from work
        union all
        select
            plant_id,
            worker_id,
            production_date,
            shift_id,
            cast(null as {{ dbt.type_string() }}) as machine_id,
            segment_start_at,
            0 as apwt_s,
            0 as attended_apwt_s,
            apat_s
        from attendance
    )

select
    plant_id,
    worker_id,
    production_date,
    shift_id,
    machine_id,
    segment_start_at,
    cast(sum(apwt_s) as decimal(38, 12)) as apwt_s,
    cast(sum(attended_apwt_s) as decimal(38, 12)) as attended_apwt_s,
    cast(sum(apat_s) as decimal(18, 6)) as apat_s
from unioned
group by plant_id, worker_id, production_date, shift_id, machine_id, segment_start_at
