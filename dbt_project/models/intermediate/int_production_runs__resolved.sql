with
    delivered_counts as (select * from {{ ref("stg_production_counts") }}),
    counter_runs as (select * from {{ ref("int_counter_runs__assembled") }}),
    operations as (select * from {{ ref("int_order_operations__resolved") }}),
    orders as (select * from {{ ref("int_orders__merged") }}),
    rates as (select * from {{ ref("int_standard_rates__resolved") }}),
    current_rates as (select * from {{ ref("int_standard_rates__current") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),
    states as (select * from {{ ref("int_machine_states__resolved") }}),

    -- An open run is over where its own state is: the machine did something else since, although
    -- the end of the run was never delivered, or was quarantined.
    ends_of_states as (
        select plant_id, source, run_id, start_at, max(end_at) as end_at
        from states
        where is_open and run_id is not null
        group by plant_id, source, run_id, start_at
    ),

    counts as (
        select
            delivered.plant_id,
            delivered.source,
            delivered.run_id,
            delivered.machine_id,
            delivered.operation_id,
            delivered.order_id,
            delivered.item_id,
            delivered.pass_no,
            delivered.start_at,
            -- A run that lasts has been seen until its delivery's watermark.
            coalesce(delivered.end_at, ends_of_states.end_at, delivered.watermark_at) as end_at,
            delivered.end_at is null as is_open,
            delivered.produced_qty,
            delivered.good_qty,
            delivered.scrap_qty,
            delivered.rework_qty,
            delivered.ideal_cycle_s,
            'run' as quantity_origin,
            delivered.delivery_id,
            delivered.line_no
        from delivered_counts as delivered
        left join
            ends_of_states
            on ends_of_states.plant_id = delivered.plant_id
            and ends_of_states.source = delivered.source
            and ends_of_states.run_id = delivered.run_id
            and ends_of_states.start_at = delivered.start_at
        union all
        select
            plant_id,
            source,
            run_id,
            machine_id,
            cast(null as {{ dbt.type_string() }}) as operation_id,
            order_id,
            item_id,
            1 as pass_no,
            start_at,
            end_at,
            false as is_open,
            produced_qty,
            good_qty,
            scrap_qty,
            rework_qty,
            cast(null as decimal(18, 6)) as ideal_cycle_s,
            quantity_origin,
            delivery_id,
            line_no
        from counter_runs
    ),

    -- A run that names no order takes that of its operation.
    runs_with_order as (
        select
            counts.plant_id,
            counts.source,
            counts.run_id,
            counts.operation_id,
            operations.sequence_no,
            coalesce(machine_ids.business_id, counts.machine_id) as machine_id,
            coalesce(order_ids.business_id, counts.order_id, operations.order_id) as order_id,
            coalesce(item_ids.business_id, counts.item_id, operations.item_id) as own_item_id,
            counts.pass_no,
            counts.start_at,
            counts.end_at,
            counts.is_open,
            counts.produced_qty,
            counts.good_qty,
            counts.scrap_qty,
            counts.rework_qty,
            counts.ideal_cycle_s,
            counts.quantity_origin,
            counts.delivery_id,
            counts.line_no
        from counts
        left join
            operations
            on operations.plant_id = counts.plant_id
            and operations.source = counts.source
            and operations.operation_id = counts.operation_id
        left join
            identifiers as machine_ids
            on machine_ids.plant_id = counts.plant_id
            and machine_ids.source = counts.source
            and machine_ids.id_kind = 'machine'
            and machine_ids.source_id = counts.machine_id
        left join
            identifiers as order_ids
            on order_ids.plant_id = counts.plant_id
            and order_ids.source = counts.source
            and order_ids.id_kind = 'order'
            and order_ids.source_id = counts.order_id
        left join
            identifiers as item_ids
            on item_ids.plant_id = counts.plant_id
            and item_ids.source = counts.source
            and item_ids.id_kind = 'item'
            and item_ids.source_id = counts.item_id
    ),

    -- A run that names no item takes that of its operation, else that of its order.
    runs as (
        select runs.*, coalesce(runs.own_item_id, orders.item_id) as item_id
        from runs_with_order as runs
        left join orders on orders.plant_id = runs.plant_id and orders.order_id = runs.order_id
    ),

    -- Standards valid when the run started; one for this very machine before one for any.
    valid_standards as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            rates.ideal_cycle_s,
            row_number() over (
                partition by runs.plant_id, runs.source, runs.run_id
                order by
                    case when rates.machine_id is null then 1 else 0 end,
                    rates.valid_from desc,
                    rates.source,
                    rates.ideal_cycle_s
            ) as choice_no
        from runs
        inner join
            rates
            on rates.plant_id = runs.plant_id
            and rates.item_id = runs.item_id
            and (rates.machine_id is null or rates.machine_id = runs.machine_id)
            and {{ valid_at("rates", "runs.start_at") }}
        where runs.ideal_cycle_s is null
    ),

    standards as (select * from valid_standards where choice_no = 1),

    -- PQ = GQ + RQ + SQ: of the four, one that the system does not say follows from the others.
    completed as (
        select
            runs.*,
            coalesce(
                runs.produced_qty, runs.good_qty + runs.scrap_qty + runs.rework_qty
            ) as known_produced_qty,
            coalesce(
                runs.good_qty, runs.produced_qty - runs.scrap_qty - runs.rework_qty
            ) as known_good_qty,
            coalesce(runs.ideal_cycle_s, standards.ideal_cycle_s) as known_ideal_cycle_s,
            case
                when runs.ideal_cycle_s is not null
                then 'run'
                when standards.ideal_cycle_s is not null
                then 'standard'
            end as ideal_cycle_origin,
            -- Today's standard for all runs alike, whatever their own system used for them.
            coalesce(
                of_machine.current_ideal_cycle_s, of_any.current_ideal_cycle_s
            ) as current_ideal_cycle_s
        from runs
        left join
            standards
            on standards.plant_id = runs.plant_id
            and standards.source = runs.source
            and standards.run_id = runs.run_id
        left join
            current_rates as of_machine
            on of_machine.plant_id = runs.plant_id
            and of_machine.item_id = runs.item_id
            and of_machine.machine_id = runs.machine_id
        left join
            current_rates as of_any
            on of_any.plant_id = runs.plant_id
            and of_any.item_id = runs.item_id
            and of_any.machine_id is null
    )

select
    plant_id,
    source,
    run_id,
    machine_id,
    operation_id,
    sequence_no,
    order_id,
    item_id,
    pass_no,
    start_at,
    end_at,
    is_open,
    known_produced_qty as produced_qty,
    known_good_qty as good_qty,
    scrap_qty,
    rework_qty,
    quantity_origin,
    known_ideal_cycle_s as ideal_cycle_s,
    ideal_cycle_origin,
    current_ideal_cycle_s,
    delivery_id,
    line_no
from completed
