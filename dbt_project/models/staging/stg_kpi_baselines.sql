with
    current_versions as (
        select *
        from
            {{
                current_rows(
                    "kpi_baselines",
                    ["kpi_id", "scope_type", "scope_id", "period_type", "from_date"],
                )
            }} as versions
    )

select
    plant_id,
    source,
    kpi_id,
    scope_type,
    scope_id,
    period_type,
    from_date,
    reason,
    author,
    changed_at,
    system,
    extracted_at,
    watermark_at,
    delivery_id,
    line_no
from current_versions
