{#- Quantity on hand by age in days: name, youngest, oldest. -#}
{%- set ages = [
    ("age_0_30_qty", 0, 30),
    ("age_31_90_qty", 31, 90),
    ("age_91_180_qty", 91, 180),
    ("age_181_365_qty", 181, 365),
] %}
with
    inventory as (select * from {{ ref("fct_inventory_daily") }}),
    movements as (select * from {{ ref("fct_stock_movement") }}),
    items as (select * from {{ ref("dim_item") }}),

    newest as (
        select plant_id, min(stock_date) as first_date, max(stock_date) as as_of_date
        from inventory
        group by plant_id
    ),

    -- Quantities of an item that moves in several units make no sum.
    units as (
        select movements.item_key, count(distinct movements.uom) as uom_qty
        from movements
        where movements.is_owned and movements.movement_class <> 'revaluation'
        group by movements.item_key
    ),

    -- All places of an item together, over the year that ends on the newest day. Finished goods
    -- leave by sale, material and semi-finished goods by issue to production.
    item_days as (
        select
            inventory.plant_id,
            inventory.item_key,
            inventory.item_id,
            inventory.stock_date,
            newest.first_date,
            newest.as_of_date,
            items.item_type,
            items.base_uom,
            case
                when coalesce(units.uom_qty, 1) = 1 then sum(inventory.closing_qty)
            end as closing_qty,
            sum(inventory.closing_value_amount) as closing_value_amount,
            - sum({{ usage("qty") }}) as usage_qty,
            sum({{ usage("cost_amount") }}) as usage_cost_amount,
            min(case when inventory.is_cost_known then 1 else 0 end) as is_costed,
            max(case when coalesce(units.uom_qty, 1) = 1 then 1 else 0 end) as is_one_uom,
            max(case when inventory.closing_qty < 0 then 1 else 0 end) as is_negative
        from inventory
        inner join newest on newest.plant_id = inventory.plant_id
        inner join items on items.item_key = inventory.item_key
        left join units on units.item_key = inventory.item_key
        where inventory.stock_date > {{ add_days("newest.as_of_date", -365) }}
        group by
            inventory.plant_id,
            inventory.item_key,
            inventory.item_id,
            inventory.stock_date,
            newest.first_date,
            newest.as_of_date,
            items.item_type,
            items.base_uom,
            units.uom_qty
    ),

    item_years as (
        select
            plant_id,
            item_key,
            item_id,
            item_type,
            base_uom,
            first_date,
            as_of_date,
            max(is_one_uom) as is_one_uom,
            count(*) as day_qty,
            sum(is_negative) as negative_day_qty,
            sum(case when is_one_uom = 1 then usage_qty end) as usage_qty,
            -- Unknown as soon as something was used on a day without a cost.
            case
                when
                    max(is_one_uom) = 1
                    and sum(case when usage_qty <> 0 and is_costed = 0 then 1 else 0 end) = 0
                then coalesce(sum(usage_cost_amount), 0)
            end as usage_cost_amount,
            max(case when usage_qty > 0 then stock_date end) as last_used_date,
            sum(case when stock_date = as_of_date then closing_qty end) as on_hand_qty,
            sum(case when stock_date = as_of_date then closing_value_amount end) as on_hand_amount
        from item_days
        group by plant_id, item_key, item_id, item_type, base_uom, first_date, as_of_date
    ),

    -- ABC: the items that the first 80 % of the plant's usage falls on, the next 15 %, the rest.
    -- An item belongs to the class in which it begins.
    ranked as (
        select
            item_key,
            usage_cost_amount,
            row_number() over (
                partition by plant_id order by usage_cost_amount desc, item_id
            ) as usage_rank_no,
            sum(usage_cost_amount) over (
                partition by plant_id
                order by usage_cost_amount desc, item_id
                rows between unbounded preceding and current row
            )
            - usage_cost_amount as usage_before_amount,
            sum(usage_cost_amount) over (partition by plant_id) as plant_usage_amount
        from item_years
        where usage_cost_amount >= 0
    ),

    -- XYZ: how regular the demand of whole weeks is, weeks without any included.
    weeks as (
        select
            item_key,
            {{ period_start("week", "stock_date") }} as week_start_date,
            cast(sum(usage_qty) as double) as usage_qty
        from item_days
        where is_one_uom = 1
        group by item_key, {{ period_start("week", "stock_date") }}
        having count(*) = 7
    ),

    demand as (
        select
            item_key,
            count(*) as week_qty,
            {{ ratio("sum(usage_qty)", "count(*)") }} as weekly_demand_qty,
            stddev_samp(usage_qty) as weekly_deviation_qty
        from weeks
        group by item_key
    ),

    -- First in, first out: what lies there came with the latest receipts. Receipts younger than a
    -- day's take their share first.
    received as (
        select
            inventory.item_key,
            inventory.stock_date,
            newest.as_of_date,
            sum(inventory.receipt_purchase_qty + inventory.receipt_production_qty) as receipt_qty
        from inventory
        inner join newest on newest.plant_id = inventory.plant_id
        where inventory.stock_date >= {{ add_days("newest.as_of_date", -365) }}
        group by inventory.item_key, inventory.stock_date, newest.as_of_date
    ),

    receipts as (
        select
            *,
            sum(receipt_qty) over (
                partition by item_key
                order by stock_date desc
                rows between unbounded preceding and current row
            )
            - receipt_qty as younger_qty
        from received
        where receipt_qty > 0
    ),

    layers as (
        select
            receipts.item_key,
            receipts.stock_date,
            receipts.as_of_date,
            least(receipts.receipt_qty, item_years.on_hand_qty - receipts.younger_qty) as layer_qty
        from receipts
        inner join item_years on item_years.item_key = receipts.item_key
        where item_years.on_hand_qty > receipts.younger_qty
    ),

    aged as (
        select
            item_key,
            {%- for name, youngest, oldest in ages %}
                sum(
                    case
                        when
                            stock_date <= {{ add_days("as_of_date", -youngest) }}
                            and stock_date >= {{ add_days("as_of_date", -oldest) }}
                        then layer_qty
                        else 0
                    end
                ) as {{ name }},
            {%- endfor %}
            sum(layer_qty) as layered_qty
        from layers
        group by item_key
    )

select
    {{ surrogate_key(["item_years.item_key"]) }} as inventory_classes_key,
    item_years.plant_id,
    item_years.item_key,
    item_years.item_id,
    item_years.item_type,
    item_years.base_uom,
    item_years.as_of_date,
    cast(item_years.day_qty as bigint) as day_qty,
    cast(item_years.on_hand_qty as decimal(18, 6)) as on_hand_qty,
    cast(item_years.on_hand_amount as decimal(38, 12)) as on_hand_amount,
    cast(item_years.usage_qty as decimal(18, 6)) as usage_qty,
    cast(item_years.usage_cost_amount as decimal(38, 12)) as usage_cost_amount,
    cast(ranked.usage_rank_no as bigint) as usage_rank_no,
    case
        when ranked.plant_usage_amount <= 0 or ranked.item_key is null
        then null
        when ranked.usage_cost_amount = 0
        then 'C'
        when ranked.usage_before_amount < ranked.plant_usage_amount * 0.80
        then 'A'
        when ranked.usage_before_amount < ranked.plant_usage_amount * 0.95
        then 'B'
        else 'C'
    end as abc_class,
    cast(coalesce(demand.week_qty, 0) as bigint) as week_qty,
    demand.weekly_demand_qty,
    demand.weekly_deviation_qty,
    -- A few weeks say nothing of regularity, and what nobody asks for has none.
    case
        when demand.week_qty < 4 or demand.weekly_demand_qty <= 0
        then null
        when demand.weekly_deviation_qty <= demand.weekly_demand_qty * 0.5
        then 'X'
        when demand.weekly_deviation_qty <= demand.weekly_demand_qty
        then 'Y'
        when demand.weekly_deviation_qty > demand.weekly_demand_qty
        then 'Z'
    end as xyz_class,
    item_years.last_used_date,
    cast(
        {{ dbt.datediff("item_years.last_used_date", "item_years.as_of_date", "day") }} as bigint
    ) as since_last_use_day_qty,
    -- Not used for 90 days although it lies there; unknown of stock watched for less than that.
    case
        when item_years.on_hand_qty is null
        then null
        when item_years.on_hand_qty <= 0
        then false
        when item_years.last_used_date >= {{ add_days("item_years.as_of_date", -90) }}
        then false
        when
            item_years.last_used_date is not null
            or item_years.first_date <= {{ add_days("item_years.as_of_date", -90) }}
        then true
    end as is_slow_mover,
    {%- for name, youngest, oldest in ages %}
        cast(
            case
                when item_years.on_hand_qty is not null then coalesce(aged.{{ name }}, 0)
            end as decimal(18, 6)
        ) as {{ name }},
    {%- endfor %}
    -- What no receipt of the year explains is older than a year, or as old as nobody says.
    cast(
        case
            when item_years.on_hand_qty is null
            then null
            when item_years.first_date <= {{ add_days("item_years.as_of_date", -365) }}
            then greatest(item_years.on_hand_qty, 0) - coalesce(aged.layered_qty, 0)
            else 0
        end as decimal(18, 6)
    ) as age_over_365_qty,
    cast(
        case
            when item_years.on_hand_qty is null
            then null
            when item_years.first_date <= {{ add_days("item_years.as_of_date", -365) }}
            then 0
            else greatest(item_years.on_hand_qty, 0) - coalesce(aged.layered_qty, 0)
        end as decimal(18, 6)
    ) as age_unknown_qty,
    cast(item_years.negative_day_qty as bigint) as negative_day_qty
from item_years
left join ranked on ranked.item_key = item_years.item_key
left join demand on demand.item_key = item_years.item_key
left join aged on aged.item_key = item_years.item_key
