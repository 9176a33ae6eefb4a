with baselines as (select * from {{ ref("stg_kpi_baselines") }})

select
    plant_id,
    kpi_id,
    scope_type,
    scope_id,
    period_type,
    from_date,
    -- The same event of two systems is one: the first of them spans nothing.
    lead(from_date) over (
        partition by plant_id, kpi_id, scope_type, scope_id, period_type order by from_date, source
    ) as until_date,
    reason,
    author
from baselines
