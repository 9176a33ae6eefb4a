-- Every version that was ever delivered, whatever became of its file: a period is judged by the
-- target that was known when it began.
with
    versions as (select * from {{ source("raw", "kpi_targets") }}),
    deliveries as (select * from {{ ref("stg_deliveries") }})

select
    versions.plant_id,
    versions.source,
    versions.kpi_id,
    versions.scope_type,
    versions.scope_id,
    versions.period_type,
    versions.valid_from,
    versions.valid_to,
    versions.target_value,
    versions.owner,
    versions.objective,
    versions.is_deleted,
    deliveries.extracted_at,
    versions.delivery_id,
    versions.line_no
from versions
inner join deliveries on deliveries.delivery_id = versions.delivery_id
