with
    production as (select * from {{ ref("fct_production") }} where item_id is not null),
    movements as (
        select * from {{ ref("fct_stock_movement") }} where is_owned and posting_date is not null
    ),
    items as (select * from {{ ref("dim_item") }}),

    -- Only where both systems deliver is there anything to compare, and only of what is made: the
    -- MES never sees what happens to material in the store.
    plants as (
        select plant_id
        from production
        where scrap_qty is not null
        intersect
        select plant_id
        from movements
    ),

    made as (select distinct plant_id, item_id from production),

    counted as (
        select
            plant_id,
            item_id,
            {{ period_start("month", "production_date") }} as month_start_date,
            sum(scrap_qty) as scrap_qty
        from production
        where scrap_qty is not null
        group by plant_id, item_id, {{ period_start("month", "production_date") }}
    ),

    booked as (
        select
            plant_id,
            item_id,
            {{ period_start("month", "posting_date") }} as month_start_date,
            - sum(moved_qty) as scrap_qty,
            sum(case when is_reversal then moved_qty else 0 end) as reversed_qty,
            min(uom) as first_uom,
            max(uom) as last_uom
        from movements
        where movement_class = 'scrap'
        group by plant_id, item_id, {{ period_start("month", "posting_date") }}
    ),

    keys as (
        select plant_id, item_id, month_start_date
        from counted
        union
        select booked.plant_id, booked.item_id, booked.month_start_date
        from booked
        inner join made on made.plant_id = booked.plant_id and made.item_id = booked.item_id
    ),

    compared as (
        select
            keys.plant_id,
            keys.item_id,
            keys.month_start_date,
            items.base_uom,
            coalesce(booked.first_uom = booked.last_uom, true)
            and coalesce(booked.first_uom = items.base_uom, true) as is_one_uom,
            coalesce(counted.scrap_qty, 0) as mes_scrap_qty,
            coalesce(booked.scrap_qty, 0) as erp_scrap_qty,
            coalesce(booked.reversed_qty, 0) as erp_reversed_qty
        from keys
        inner join plants on plants.plant_id = keys.plant_id
        left join
            counted
            on counted.plant_id = keys.plant_id
            and counted.item_id = keys.item_id
            and counted.month_start_date = keys.month_start_date
        left join
            booked
            on booked.plant_id = keys.plant_id
            and booked.item_id = keys.item_id
            and booked.month_start_date = keys.month_start_date
        left join items on items.plant_id = keys.plant_id and items.item_id = keys.item_id
    ),

    differences as (
        select *, case when is_one_uom then mes_scrap_qty - erp_scrap_qty end as difference_qty
        from compared
    ),

    -- What one month lacks another may hold: the difference of all months so far.
    running as (
        select
            *,
            case
                when
                    min(case when is_one_uom then 1 else 0 end) over (
                        partition by plant_id, item_id
                        order by month_start_date
                        rows between unbounded preceding and current row
                    )
                    = 1
                then
                    sum(difference_qty) over (
                        partition by plant_id, item_id
                        order by month_start_date
                        rows between unbounded preceding and current row
                    )
            end as difference_so_far_qty
        from differences
    )

select
    {{ surrogate_key(["plant_id", "item_id", "month_start_date"]) }} as reconciliation_scrap_key,
    plant_id,
    item_id,
    base_uom,
    month_start_date,
    cast(mes_scrap_qty as decimal(18, 6)) as mes_scrap_qty,
    cast(erp_scrap_qty as decimal(18, 6)) as erp_scrap_qty,
    cast(erp_reversed_qty as decimal(18, 6)) as erp_reversed_qty,
    cast(difference_qty as decimal(18, 6)) as difference_qty,
    cast(difference_so_far_qty as decimal(18, 6)) as difference_so_far_qty,
    case
        when difference_qty = 0
        then 'agrees'
        when not is_one_uom
        then 'different units of measure'
        when difference_so_far_qty = 0
        then 'booked in another month'
        when erp_reversed_qty <> 0 and difference_qty = erp_reversed_qty
        then 'booking reversed and not entered again'
        when erp_scrap_qty = 0
        then 'only in the MES'
        when mes_scrap_qty = 0
        then 'only in the ERP'
        else 'not explained'
    end as explanation
from running
