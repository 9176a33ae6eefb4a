with
    sales_lines as (select * from {{ ref("stg_sales_order_lines") }}),
    purchase_lines as (select * from {{ ref("stg_purchase_order_lines") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'item'),
    feeds as (select * from {{ ref("int_feeds__known_until") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),

    -- A line to a customer and a line from a supplier are judged alike.
    lines as (
        select
            'sales' as line_kind,
            'sales_order_lines' as feed,
            plant_id,
            source,
            sales_order_line_id as order_line_id,
            sales_order_id as order_id,
            customer_id as partner_id,
            item_id,
            uom,
            ordered_qty,
            ordered_at,
            requested_date,
            first_promised_date,
            promised_date,
            delivered_qty as done_qty,
            delivered_at as done_at,
            is_undamaged,
            is_documented,
            is_cancelled,
            delivery_id,
            line_no
        from sales_lines
        union all
        select
            'purchase' as line_kind,
            'purchase_order_lines' as feed,
            plant_id,
            source,
            purchase_order_line_id as order_line_id,
            purchase_order_id as order_id,
            supplier_id as partner_id,
            item_id,
            uom,
            ordered_qty,
            ordered_at,
            cast(null as date) as requested_date,
            first_promised_date,
            promised_date,
            received_qty as done_qty,
            received_at as done_at,
            cast(null as boolean) as is_undamaged,
            cast(null as boolean) as is_documented,
            is_cancelled,
            delivery_id,
            line_no
        from purchase_lines
    ),

    dated as (
        select
            lines.*,
            coalesce(identifiers.business_id, lines.item_id) as business_item_id,
            ordered_days.plant_date as ordered_date,
            done_days.plant_date as done_date,
            -- A line that nobody promised is due all the same, and lowers what is known.
            coalesce(
                lines.first_promised_date,
                lines.promised_date,
                lines.requested_date,
                ordered_days.plant_date
            ) as due_date,
            feeds.known_until_at
        from lines
        left join
            identifiers
            on identifiers.plant_id = lines.plant_id
            and identifiers.source = lines.source
            and identifiers.source_id = lines.item_id
        left join
            feeds
            on feeds.plant_id = lines.plant_id
            and feeds.source = lines.source
            and feeds.feed = lines.feed
        left join
            plant_days as ordered_days
            on ordered_days.plant_id = lines.plant_id
            and ordered_days.calendar_start_at <= lines.ordered_at
            and ordered_days.calendar_end_at > lines.ordered_at
        left join
            plant_days as done_days
            on done_days.plant_id = lines.plant_id
            and done_days.calendar_start_at <= lines.done_at
            and done_days.calendar_end_at > lines.done_at
    ),

    -- A line is due when its day is over. The plant's calendar ends with its events; where it
    -- does not reach the day, that is over when it is over everywhere.
    due as (
        select
            dated.*,
            not dated.is_cancelled
            and dated.ordered_qty > 0
            and coalesce(
                due_days.calendar_end_at,
                cast({{ add_days("dated.due_date", 2) }} as {{ dbt.type_timestamp() }})
            )
            <= dated.known_until_at as is_due
        from dated
        left join
            plant_days as due_days
            on due_days.plant_id = dated.plant_id
            and due_days.plant_date = dated.due_date
    ),

    -- Nothing delivered is neither in time nor in full; what is not said stays unknown.
    judged as (
        select
            *,
            case
                when not is_due or first_promised_date is null
                then cast(null as boolean)
                when coalesce(done_qty, case when done_at is null then 0 end) = 0
                then false
                else done_date <= first_promised_date
            end as is_on_time,
            case
                when not is_due
                then cast(null as boolean)
                when done_at is null and done_qty is null
                then false
                else done_qty >= ordered_qty
            end as is_in_full,
            case
                when is_cancelled or ordered_qty = 0
                then cast(null as boolean)
                when done_at is null
                then false
                else done_qty >= ordered_qty
            end as is_fulfilled
        from due
    )

select
    line_kind,
    plant_id,
    source,
    order_line_id,
    order_id,
    partner_id,
    business_item_id as item_id,
    uom,
    ordered_qty,
    done_qty,
    ordered_at,
    done_at,
    ordered_date,
    requested_date,
    first_promised_date,
    promised_date,
    due_date,
    done_date,
    is_cancelled,
    is_due,
    is_on_time,
    is_in_full,
    is_on_time and is_in_full as is_on_time_in_full,
    is_undamaged,
    is_documented,
    is_on_time and is_in_full and is_undamaged and is_documented as is_perfect,
    is_fulfilled,
    -- A line that was delivered before it was ordered tells no time.
    case
        when is_fulfilled and done_at >= ordered_at
        then {{ seconds_between("ordered_at", "done_at") }}
    end as cycle_s,
    delivery_id,
    line_no
from judged
