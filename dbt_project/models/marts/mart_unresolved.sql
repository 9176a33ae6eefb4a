with unresolved as (select * from {{ ref("int_references__unresolved") }})

select
    {{
        surrogate_key(
            ["plant_id", "source", "feed", "reference_kind", "reference_id", "consequence"]
        )
    }} as unresolved_key,
    plant_id,
    source,
    feed,
    reference_kind,
    reference_id,
    consequence,
    cast(row_qty as bigint) as row_qty,
    first_date,
    last_date
from unresolved
