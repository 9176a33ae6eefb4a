with
    failures as (select * from {{ ref("int_machine_failures__joined") }}),
    pairs as (select * from {{ ref("int_failure_orders__paired") }}),
    machine_days as (select * from {{ ref("int_machine_days__observed") }} where is_observed),
    orders as (select * from {{ ref("fct_maintenance_order") }}),
    machines as (select * from {{ ref("dim_machine") }}),
    reasons as (select * from {{ ref("dim_reason") }}),

    -- Only where both systems speak can one of them be missing: plants with a maintenance system,
    ordering_plants as (select plant_id from orders group by plant_id),

    -- ... and machines while they were watched.
    watched_machines as (
        select plant_id, machine_id, observed_from_at, observed_to_at
        from machine_days
        group by plant_id, machine_id, observed_from_at, observed_to_at
    ),

    -- An order that stays open over several stops stands beside each of them.
    stops as (
        select
            failures.plant_id,
            failures.machine_id,
            failures.production_date as event_date,
            failures.source as stop_source,
            failures.reason_id,
            failures.stop_start_at,
            failures.stop_end_at,
            pairs.source as order_source,
            pairs.maintenance_order_id
        from failures
        inner join ordering_plants on ordering_plants.plant_id = failures.plant_id
        left join
            pairs
            on pairs.plant_id = failures.plant_id
            and pairs.machine_id = failures.machine_id
            and pairs.stop_start_at = failures.stop_start_at
            and pairs.order_choice_no = 1
    ),

    orders_without_stop as (
        select
            orders.plant_id,
            orders.machine_id,
            orders.reported_date as event_date,
            cast(null as {{ dbt.type_string() }}) as stop_source,
            cast(null as {{ dbt.type_string() }}) as reason_id,
            cast(null as timestamp) as stop_start_at,
            cast(null as timestamp) as stop_end_at,
            orders.source as order_source,
            orders.maintenance_order_id
        from orders
        inner join
            watched_machines
            on watched_machines.plant_id = orders.plant_id
            and watched_machines.machine_id = orders.machine_id
            and watched_machines.observed_from_at <= orders.reported_at
            and watched_machines.observed_to_at > orders.reported_at
        where
            orders.maintenance_kind = 'corrective'
            and orders.is_breakdown
            and orders.stop_start_at is null
    ),

    unioned as (
        select *
        from stops
        union all
        select *
        from orders_without_stop
    )

select
    {{
        surrogate_key(
            [
                "unioned.plant_id",
                "unioned.machine_id",
                "unioned.stop_start_at",
                "unioned.order_source",
                "unioned.maintenance_order_id",
            ]
        )
    }} as stop_reconciliation_key,
    unioned.plant_id,
    machines.machine_key,
    unioned.machine_id,
    machines.line_id,
    unioned.event_date,
    case
        when unioned.maintenance_order_id is null
        then 'stop_without_order'
        when unioned.stop_start_at is null
        then 'order_without_stop'
        else 'matched'
    end as match_kind,
    reasons.reason_key,
    reasons.reason_name,
    unioned.stop_start_at,
    unioned.stop_end_at,
    {{ seconds_between("unioned.stop_start_at", "unioned.stop_end_at") }} as stop_s,
    orders.maintenance_order_key,
    unioned.maintenance_order_id,
    orders.reported_at,
    orders.finished_at,
    {{ seconds_between("orders.reported_at", "orders.finished_at") }} as order_s,
    {{ seconds_between("unioned.stop_start_at", "orders.reported_at") }} as report_delay_s
from unioned
inner join
    machines on machines.plant_id = unioned.plant_id and machines.machine_id = unioned.machine_id
left join
    orders
    on orders.plant_id = unioned.plant_id
    and orders.source = unioned.order_source
    and orders.maintenance_order_id = unioned.maintenance_order_id
left join
    reasons
    on reasons.plant_id = unioned.plant_id
    and reasons.source = unioned.stop_source
    and reasons.reason_kind = 'stop'
    and reasons.reason_id = unioned.reason_id
