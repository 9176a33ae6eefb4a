with
    -- A file that was replaced under its own name counts no more: a clean load never sees it.
    deliveries as (select * from {{ ref("stg_deliveries") }} where status <> 'superseded'),
    plant_days as (select * from {{ ref("stg_plant_days") }})

select
    deliveries.delivery_id,
    deliveries.plant_id,
    extracted_days.plant_date as delivered_date,
    deliveries.delivered_rows,
    deliveries.quarantined_rows,
    -- An export taken while its last day still lasts is not late.
    case
        when event_days.plant_date is not null
        then
            {{
                seconds_between(
                    "least(event_days.calendar_end_at, deliveries.extracted_at)",
                    "deliveries.extracted_at",
                )
            }}
    end as lateness_s
from deliveries
left join
    plant_days as extracted_days
    on extracted_days.plant_id = deliveries.plant_id
    and extracted_days.calendar_start_at <= deliveries.extracted_at
    and extracted_days.calendar_end_at > deliveries.extracted_at
left join
    plant_days as event_days
    on event_days.plant_id = deliveries.plant_id
    and event_days.plant_date = deliveries.last_event_date
