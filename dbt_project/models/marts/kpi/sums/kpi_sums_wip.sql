with
    days as (select * from {{ ref("int_wip_days__over") }}),
    counted as (select * from {{ ref("int_wip__counted") }}),

    -- One row of the day's time, which is there once however many items are made in it, and one of
    -- each item's orders.
    rows_of_days as (
        select
            'day' as row_kind,
            plant_id,
            cast(null as {{ dbt.type_string() }}) as item_id,
            wip_date,
            day_s,
            cast(0 as decimal(18, 6)) as open_order_s,
            0 as completed_order_qty,
            0 as unreleased_order_qty,
            cast(0 as decimal(18, 6)) as lead_time_s
        from days
        union all
        select
            'item' as row_kind,
            plant_id,
            item_id,
            wip_date,
            cast(null as decimal(18, 6)) as day_s,
            open_order_s,
            completed_order_qty,
            unreleased_order_qty,
            lead_time_s
        from counted
    )

select
    {{ surrogate_key(["plant_id", "row_kind", "item_id", "wip_date"]) }} as kpi_sums_wip_key,
    plant_id,
    row_kind,
    item_id,
    wip_date,
    day_s,
    open_order_s,
    cast(completed_order_qty as bigint) as completed_order_qty,
    cast(unreleased_order_qty as bigint) as unreleased_order_qty,
    lead_time_s
from rows_of_days
