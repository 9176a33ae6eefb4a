with
    deliveries as (select * from {{ ref("stg_deliveries") }}),
    feed_deliveries as (select * from {{ ref("stg_feed_deliveries") }}),
    orders as (select * from {{ ref("int_maintenance_orders__resolved") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),

    watermarks as (
        select deliveries.plant_id, max(deliveries.watermark_at) as watermark_at
        from deliveries
        inner join feed_deliveries on feed_deliveries.delivery_id = deliveries.delivery_id
        where feed_deliveries.feed = 'maintenance_orders'
        group by deliveries.plant_id
    ),

    first_reports as (
        select plant_id, min(reported_date) as first_reported_date from orders group by plant_id
    )

select
    watermarks.plant_id,
    first_reports.first_reported_date,
    -- A delivery may come long after the last day that other data touches.
    coalesce(plant_days.plant_date, cast(watermarks.watermark_at as date)) as known_date
from watermarks
inner join first_reports on first_reports.plant_id = watermarks.plant_id
left join
    plant_days
    on plant_days.plant_id = watermarks.plant_id
    and plant_days.calendar_start_at <= watermarks.watermark_at
    and plant_days.calendar_end_at > watermarks.watermark_at
