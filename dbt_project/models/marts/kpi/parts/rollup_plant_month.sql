-- The months in which a plant delivered anything: there every KPI owes a figure or a reason.
with
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
        select plant_id, due_date as event_date
        from {{ ref("fct_sales_order_line") }}
        where is_due
        union
        select plant_id, ordered_date as event_date
        from {{ ref("fct_purchase_order_line") }}
        union
        select plant_id, received_date as event_date
        from {{ ref("fct_purchase_order_line") }}
        union
        select plant_id, due_date as event_date
        from {{ ref("fct_purchase_order_line") }}
        where is_due
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
    )

select distinct plant_id, {{ period_start("month", "event_date") }} as period_start_date
from events
where event_date is not null
