{{ config(materialized="view") }}

with
    entries as (select * from {{ ref("stg_labour_entries") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine')

select
    entries.plant_id,
    entries.source,
    entries.entry_id,
    entries.worker_id,
    entries.entry_kind,
    coalesce(identifiers.business_id, entries.machine_id) as machine_id,
    entries.start_at,
    -- What still lasts is known until its delivery.
    coalesce(entries.end_at, entries.watermark_at) as end_at,
    entries.end_at is null as is_open
from entries
left join
    identifiers
    on identifiers.plant_id = entries.plant_id
    and identifiers.source = entries.source
    and identifiers.source_id = entries.machine_id
