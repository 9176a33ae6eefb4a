with
    orders as (select * from {{ ref("int_maintenance_orders__resolved") }}),
    pairs as (select * from {{ ref("int_failure_orders__paired") }} where stop_choice_no = 1)

select orders.*, pairs.stop_start_at
from orders
left join
    pairs
    on pairs.plant_id = orders.plant_id
    and pairs.source = orders.source
    and pairs.maintenance_order_id = orders.maintenance_order_id
