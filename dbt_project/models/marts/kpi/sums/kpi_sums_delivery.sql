with
    sales_lines as (
        select * from {{ ref("fct_sales_order_line") }} where not is_cancelled and ordered_qty > 0
    ),
    purchase_lines as (
        select *
        from {{ ref("fct_purchase_order_line") }}
        where not is_cancelled and ordered_qty > 0
    ),

    lines as (
        select
            'sales' as line_kind,
            sales_order_line_key as line_key,
            plant_id,
            customer_id,
            cast(null as {{ dbt.type_string() }}) as supplier_id,
            item_id,
            is_due,
            due_date,
            delivered_date as done_date,
            is_on_time,
            is_in_full,
            is_on_time_in_full,
            is_fulfilled,
            fulfilment_s as cycle_s
        from sales_lines
        union all
        select
            'purchase' as line_kind,
            purchase_order_line_key as line_key,
            plant_id,
            cast(null as {{ dbt.type_string() }}) as customer_id,
            supplier_id,
            item_id,
            is_due,
            due_date,
            received_date as done_date,
            is_on_time,
            is_in_full,
            cast(null as boolean) as is_on_time_in_full,
            is_fulfilled,
            lead_time_s as cycle_s
        from purchase_lines
    ),

    -- An order is perfect when all its lines are, and is judged when the last of them is due.
    orders as (
        select
            plant_id,
            source,
            sales_order_id,
            max(customer_id) as customer_id,
            max(due_date) as due_date,
            max(case when is_perfect then 0 else 1 end) as unproven_line_qty,
            max(case when not is_perfect then 1 else 0 end) as failed_line_qty
        from sales_lines
        group by plant_id, source, sales_order_id
        having max(case when is_due then 0 else 1 end) = 0
    ),

    -- What is due counts for the day it was first promised, ...
    due_lines as (
        select
            'due_line' as event,
            line_kind,
            line_key as event_key,
            plant_id,
            customer_id,
            supplier_id,
            item_id,
            due_date as event_date,
            1 as due_line_qty,
            case when is_on_time is not null then 1 else 0 end as timed_line_qty,
            case when is_on_time then 1 else 0 end as on_time_line_qty,
            case when is_in_full is not null then 1 else 0 end as counted_line_qty,
            case when is_in_full then 1 else 0 end as in_full_line_qty,
            case when is_on_time_in_full is not null then 1 else 0 end as judged_line_qty,
            case when is_on_time_in_full then 1 else 0 end as on_time_in_full_line_qty,
            0 as due_order_qty,
            0 as judged_order_qty,
            0 as perfect_order_qty,
            0 as done_line_qty,
            0 as measured_line_qty,
            cast(0 as decimal(18, 6)) as cycle_s
        from lines
        where is_due
    ),

    due_orders as (
        select
            'due_order' as event,
            'sales' as line_kind,
            {{ surrogate_key(["plant_id", "source", "sales_order_id"]) }} as event_key,
            plant_id,
            customer_id,
            cast(null as {{ dbt.type_string() }}) as supplier_id,
            cast(null as {{ dbt.type_string() }}) as item_id,
            due_date as event_date,
            0 as due_line_qty,
            0 as timed_line_qty,
            0 as on_time_line_qty,
            0 as counted_line_qty,
            0 as in_full_line_qty,
            0 as judged_line_qty,
            0 as on_time_in_full_line_qty,
            1 as due_order_qty,
            case
                when failed_line_qty > 0 or unproven_line_qty = 0 then 1 else 0
            end as judged_order_qty,
            case when unproven_line_qty = 0 then 1 else 0 end as perfect_order_qty,
            0 as done_line_qty,
            0 as measured_line_qty,
            cast(0 as decimal(18, 6)) as cycle_s
        from orders
    ),

    -- ... how long it took, for the day it was done. A part is not yet the line; where nobody
    -- says how much came, it may have been all.
    done_lines as (
        select
            'done_line' as event,
            line_kind,
            line_key as event_key,
            plant_id,
            customer_id,
            supplier_id,
            item_id,
            done_date as event_date,
            0 as due_line_qty,
            0 as timed_line_qty,
            0 as on_time_line_qty,
            0 as counted_line_qty,
            0 as in_full_line_qty,
            0 as judged_line_qty,
            0 as on_time_in_full_line_qty,
            0 as due_order_qty,
            0 as judged_order_qty,
            0 as perfect_order_qty,
            1 as done_line_qty,
            case when cycle_s is not null then 1 else 0 end as measured_line_qty,
            coalesce(cycle_s, 0) as cycle_s
        from lines
        where done_date is not null and coalesce(is_fulfilled, true)
    ),

    events as (
        select *
        from due_lines
        union all
        select *
        from due_orders
        union all
        select *
        from done_lines
    )

select
    {{ surrogate_key(["event", "line_kind", "event_key"]) }} as kpi_sums_delivery_key,
    plant_id,
    line_kind,
    event,
    customer_id,
    supplier_id,
    item_id,
    {{ item_key_of("item_id") }} as item_key,
    event_date,
    due_line_qty,
    timed_line_qty,
    on_time_line_qty,
    counted_line_qty,
    in_full_line_qty,
    judged_line_qty,
    on_time_in_full_line_qty,
    due_order_qty,
    judged_order_qty,
    perfect_order_qty,
    done_line_qty,
    measured_line_qty,
    cycle_s
from events
