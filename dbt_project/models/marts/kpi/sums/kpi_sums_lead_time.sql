select
    order_key,
    plant_id,
    item_id,
    {{ item_key_of("item_id") }} as item_key,
    completed_date,
    lead_time_s,
    working_s
from {{ ref("fct_order_lead_time") }}
where is_completed and completed_date is not null
