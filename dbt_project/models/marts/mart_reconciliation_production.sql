with
    production as (select * from {{ ref("fct_production") }} where item_id is not null),
    operations as (select * from {{ ref("int_order_operations__resolved") }}),
    movements as (select * from {{ ref("fct_stock_movement") }} where is_owned),
    orders as (select * from {{ ref("dim_order") }}),
    items as (select * from {{ ref("dim_item") }}),

    -- Only where both systems deliver is there anything to compare.
    plants as (
        select plant_id
        from production
        intersect
        select plant_id
        from movements
        where movement_class = 'receipt_production'
    ),

    -- What the MES says was finished: good units of the last operation, of every pass.
    finished as (
        select
            production.plant_id,
            production.order_id,
            production.item_id,
            case
                when sum(case when production.good_qty is null then 1 else 0 end) = 0
                then sum(production.good_qty)
            end as good_qty,
            sum(case when production.good_qty is null then 1 else 0 end) as uncounted_run_qty,
            max(production.production_date) as last_date
        from production
        left join
            operations
            on operations.plant_id = production.plant_id
            and operations.source = production.source
            and operations.operation_id = production.operation_id
        where coalesce(operations.is_last_operation, true)
        group by production.plant_id, production.order_id, production.item_id
    ),

    -- What the ERP says went into stock, and what it took back of that.
    received as (
        select
            plant_id,
            order_id,
            item_id,
            sum(moved_qty) as received_qty,
            sum(case when is_reversal then moved_qty else 0 end) as reversed_qty,
            min(uom) as first_uom,
            max(uom) as last_uom,
            max(posting_date) as last_date
        from movements
        where movement_class = 'receipt_production'
        group by plant_id, order_id, item_id
    ),

    keys as (
        select plant_id, order_id, item_id
        from finished
        union
        select plant_id, order_id, item_id
        from received
    ),

    compared as (
        select
            keys.plant_id,
            keys.order_id,
            keys.item_id,
            items.base_uom,
            finished.plant_id is not null as is_in_mes,
            received.plant_id is not null as is_in_erp,
            finished.uncounted_run_qty,
            coalesce(received.first_uom = received.last_uom, true)
            and coalesce(received.first_uom = items.base_uom, true) as is_one_uom,
            case when finished.plant_id is null then 0 else finished.good_qty end as mes_good_qty,
            coalesce(received.received_qty, 0) as erp_received_qty,
            coalesce(received.reversed_qty, 0) as erp_reversed_qty,
            finished.last_date as mes_last_date,
            received.last_date as erp_last_date,
            coalesce(orders.is_cancelled, false) as is_cancelled,
            orders.has_master_data and orders.completed_at is null as is_open
        from keys
        inner join plants on plants.plant_id = keys.plant_id
        left join
            finished
            on finished.plant_id = keys.plant_id
            and finished.order_id is not distinct from keys.order_id
            and finished.item_id = keys.item_id
        left join
            received
            on received.plant_id = keys.plant_id
            and received.order_id is not distinct from keys.order_id
            and received.item_id = keys.item_id
        left join orders on orders.plant_id = keys.plant_id and orders.order_id = keys.order_id
        left join items on items.plant_id = keys.plant_id and items.item_id = keys.item_id
    ),

    differences as (
        select *, case when is_one_uom then mes_good_qty - erp_received_qty end as difference_qty
        from compared
    ),

    -- The first cause that accounts for all of it.
    explained as (
        select
            *,
            case
                when difference_qty = 0
                then 'agrees'
                when not is_one_uom
                then 'different units of measure'
                when difference_qty is null
                then 'good quantity not counted'
                when is_open and not is_cancelled and difference_qty > 0
                then 'order not completed yet'
                when not is_in_erp
                then 'only in the MES'
                when not is_in_mes
                then 'only in the ERP'
                when erp_reversed_qty <> 0 and difference_qty = - erp_reversed_qty
                then 'receipt reversed and not entered again'
                else 'not explained'
            end as explanation
        from differences
    )

select
    {{ surrogate_key(["plant_id", "order_id", "item_id"]) }} as reconciliation_production_key,
    plant_id,
    order_id,
    item_id,
    base_uom,
    mes_last_date,
    erp_last_date,
    cast(mes_good_qty as decimal(18, 6)) as mes_good_qty,
    cast(erp_received_qty as decimal(18, 6)) as erp_received_qty,
    cast(erp_reversed_qty as decimal(18, 6)) as erp_reversed_qty,
    cast(difference_qty as decimal(18, 6)) as difference_qty,
    cast(
        case
            when difference_qty is null
            then null
            when explanation <> 'not explained'
            then difference_qty
            else 0
        end as decimal(18, 6)
    ) as explained_qty,
    cast(
        case
            when difference_qty is null
            then null
            when explanation = 'not explained'
            then difference_qty
            else 0
        end as decimal(18, 6)
    ) as unexplained_qty,
    explanation
from explained
