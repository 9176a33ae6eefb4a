with
    orders as (select * from {{ ref("int_order_lead_times__measured") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),

    -- Before the first release nobody knows what was under way; after the newest delivery neither.
    spans as (
        select
            plant_id,
            min(case when not is_cancelled then released_date end) as first_date,
            max(known_until_at) as known_until_at
        from orders
        group by plant_id
    )

select
    plant_days.plant_id,
    plant_days.plant_date as wip_date,
    plant_days.calendar_start_at as start_at,
    plant_days.calendar_end_at as end_at,
    {{ seconds_between("plant_days.calendar_start_at", "plant_days.calendar_end_at") }} as day_s
from plant_days
inner join
    spans
    on spans.plant_id = plant_days.plant_id
    and spans.first_date <= plant_days.plant_date
    and spans.known_until_at >= plant_days.calendar_end_at
