-- In the months between a plant's first and last event every KPI owes a figure or a reason, also in
-- one in which nothing happened.
with
    dates as (select * from {{ ref("dim_date") }}),

    events as (
        select plant_id, production_date as event_date
        from {{ ref("fct_machine_time") }}
        union
        select plant_id, production_date as event_date
        from {{ ref("fct_production") }}
        union
        select plant_id, production_date as event_date
        from {{ ref("fct_scrap") }}
        union
        select plant_id, completed_date as event_date
        from {{ ref("fct_order_lead_time") }}
        union
        select plant_id, released_date as event_date
        from {{ ref("fct_order_lead_time") }}
        union
        select plant_id, posting_date as event_date
        from {{ ref("fct_stock_movement") }}
        union
        select plant_id, stock_date as event_date
        from {{ ref("fct_inventory_daily") }}
        union
        select plant_id, reported_date as event_date
        from {{ ref("fct_maintenance_order") }}
        union
        select plant_id, finished_date as event_date
        from {{ ref("fct_maintenance_order") }}
        union
        select plant_id, ordered_date as event_date
        from {{ ref("fct_sales_order_line") }}
        union
        select plant_id, delivered_date as event_date
        from {{ ref("fct_sales_order_line") }}
        union
        select plant_id, ordered_date as event_date
        from {{ ref("fct_purchase_order_line") }}
        union
        select plant_id, received_date as event_date
        from {{ ref("fct_purchase_order_line") }}
        union
        select plant_id, production_date as event_date
        from {{ ref("fct_labour_time") }}
        union
        select plant_id, production_date as event_date
        from {{ ref("fct_energy") }}
        union
        select plant_id, balanced_date as event_date
        from {{ ref("fct_material_balance") }}
        union
        select plant_id, production_date as event_date
        from {{ ref("fct_measurement_subgroup") }}
    ),

    spans as (
        select plant_id, min(event_date) as first_date, max(event_date) as last_date
        from events
        where event_date is not null
        group by plant_id
    )

select distinct spans.plant_id, dates.month_start_date as period_start_date
from spans
inner join dates on dates.calendar_date between spans.first_date and spans.last_date
