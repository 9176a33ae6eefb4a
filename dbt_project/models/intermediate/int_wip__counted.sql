with
    orders as (
        select *, coalesce(completed_at, known_until_at) as seen_until_at
        from {{ ref("int_order_lead_times__measured") }}
        where not is_cancelled
    ),
    days as (select * from {{ ref("int_wip_days__over") }}),

    -- An order is work in process from its release to its completion.
    order_days as (
        select
            orders.plant_id,
            orders.item_id,
            days.wip_date,
            case when orders.seen_until_at >= days.end_at then 1 else 0 end as open_order_qty,
            case when orders.seen_until_at >= days.end_at then orders.planned_qty end as open_qty,
            case
                when orders.seen_until_at >= days.end_at
                then {{ seconds_between("orders.released_at", "days.end_at") }}
            end as age_s,
            {{
                seconds_between(
                    "greatest(orders.released_at, days.start_at)",
                    "least(orders.seen_until_at, days.end_at)",
                )
            }} as open_order_s,
            case when orders.released_at >= days.start_at then 1 else 0 end as released_order_qty,
            case when orders.completed_at < days.end_at then 1 else 0 end as completed_order_qty,
            case when orders.completed_at < days.end_at then orders.lead_time_s end as lead_time_s,
            0 as unreleased_order_qty
        from orders
        inner join
            days
            on days.plant_id = orders.plant_id
            and days.start_at <= orders.seen_until_at
            and days.end_at > orders.released_at
        where orders.released_at is not null
    ),

    -- What was completed had been under way, but nobody knows since when.
    unreleased as (
        select
            orders.plant_id,
            orders.item_id,
            days.wip_date,
            0 as open_order_qty,
            cast(null as decimal(18, 6)) as open_qty,
            cast(null as decimal(18, 6)) as age_s,
            cast(0 as decimal(18, 6)) as open_order_s,
            0 as released_order_qty,
            1 as completed_order_qty,
            cast(null as decimal(18, 6)) as lead_time_s,
            1 as unreleased_order_qty
        from orders
        inner join
            days
            on days.plant_id = orders.plant_id
            and days.start_at <= orders.completed_at
            and days.end_at > orders.completed_at
        where orders.released_at is null
    ),

    counted as (
        select *
        from order_days
        union all
        select *
        from unreleased
    )

select
    plant_id,
    item_id,
    wip_date,
    sum(open_order_qty) as open_order_qty,
    case when sum(open_order_qty) = count(open_qty) then coalesce(sum(open_qty), 0) end as open_qty,
    sum(case when age_s <= 7 * 86400 then 1 else 0 end) as open_up_to_7_days_order_qty,
    sum(
        case when age_s > 7 * 86400 and age_s <= 30 * 86400 then 1 else 0 end
    ) as open_8_to_30_days_order_qty,
    sum(case when age_s > 30 * 86400 then 1 else 0 end) as open_over_30_days_order_qty,
    max(age_s) as oldest_s,
    sum(open_order_s) as open_order_s,
    sum(released_order_qty) as released_order_qty,
    sum(completed_order_qty) as completed_order_qty,
    coalesce(sum(lead_time_s), 0) as lead_time_s,
    sum(unreleased_order_qty) as unreleased_order_qty
from counted
group by plant_id, item_id, wip_date
