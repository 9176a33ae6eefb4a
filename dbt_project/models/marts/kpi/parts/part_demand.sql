with
    sums as (select * from {{ ref("rollup_demand") }}),

    -- Pieces and kilograms have no sum.
    explained as (
        select
            *,
            case when uom_qty = 1 then demanded_qty end as summed_qty,
            case
                when uom_qty > 1
                then 'demand in several units'
                when working_s is null
                then 'no shift calendar, or days outside of it'
                else 'nothing demanded'
            end as no_value_reason
        from sums
    )

    {{
        kpi_part(
            "takt_time_s",
            "explained",
            "working_s",
            "summed_qty",
            "case when working_s is not null then 1.0 end",
            "cast(null as " ~ dbt.type_string() ~ ")",
            "no_value_reason",
        )
    }}
