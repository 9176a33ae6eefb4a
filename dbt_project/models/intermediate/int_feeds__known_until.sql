-- Until when a system has told of a feed: what it has not reported by then had not happened.
with
    feed_deliveries as (select * from {{ ref("stg_feed_deliveries") }}),
    deliveries as (select * from {{ ref("stg_deliveries") }})

select
    deliveries.plant_id,
    deliveries.source,
    feed_deliveries.feed,
    max(deliveries.watermark_at) as known_until_at
from feed_deliveries
inner join deliveries on deliveries.delivery_id = feed_deliveries.delivery_id
where deliveries.status not in ('rejected', 'superseded')
group by deliveries.plant_id, deliveries.source, feed_deliveries.feed
