with
    items as (select * from {{ ref("stg_items") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }}),

    resolved as (
        select
            items.plant_id,
            coalesce(identifiers.business_id, items.item_id) as item_id,
            items.item_name,
            items.item_type,
            items.item_group,
            items.base_uom,
            items.defect_opportunities_qty,
            items.system,
            items.source
        from items
        left join
            identifiers
            on identifiers.plant_id = items.plant_id
            and identifiers.source = items.source
            and identifiers.id_kind = 'item'
            and identifiers.source_id = items.item_id
    ),

    -- Master data of the ERP is believed first.
    ranked as (
        select
            *,
            row_number() over (
                partition by plant_id, item_id
                order by case when system = 'erp' then 0 else 1 end, source, item_name
            ) as source_rank_no
        from resolved
    )

select plant_id, item_id, item_name, item_type, item_group, base_uom, defect_opportunities_qty
from ranked
where source_rank_no = 1
