with orders as (select * from {{ ref("int_maintenance_orders__resolved") }})

select
    {{ surrogate_key(["plant_id", "source", "maintenance_order_id"]) }} as maintenance_order_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    {{ surrogate_key(["plant_id", "machine_id"]) }} as machine_key,
    plant_id,
    source,
    maintenance_order_id,
    machine_id,
    maintenance_kind,
    is_breakdown,
    description,
    failure_code,
    reported_at,
    started_at,
    finished_at,
    due_at,
    reported_date,
    finished_date,
    finished_at is not null as is_finished,
    {{ seconds_between("reported_at", "started_at") }} as response_s,
    {{ seconds_between("started_at", "finished_at") }} as work_s,
    labour_s,
    cost_amount,
    delivery_id,
    line_no
from orders
