-- What a row names and nothing explains. Counted here, never dropped.
with
    states as (select * from {{ ref("int_machine_states__resolved") }}),
    booked_runs as (select * from {{ ref("int_production_runs__booked") }}),
    scrap_events as (select * from {{ ref("int_scrap_events__resolved") }} where piece_no = 1),
    movements as (select * from {{ ref("int_stock_movements__resolved") }}),
    maintenance_orders as (select * from {{ ref("int_maintenance_orders__resolved") }}),
    machines as (select * from {{ ref("int_machines__merged") }}),
    items as (select * from {{ ref("int_items__merged") }}),
    orders as (select * from {{ ref("int_orders__merged") }}),
    reasons as (select * from {{ ref("stg_reasons") }}),
    counter_changes as (select * from {{ ref("int_counter_readings__differenced") }}),

    runs as (
        select
            *,
            case
                when quantity_origin = 'run' then 'production_counts' else 'counter_readings'
            end as feed
        from booked_runs
        where piece_no = 1
    ),

    states_without_machine as (
        select
            plant_id,
            source,
            'machine_states' as feed,
            'run' as reference_kind,
            run_id as reference_id,
            'no machine: the run is not known' as consequence,
            cast(start_at as date) as event_date
        from states
        where machine_id is null
    ),

    stops_without_reason as (
        select
            plant_id,
            source,
            'machine_states' as feed,
            'stop reason' as reference_kind,
            reason_id as reference_id,
            'counted as an unlabelled delay: the reason is not known' as consequence,
            cast(start_at as date) as event_date
        from states
        where reason_id is not null and not is_labelled
    ),

    runs_without_item as (
        select
            plant_id,
            source,
            feed,
            'item' as reference_kind,
            coalesce(order_id, operation_id) as reference_id,
            'no item: the operation or order is not known' as consequence,
            production_date as event_date
        from runs
        where item_id is null
    ),

    runs_without_standard as (
        select
            plant_id,
            source,
            feed,
            'standard rate' as reference_kind,
            item_id as reference_id,
            'no ideal time: neither the run nor a standard gives a cycle' as consequence,
            production_date as event_date
        from runs
        where ideal_cycle_s is null and item_id is not null and produced_qty <> 0
    ),

    counters_reset as (
        select
            plant_id,
            source,
            'counter_readings' as feed,
            'counter before its reset' as reference_kind,
            concat(machine_id, ' ', counter) as reference_id,
            'not counted: what was made between the last reading and the reset' as consequence,
            cast(read_at as date) as event_date
        from counter_changes
        where change_kind = 'reset'
    ),

    scrap_without_run as (
        select
            plant_id,
            source,
            'scrap_events' as feed,
            'run' as reference_kind,
            run_id as reference_id,
            'no production time: the run is not known' as consequence,
            coalesce(production_date, cast(detected_at as date)) as event_date
        from scrap_events
        where run_id is not null and not is_run_known
    ),

    scrap_without_reason as (
        select
            events.plant_id,
            events.source,
            'scrap_events' as feed,
            'scrap reason' as reference_kind,
            events.reason_id as reference_id,
            'not explained: the reason is not known' as consequence,
            events.production_date as event_date
        from scrap_events as events
        left join
            reasons
            on reasons.plant_id = events.plant_id
            and reasons.source = events.source
            and reasons.reason_kind = 'scrap'
            and reasons.reason_id = events.reason_id
        where events.reason_id is not null and reasons.reason_id is null
    ),

    movements_without_item as (
        select
            movements.plant_id,
            movements.source,
            'stock_movements' as feed,
            'item' as reference_kind,
            movements.item_id as reference_id,
            'no type: the item has no master data' as consequence,
            movements.posting_date as event_date
        from movements
        left join items on items.plant_id = movements.plant_id and items.item_id = movements.item_id
        where items.item_id is null
    ),

    movements_without_cost as (
        select
            plant_id,
            source,
            'stock_movements' as feed,
            'standard cost' as reference_kind,
            item_id as reference_id,
            'no value: the item has no cost on the day' as consequence,
            posting_date as event_date
        from movements
        where unit_cost_amount is null
    ),

    runs_without_order as (
        select
            runs.plant_id,
            runs.source,
            runs.feed,
            'order' as reference_kind,
            runs.order_id as reference_id,
            'no order dates: the order is not known' as consequence,
            runs.production_date as event_date
        from runs
        left join orders on orders.plant_id = runs.plant_id and orders.order_id = runs.order_id
        where runs.order_id is not null and orders.order_id is null
    ),

    maintenance_without_machine as (
        select
            maintenance.plant_id,
            maintenance.source,
            'maintenance_orders' as feed,
            'machine' as reference_kind,
            maintenance.machine_id as reference_id,
            'no line: the machine has no master data' as consequence,
            maintenance.reported_date as event_date
        from maintenance_orders as maintenance
        left join
            machines
            on machines.plant_id = maintenance.plant_id
            and machines.machine_id = maintenance.machine_id
        where machines.machine_id is null
    ),

    unresolved as (
        select *
        from states_without_machine
        union all
        select *
        from stops_without_reason
        union all
        select *
        from runs_without_item
        union all
        select *
        from runs_without_standard
        union all
        select *
        from runs_without_order
        union all
        select *
        from counters_reset
        union all
        select *
        from scrap_without_run
        union all
        select *
        from scrap_without_reason
        union all
        select *
        from movements_without_item
        union all
        select *
        from movements_without_cost
        union all
        select *
        from maintenance_without_machine
    )

select
    plant_id,
    source,
    feed,
    reference_kind,
    reference_id,
    consequence,
    count(*) as row_qty,
    min(event_date) as first_date,
    max(event_date) as last_date
from unresolved
group by plant_id, source, feed, reference_kind, reference_id, consequence
