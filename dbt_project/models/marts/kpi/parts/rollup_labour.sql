with
    labour as (select * from {{ ref("kpi_sums_labour") }}),
    shifts as (select * from {{ ref("dim_shift") }}),

    plant_shifts as (
        select labour.*, shifts.shift_id, shifts.shift_kind
        from labour
        left join shifts on shifts.shift_key = labour.shift_key
    ),

    periods as (
        {{ by_period("plant_shifts", "production_date", ["shift", "day", "week", "month"]) }}
    )

select
    plant_id,
    'plant' as scope_type,
    plant_id as scope_id,
    period_type,
    period_start_date,
    period_shift_id as shift_id,
    -- In a published file a shift may be withheld: then its whole period is not known.
    min(case when is_work_recorded then 1 else 0 end) = 1 as is_work_recorded,
    sum(apwt_s) as apwt_s,
    sum(attended_apwt_s) as attended_apwt_s,
    sum(apat_s) as apat_s
from periods
group by plant_id, period_type, period_start_date, period_shift_id
