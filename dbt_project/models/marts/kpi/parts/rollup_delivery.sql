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
            line_kind,
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
            'sales' as line_kind,
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
            line_kind,
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
    ),

    periods as ({{ by_period("events", "event_date") }}),

    scopes as ({{ by_scope("periods", ["plant", "item", "customer", "supplier"]) }})

select
    plant_id,
    line_kind,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    sum(due_line_qty) as due_line_qty,
    sum(timed_line_qty) as timed_line_qty,
    sum(on_time_line_qty) as on_time_line_qty,
    sum(counted_line_qty) as counted_line_qty,
    sum(in_full_line_qty) as in_full_line_qty,
    sum(judged_line_qty) as judged_line_qty,
    sum(on_time_in_full_line_qty) as on_time_in_full_line_qty,
    sum(due_order_qty) as due_order_qty,
    sum(judged_order_qty) as judged_order_qty,
    sum(perfect_order_qty) as perfect_order_qty,
    sum(done_line_qty) as done_line_qty,
    sum(measured_line_qty) as measured_line_qty,
    sum(cycle_s) as cycle_s
from scopes
group by plant_id, line_kind, scope_type, scope_id, period_type, period_start_date
