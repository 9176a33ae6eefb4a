-- A table, since it is read by every model that explains a stop or a rejection.
{{ config(materialized="table") }}

with
    current_versions as (
        select * from {{ current_rows("reasons", ["reason_kind", "reason_id"]) }} as versions
    )

select
    plant_id,
    source,
    reason_kind,
    reason_id,
    reason_code,
    reason_name,
    reason_group,
    state,
    is_failure,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
