with
    labour as (select * from {{ ref("fct_labour_time") }}),

    -- Attendance belongs to no machine: it is the plant that people are present in.
    plant_shifts as (
        select
            plant_id,
            production_date,
            shift_key,
            sum(apwt_s) as apwt_s,
            sum(attended_apwt_s) as attended_apwt_s,
            sum(apat_s) as apat_s
        from labour
        group by plant_id, production_date, shift_key
    ),

    -- Where nobody ever records work, no work time is unknown and not zero.
    recording_plants as (select plant_id from labour where apwt_s > 0 group by plant_id)

select
    {{
        surrogate_key(
            ["plant_shifts.plant_id", "plant_shifts.production_date", "plant_shifts.shift_key"]
        )
    }} as kpi_sums_labour_key,
    plant_shifts.plant_id,
    plant_shifts.shift_key,
    plant_shifts.production_date,
    recording_plants.plant_id is not null as is_work_recorded,
    plant_shifts.apwt_s,
    plant_shifts.attended_apwt_s,
    plant_shifts.apat_s
from plant_shifts
left join recording_plants on recording_plants.plant_id = plant_shifts.plant_id
