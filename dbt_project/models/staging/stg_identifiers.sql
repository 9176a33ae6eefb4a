-- A table, since it is read by every model that resolves an id.
{{ config(materialized="table") }}

with
    current_versions as (
        select * from {{ current_rows("identifiers", ["id_kind", "source_id"]) }} as versions
    )

select
    plant_id,
    source,
    id_kind,
    source_id,
    business_id,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
