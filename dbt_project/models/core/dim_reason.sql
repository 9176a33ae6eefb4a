with
    reasons as (select * from {{ ref("stg_reasons") }}),
    states as (select * from {{ ref("int_machine_states__resolved") }}),
    scrap_events as (select * from {{ ref("int_scrap_events__resolved") }}),

    -- A code that only facts name is a reason all the same, though nobody knows its meaning.
    seen as (
        select plant_id, source, reason_kind, reason_id
        from reasons
        union
        select plant_id, source, 'stop' as reason_kind, reason_id
        from states
        union
        select plant_id, source, 'scrap' as reason_kind, reason_id
        from scrap_events
    )

select
    {{ surrogate_key(["seen.plant_id", "seen.source", "seen.reason_kind", "seen.reason_id"]) }}
    as reason_key,
    seen.plant_id,
    seen.source,
    seen.reason_kind,
    seen.reason_id,
    coalesce(reasons.reason_code, seen.reason_id) as reason_code,
    coalesce(reasons.reason_name, reasons.reason_code, seen.reason_id) as reason_name,
    reasons.reason_group,
    reasons.state,
    coalesce(reasons.is_failure, false) as is_failure,
    reasons.reason_id is not null as has_master_data
from seen
left join
    reasons
    on reasons.plant_id = seen.plant_id
    and reasons.source = seen.source
    and reasons.reason_kind = seen.reason_kind
    and reasons.reason_id = seen.reason_id
where seen.reason_id is not null
