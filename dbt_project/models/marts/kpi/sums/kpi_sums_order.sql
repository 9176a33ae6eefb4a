with
    operations as (
        select *
        from {{ ref("fct_order_operation") }}
        where is_order_completed and order_completed_date is not null
    ),

    -- The operations that were carried out are the order; its output is that of the last one.
    orders as (
        select
            plant_id,
            order_id,
            max(order_completed_date) as completed_date,
            coalesce(max(case when is_last then item_id end), max(item_id)) as item_id,
            count(started_at) as operation_qty,
            count(case when started_at is not null then aubt_s end) as busy_operation_qty,
            count(execution_s) as executed_operation_qty,
            sum(execution_s) as execution_s,
            sum(queue_s) as queue_s,
            sum(aubt_s) as aubt_s,
            sum(apt_s) as apt_s,
            sum(not_observed_s) as not_observed_s,
            max(order_lead_time_s) as lead_time_s,
            max(
                case when is_last and counted_run_qty = run_qty then first_pass_produced_qty end
            ) as produced_qty,
            max(
                case when is_first and counted_run_qty = run_qty then first_pass_produced_qty end
            ) as first_produced_qty,
            max(
                case when is_first and counted_run_qty = run_qty then scrap_qty end
            ) as first_scrap_qty,
            count(
                case
                    when started_at is not null and planned_scrap_qty is not null then scrap_qty
                end
            ) as planned_operation_qty,
            sum(
                case
                    when started_at is not null and scrap_qty is not null then planned_scrap_qty
                end
            ) as planned_scrap_qty,
            sum(case when planned_scrap_qty is not null then scrap_qty end) as scrap_qty
        from operations
        group by plant_id, order_id
    ),

    -- What is known of an order: how long it took, what it kept busy, what came out.
    known as (
        select
            *,
            operation_qty > 0 and executed_operation_qty = operation_qty as is_executed,
            operation_qty > 0
            and executed_operation_qty = operation_qty
            and busy_operation_qty = operation_qty as is_busy_known
        from orders
    )

select
    {{ surrogate_key(["plant_id", "order_id"]) }} as kpi_sums_order_key,
    plant_id,
    item_id,
    {{ item_key_of("item_id") }} as item_key,
    completed_date,
    1 as order_qty,
    case when is_executed then 1 else 0 end as executed_order_qty,
    case when is_executed then execution_s else 0 end as execution_s,
    case when is_executed then queue_s else 0 end as queue_s,
    case when is_busy_known then 1 else 0 end as busy_order_qty,
    case when is_busy_known then execution_s else 0 end as busy_execution_s,
    case when is_busy_known then aubt_s else 0 end as aubt_s,
    case when is_busy_known then apt_s else 0 end as apt_s,
    case when is_busy_known then not_observed_s else 0 end as not_observed_s,
    case when is_busy_known and lead_time_s is not null then 1 else 0 end as lead_order_qty,
    case when is_busy_known and lead_time_s is not null then apt_s else 0 end as lead_apt_s,
    case
        when is_busy_known and lead_time_s is not null then not_observed_s else 0
    end as lead_not_observed_s,
    case when is_busy_known then coalesce(lead_time_s, 0) else 0 end as lead_time_s,
    case when is_executed and produced_qty is not null then 1 else 0 end as made_order_qty,
    case when is_executed then coalesce(produced_qty, 0) else 0 end as produced_qty,
    case
        when is_executed and produced_qty is not null then execution_s else 0
    end as made_execution_s,
    case
        when first_produced_qty is not null and first_scrap_qty is not null then 1 else 0
    end as first_counted_order_qty,
    case
        when first_scrap_qty is not null then coalesce(first_produced_qty, 0) else 0
    end as first_produced_qty,
    case
        when first_produced_qty is not null then coalesce(first_scrap_qty, 0) else 0
    end as first_scrap_qty,
    operation_qty,
    planned_operation_qty,
    coalesce(scrap_qty, 0) as scrap_qty,
    coalesce(planned_scrap_qty, 0) as planned_scrap_qty
from known
