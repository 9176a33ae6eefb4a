with
    movements as (
        select *
        from {{ ref("int_stock_movements__resolved") }}
        -- Consignment and customer stock is not the plant's; a revaluation moves no quantity.
        where is_owned and movement_class <> 'revaluation'
    ),
    snapshots as (select * from {{ ref("stg_stock_snapshots") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'item'),
    deliveries as (select * from {{ ref("stg_deliveries") }}),
    feed_deliveries as (select * from {{ ref("stg_feed_deliveries") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),
    days as (select * from {{ ref("int_calendar_days") }}),
    costs as (select * from {{ ref("int_item_costs__valid") }}),

    -- Until when stock is known.
    watermarks as (
        select deliveries.plant_id, max(deliveries.watermark_at) as watermark_at
        from deliveries
        inner join feed_deliveries on feed_deliveries.delivery_id = deliveries.delivery_id
        where feed_deliveries.feed in ('stock_movements', 'stock_snapshots')
        group by deliveries.plant_id
    ),

    -- The last calendar day that is known to its end: a day that is still going on has no closing
    -- stock yet, and its movements wait for it.
    last_days as (
        select watermarks.plant_id, max(plant_days.plant_date) as last_date
        from watermarks
        inner join
            plant_days
            on plant_days.plant_id = watermarks.plant_id
            and plant_days.calendar_end_at <= watermarks.watermark_at
        group by watermarks.plant_id
    ),

    lists as (
        select
            snapshots.plant_id,
            snapshots.source,
            coalesce(identifiers.business_id, snapshots.item_id) as item_id,
            -- An empty text stands for stock without a location: it takes part in keys.
            coalesce(snapshots.location_id, '') as location_id,
            snapshots.snapshot_date,
            sum(snapshots.on_hand_qty) as on_hand_qty
        from snapshots
        left join
            identifiers
            on identifiers.plant_id = snapshots.plant_id
            and identifiers.source = snapshots.source
            and identifiers.source_id = snapshots.item_id
        group by 1, 2, 3, 4, 5
    ),

    -- Two systems that list the same place on the same day mean the same stock.
    ranked_lists as (
        select
            *,
            row_number() over (
                partition by plant_id, item_id, location_id, snapshot_date order by source
            ) as source_rank_no
        from lists
    ),

    listed_stock as (
        select plant_id, item_id, location_id, snapshot_date, on_hand_qty
        from ranked_lists
        where source_rank_no = 1
    ),

    moved as (
        select
            plant_id,
            item_id,
            coalesce(location_id, '') as location_id,
            posting_date as stock_date,
            sum(moved_qty) as moved_qty,
            sum(
                case when movement_class = 'receipt_purchase' then moved_qty else 0 end
            ) as receipt_purchase_qty,
            sum(
                case when movement_class = 'receipt_production' then moved_qty else 0 end
            ) as receipt_production_qty,
            sum(case when movement_class = 'issue' then moved_qty else 0 end) as issue_qty,
            sum(case when movement_class = 'sale' then moved_qty else 0 end) as sale_qty,
            sum(case when movement_class = 'scrap' then moved_qty else 0 end) as scrap_qty,
            sum(case when movement_class = 'transfer' then moved_qty else 0 end) as transfer_qty,
            sum(case when movement_class = 'count' then moved_qty else 0 end) as count_qty,
            sum(
                case when movement_class = 'return_vendor' then moved_qty else 0 end
            ) as return_vendor_qty,
            sum(
                case when movement_class = 'return_customer' then moved_qty else 0 end
            ) as return_customer_qty,
            sum(case when movement_class = 'other' then moved_qty else 0 end) as other_qty,
            count(*) as movement_qty
        from movements
        group by 1, 2, 3, 4
    ),

    -- Where an item lies: every place that a list or a movement names.
    first_seen as (
        select plant_id, item_id, location_id, min(seen_date) as first_date
        from
            (
                select plant_id, item_id, location_id, snapshot_date as seen_date
                from listed_stock
                union all
                select plant_id, item_id, location_id, stock_date as seen_date
                from moved
            ) as seen
        group by plant_id, item_id, location_id
    ),

    -- The first list of a plant's stock anchors the ledger. A place that this list does not name
    -- held nothing then; a plant without a list has an unknown stock, whatever moved.
    first_lists as (
        select plant_id, min(snapshot_date) as anchor_date from listed_stock group by plant_id
    ),

    places as (
        select
            first_seen.plant_id,
            first_seen.item_id,
            first_seen.location_id,
            least(
                first_seen.first_date, coalesce(first_lists.anchor_date, first_seen.first_date)
            ) as first_date,
            first_lists.anchor_date,
            case
                when first_lists.anchor_date is not null then coalesce(listed_stock.on_hand_qty, 0)
            end as anchor_qty
        from first_seen
        left join first_lists on first_lists.plant_id = first_seen.plant_id
        left join
            listed_stock
            on listed_stock.plant_id = first_seen.plant_id
            and listed_stock.item_id = first_seen.item_id
            and listed_stock.location_id = first_seen.location_id
            and listed_stock.snapshot_date = first_lists.anchor_date
    ),

    -- Dead items count too, so every place has every day.
    place_days as (
        select places.*, days.calendar_date as stock_date
        from places
        inner join last_days on last_days.plant_id = places.plant_id
        inner join days on days.calendar_date between places.first_date and last_days.last_date
    ),

    ledger as (
        select
            place_days.plant_id,
            place_days.item_id,
            place_days.location_id,
            place_days.stock_date,
            place_days.anchor_qty,
            coalesce(moved.moved_qty, 0) as moved_qty,
            coalesce(moved.receipt_purchase_qty, 0) as receipt_purchase_qty,
            coalesce(moved.receipt_production_qty, 0) as receipt_production_qty,
            coalesce(moved.issue_qty, 0) as issue_qty,
            coalesce(moved.sale_qty, 0) as sale_qty,
            coalesce(moved.scrap_qty, 0) as scrap_qty,
            coalesce(moved.transfer_qty, 0) as transfer_qty,
            coalesce(moved.count_qty, 0) as count_qty,
            coalesce(moved.return_vendor_qty, 0) as return_vendor_qty,
            coalesce(moved.return_customer_qty, 0) as return_customer_qty,
            coalesce(moved.other_qty, 0) as other_qty,
            coalesce(moved.movement_qty, 0) as movement_qty,
            listed_stock.on_hand_qty as listed_qty,
            -- Moved since the first day, this day included ...
            sum(coalesce(moved.moved_qty, 0)) over (
                partition by place_days.plant_id, place_days.item_id, place_days.location_id
                order by place_days.stock_date
                rows between unbounded preceding and current row
            ) as moved_so_far_qty,
            -- ... and before the day of the list, which the list already holds.
            sum(
                case
                    when place_days.stock_date < place_days.anchor_date
                    then coalesce(moved.moved_qty, 0)
                    else 0
                end
            ) over (partition by place_days.plant_id, place_days.item_id, place_days.location_id)
            as moved_before_anchor_qty
        from place_days
        left join
            moved
            on moved.plant_id = place_days.plant_id
            and moved.item_id = place_days.item_id
            and moved.location_id = place_days.location_id
            and moved.stock_date = place_days.stock_date
        left join
            listed_stock
            on listed_stock.plant_id = place_days.plant_id
            and listed_stock.item_id = place_days.item_id
            and listed_stock.location_id = place_days.location_id
            and listed_stock.snapshot_date = place_days.stock_date
    )

select
    ledger.*,
    ledger.anchor_qty
    - ledger.moved_before_anchor_qty
    + ledger.moved_so_far_qty
    - ledger.moved_qty as opening_qty,
    ledger.anchor_qty - ledger.moved_before_anchor_qty + ledger.moved_so_far_qty as closing_qty,
    costs.unit_cost_amount
from ledger
left join
    costs
    on costs.plant_id = ledger.plant_id
    and costs.item_id = ledger.item_id
    and {{ valid_at("costs", "ledger.stock_date") }}
