with demand as (select * from {{ ref("int_demand__daily") }})

select
    {{ surrogate_key(["plant_id", "demand_date", "item_id", "uom"]) }} as kpi_sums_demand_key,
    plant_id,
    demand_date,
    item_id,
    uom,
    working_s,
    demanded_qty
from demand
