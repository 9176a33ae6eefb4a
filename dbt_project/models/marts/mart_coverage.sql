{%- set kpis = ["observed_time_ratio", "labelled_stop_ratio", "rated_output_ratio"] %}
with
    kpi_values as (
        select *
        from {{ ref("kpi_values") }}
        where
            kpi_id in ('observed_time_ratio', 'labelled_stop_ratio', 'rated_output_ratio')
            and period_type in ('day', 'week', 'month')
    ),
    deliveries as (
        select * from {{ ref("int_deliveries__dated") }} where delivered_date is not null
    ),

    known_shares as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date
            {%- for kpi_id in kpis %}
                , max(case when kpi_id = '{{ kpi_id }}' then value end) as {{ kpi_id }}
            {%- endfor %}
        from kpi_values
        group by plant_id, scope_type, scope_id, period_type, period_start_date
    ),

    deliveries_by_period as ({{ by_period("deliveries", "delivered_date") }}),

    -- Files come for a plant as a whole.
    deliveries_summed as (
        select
            plant_id,
            'plant' as scope_type,
            plant_id as scope_id,
            period_type,
            period_start_date,
            count(*) as delivery_qty,
            sum(delivered_rows) as delivered_row_qty,
            sum(quarantined_rows) as quarantined_row_qty,
            max(lateness_s) as latest_s
        from deliveries_by_period
        group by plant_id, period_type, period_start_date
    ),

    cells as (
        select plant_id, scope_type, scope_id, period_type, period_start_date
        from known_shares
        union
        select plant_id, scope_type, scope_id, period_type, period_start_date
        from deliveries_summed
    )

select
    {{
        surrogate_key(
            [
                "cells.plant_id",
                "cells.scope_type",
                "cells.scope_id",
                "cells.period_type",
                "cells.period_start_date",
            ]
        )
    }} as coverage_key,
    cells.plant_id,
    cells.scope_type,
    cells.scope_id,
    cells.period_type,
    cells.period_start_date,
    {%- for kpi_id in kpis %} known_shares.{{ kpi_id }}, {%- endfor %}
    cast(deliveries.delivery_qty as bigint) as delivery_qty,
    cast(deliveries.delivered_row_qty as bigint) as delivered_row_qty,
    cast(deliveries.quarantined_row_qty as bigint) as quarantined_row_qty,
    {{ ratio("deliveries.quarantined_row_qty", "deliveries.delivered_row_qty") }}
    as quarantined_row_ratio,
    {{ ratio("deliveries.latest_s", "3600") }} as delivery_lateness_max_h
from cells
left join
    known_shares
    on known_shares.plant_id = cells.plant_id
    and known_shares.scope_type = cells.scope_type
    and known_shares.scope_id = cells.scope_id
    and known_shares.period_type = cells.period_type
    and known_shares.period_start_date = cells.period_start_date
left join
    deliveries_summed as deliveries
    on deliveries.plant_id = cells.plant_id
    and deliveries.scope_type = cells.scope_type
    and deliveries.scope_id = cells.scope_id
    and deliveries.period_type = cells.period_type
    and deliveries.period_start_date = cells.period_start_date
