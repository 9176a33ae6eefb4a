with
    labour as (select * from {{ ref("fct_labour_time") }}),
    shifts as (select * from {{ ref("dim_shift") }}),

    -- Attendance belongs to no machine: it is the plant that people are present in.
    plant_shifts as (
        select
            labour.plant_id,
            labour.production_date,
            shifts.shift_id,
            shifts.shift_kind,
            sum(labour.apwt_s) as apwt_s,
            sum(labour.attended_apwt_s) as attended_apwt_s,
            sum(labour.apat_s) as apat_s
        from labour
        left join shifts on shifts.shift_key = labour.shift_key
        group by labour.plant_id, labour.production_date, shifts.shift_id, shifts.shift_kind
    ),

    -- Where nobody ever records work, no work time is unknown and not zero.
    recording_plants as (select plant_id from labour where apwt_s > 0 group by plant_id),

    periods as (
        {{ by_period("plant_shifts", "production_date", ["shift", "day", "week", "month"]) }}
    )

select
    periods.plant_id,
    'plant' as scope_type,
    periods.plant_id as scope_id,
    periods.period_type,
    periods.period_start_date,
    periods.period_shift_id as shift_id,
    recording_plants.plant_id is not null as is_work_recorded,
    sum(periods.apwt_s) as apwt_s,
    sum(periods.attended_apwt_s) as attended_apwt_s,
    sum(periods.apat_s) as apat_s
from periods
left join recording_plants on recording_plants.plant_id = periods.plant_id
group by
    periods.plant_id,
    recording_plants.plant_id,
    periods.period_type,
    periods.period_start_date,
    periods.period_shift_id
