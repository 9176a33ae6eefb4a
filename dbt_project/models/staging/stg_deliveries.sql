select
    delivery_id,
    content_hash,
    plant_id,
    source,
    system,
    table_name,
    file_path,
    file_bytes,
    status,
    message,
    delivered_rows,
    accepted_rows,
    quarantined_rows,
    duplicate_rows,
    extracted_at,
    watermark_at,
    -- A system that sends every changed row again says by its silence that an open row is still
    -- open: it ends at the newest extraction of its table, not at the one that delivered it.
    case
        when resends_changes
        then
            greatest(
                watermark_at,
                coalesce(
                    max(
                        case
                            when status not in ('rejected', 'superseded') and file_bytes > 0
                            then watermark_at
                        end
                    ) over (partition by plant_id, source, table_name),
                    watermark_at
                )
            )
        else watermark_at
    end as open_until_at,
    resends_changes,
    first_event_date,
    last_event_date,
    contract_version,
    dialect,
    loaded_at
from {{ source("raw", "deliveries") }}
