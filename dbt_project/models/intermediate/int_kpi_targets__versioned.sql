with versions as (select * from {{ ref("stg_kpi_targets") }})

select
    plant_id,
    kpi_id,
    scope_type,
    scope_id,
    period_type,
    valid_from,
    valid_to,
    target_value,
    owner,
    objective,
    is_deleted,
    extracted_at as known_from_at,
    lead(extracted_at) over (
        partition by plant_id, kpi_id, scope_type, scope_id, period_type, valid_from
        order by extracted_at, delivery_id, line_no
    ) as known_to_at,
    delivery_id,
    line_no
from versions
