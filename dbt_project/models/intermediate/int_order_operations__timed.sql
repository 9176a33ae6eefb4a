with
    operations as (select * from {{ ref("int_order_operations__resolved") }}),
    orders as (select * from {{ ref("int_order_lead_times__measured") }}),
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    times as (select * from {{ ref("int_operation_times__summed") }}),

    -- One system tells the route of an order, the MES first: a second one would make it twice.
    ranked as (
        select
            *,
            first_value(source) over (
                partition by plant_id, order_id
                order by case when system = 'mes' then 0 else 1 end, source
            ) as first_source
        from operations
    ),

    -- A rework pass makes nothing new.
    quantities as (
        select
            plant_id,
            source,
            operation_id,
            min(start_at) as first_start_at,
            max(end_at) as last_end_at,
            count(*) as run_qty,
            count(produced_qty) as counted_run_qty,
            sum(case when pass_no = 1 then produced_qty end) as first_pass_produced_qty,
            sum(case when pass_no = 1 then good_qty end) as first_pass_good_qty,
            sum(case when pass_no = 1 then rework_qty end) as first_pass_rework_qty,
            sum(good_qty) as good_qty,
            sum(scrap_qty) as scrap_qty
        from runs
        where operation_id is not null
        group by plant_id, source, operation_id
    ),

    -- An operation begins with its first setup or its first run, whichever was first.
    started as (
        select
            operations.plant_id,
            operations.source,
            operations.operation_id,
            operations.order_id,
            coalesce(operations.item_id, orders.item_id) as item_id,
            operations.sequence_no,
            operations.planned_qty,
            operations.planned_scrap_qty,
            operations.planned_setup_s,
            operations.planned_run_s,
            operations.delivery_id,
            operations.line_no,
            orders.released_at,
            orders.completed_date,
            coalesce(orders.is_completed, false) as is_order_completed,
            orders.lead_time_s as order_lead_time_s,
            least(
                coalesce(quantities.first_start_at, times.first_busy_at),
                coalesce(times.first_busy_at, quantities.first_start_at)
            ) as started_at,
            greatest(
                coalesce(quantities.last_end_at, times.last_busy_at),
                coalesce(times.last_busy_at, quantities.last_end_at)
            ) as ended_at,
            coalesce(quantities.run_qty, 0) as run_qty,
            coalesce(quantities.counted_run_qty, 0) as counted_run_qty,
            quantities.first_pass_produced_qty,
            quantities.first_pass_good_qty,
            quantities.first_pass_rework_qty,
            quantities.good_qty,
            quantities.scrap_qty,
            times.apt_s,
            times.aust_s,
            times.adet_s,
            times.rework_s
        from ranked as operations
        left join
            orders
            on orders.plant_id = operations.plant_id
            and orders.order_id = operations.order_id
        left join
            quantities
            on quantities.plant_id = operations.plant_id
            and quantities.source = operations.source
            and quantities.operation_id = operations.operation_id
        left join
            times
            on times.plant_id = operations.plant_id
            and times.source = operations.source
            and times.operation_id = operations.operation_id
        where operations.source = operations.first_source
    ),

    -- Position on the route. What was never carried out (nothing good was left to hand on) has
    -- none.
    placed as (
        select
            *,
            row_number() over (
                partition by plant_id, order_id, started_at is not null
                order by
                    case when sequence_no is null then 1 else 0 end,
                    sequence_no,
                    started_at,
                    operation_id
            ) as place_no,
            sum(case when started_at is not null then 1 else 0 end) over (
                partition by plant_id, order_id
            ) as last_place_no
        from started
    ),

    -- Until when everything in front of an operation was done; in front of the first, its release.
    queued as (
        select
            *,
            greatest(
                released_at,
                coalesce(
                    max(ended_at) over (
                        partition by plant_id, order_id, started_at is not null
                        order by place_no
                        rows between unbounded preceding and 1 preceding
                    ),
                    released_at
                )
            ) as previous_end_at
        from placed
    )

select
    *,
    started_at is not null and place_no = 1 as is_first,
    started_at is not null and place_no = last_place_no as is_last,
    -- Where steps overlap nothing waits, and the order's time is counted once: the times of its
    -- operations add up to the time from release to the last end.
    case
        when started_at > previous_end_at
        then {{ seconds_between("previous_end_at", "started_at") }}
        when previous_end_at is not null and started_at is not null
        then 0
    end as queue_s,
    case
        when ended_at > previous_end_at
        then {{ seconds_between("previous_end_at", "ended_at") }}
        when previous_end_at is not null and ended_at is not null
        then 0
    end as execution_s
from queued
