with
    failures as (select * from {{ ref("int_machine_failures__joined") }}),
    orders as (
        select *
        from {{ ref("int_maintenance_orders__resolved") }}
        where maintenance_kind = 'corrective' and is_breakdown
    )

-- A breakdown order and a failure stop of its machine belong together where they overlap, or miss
-- each other by a quarter of an hour at most: clocks differ, and people write down round times.
select
    orders.plant_id,
    orders.source,
    orders.maintenance_order_id,
    failures.machine_id,
    failures.stop_start_at,
    -- Of several, the nearest to the report is the order's stop (one that lasted then is no
    -- distance away), and the nearest to the stop's start the stop's order.
    row_number() over (
        partition by orders.plant_id, orders.source, orders.maintenance_order_id
        order by
            case
                when failures.stop_start_at > orders.reported_at
                then {{ seconds_between("orders.reported_at", "failures.stop_start_at") }}
                when failures.stop_end_at < orders.reported_at
                then {{ seconds_between("failures.stop_end_at", "orders.reported_at") }}
                else 0
            end,
            failures.stop_start_at
    ) as stop_choice_no,
    row_number() over (
        partition by orders.plant_id, failures.machine_id, failures.stop_start_at
        order by
            abs({{ seconds_between("failures.stop_start_at", "orders.reported_at") }}),
            orders.source,
            orders.maintenance_order_id
    ) as order_choice_no
from orders
inner join
    failures
    on failures.plant_id = orders.plant_id
    and failures.machine_id = orders.machine_id
    and failures.stop_start_at <= orders.seen_until_at + interval 15 minute
    and failures.stop_end_at >= orders.reported_at - interval 15 minute
