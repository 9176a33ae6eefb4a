{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_date_changes") }} where is_changed),
    scrap as ({{ changed_rows(ref("fct_scrap"), date_keys()) }}),
    machines as (select * from {{ ref("dim_machine") }}),
    items as (select * from {{ ref("dim_item") }}),
    reasons as (select * from {{ ref("dim_reason") }}),

    -- Rejections without a reason stay in sight: they are a row of their own.
    labelled as (
        select
            scrap.plant_id,
            scrap.machine_key,
            machines.machine_id,
            machines.line_id,
            scrap.item_key,
            items.item_id,
            items.base_uom,
            scrap.production_date,
            scrap.reason_key,
            case
                when reasons.has_master_data
                then reasons.reason_name
                when reasons.reason_id is not null
                then concat('unknown reason ', reasons.reason_id)
                else 'not labelled'
            end as reason_name,
            reasons.reason_group,
            scrap.piece_no,
            scrap.scrap_qty,
            scrap.rework_qty,
            scrap.scrap_cost_amount,
            case
                when scrap.detected_at > scrap.produced_at
                then {{ seconds_between("scrap.produced_at", "scrap.detected_at") }}
            end as late_s
        from scrap
        left join machines on machines.machine_key = scrap.machine_key
        left join items on items.item_key = scrap.item_key
        left join reasons on reasons.reason_key = scrap.reason_key
    )

select
    {{ surrogate_key(["plant_id", "machine_key", "item_key", "reason_key", "production_date"]) }}
    as scrap_pareto_key,
    plant_id,
    machine_key,
    machine_id,
    line_id,
    item_key,
    item_id,
    base_uom,
    reason_key,
    reason_name,
    reason_group,
    production_date,
    cast(sum(case when piece_no = 1 then 1 else 0 end) as bigint) as rejection_qty,
    cast(sum(scrap_qty) as decimal(18, 6)) as scrap_qty,
    cast(sum(rework_qty) as decimal(18, 6)) as rework_qty,
    -- Unknown as soon as one scrapped unit has no cost.
    cast(
        case
            when sum(case when scrap_qty <> 0 and scrap_cost_amount is null then 1 else 0 end) = 0
            then coalesce(sum(scrap_cost_amount), 0)
        end as decimal(38, 12)
    ) as scrap_cost_amount,
    cast(max(late_s) as decimal(18, 6)) as longest_until_detected_s
from labelled
group by
    plant_id,
    machine_key,
    machine_id,
    line_id,
    item_key,
    item_id,
    base_uom,
    reason_key,
    reason_name,
    reason_group,
    production_date
