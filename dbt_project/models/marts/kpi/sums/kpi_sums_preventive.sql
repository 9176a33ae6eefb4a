with
    orders as (
        select * from {{ ref("fct_maintenance_order") }} where maintenance_kind = 'preventive'
    ),
    systems as (select * from {{ ref("int_maintenance_systems__known") }}),
    plants as (select * from {{ ref("dim_plant") }}),
    machines as (select * from {{ ref("dim_machine") }}),

    orders_with_limits as (
        select
            orders.*,
            machines.line_id,
            systems.known_date,
            {{
                add_days(
                    "orders.due_date", "(-cast(plants.preventive_tolerance_days as integer))"
                )
            }} as first_date,
            {{ add_days("orders.due_date", "cast(plants.preventive_tolerance_days as integer)") }}
            as last_date
        from orders
        inner join plants on plants.plant_id = orders.plant_id
        inner join systems on systems.plant_id = orders.plant_id
        inner join machines on machines.machine_key = orders.machine_key
    )

-- An order counts for the day it was due: finished in time or not, or still open and overdue.
-- One that may still be finished in time is not judged yet; one without a due date is unknown.
select
    maintenance_order_key,
    plant_id,
    machine_key,
    machine_id,
    line_id,
    coalesce(due_date, finished_date) as judged_date,
    case when due_date is not null then 1 else 0 end as due_qty,
    case when finished_date between first_date and last_date then 1 else 0 end as on_time_qty,
    case when due_date is null then 1 else 0 end as undated_qty
from orders_with_limits
where finished_date is not null or last_date < known_date
