with
    days as (select * from {{ ref("int_wip_days__over") }}),
    counted as (select * from {{ ref("int_wip__counted") }}),

    days_by_period as ({{ by_period("days", "wip_date") }}),

    -- A day without a single open order is a day all the same.
    day_periods as (
        select plant_id, period_type, period_start_date, sum(day_s) as period_s
        from days_by_period
        group by plant_id, period_type, period_start_date
    ),

    periods as ({{ by_period("counted", "wip_date") }}),

    scopes as ({{ by_scope("periods", ["item", "plant"]) }}),

    sums as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date,
            sum(open_order_s) as open_order_s,
            sum(completed_order_qty) as completed_order_qty,
            sum(unreleased_order_qty) as unreleased_order_qty,
            sum(lead_time_s) as lead_time_s
        from scopes
        group by plant_id, scope_type, scope_id, period_type, period_start_date
    ),

    idle as (
        select
            day_periods.plant_id,
            'plant' as scope_type,
            day_periods.plant_id as scope_id,
            day_periods.period_type,
            day_periods.period_start_date,
            cast(0 as decimal(18, 6)) as open_order_s,
            0 as completed_order_qty,
            0 as unreleased_order_qty,
            cast(0 as decimal(18, 6)) as lead_time_s
        from day_periods
        left join
            sums
            on sums.plant_id = day_periods.plant_id
            and sums.scope_type = 'plant'
            and sums.period_type = day_periods.period_type
            and sums.period_start_date = day_periods.period_start_date
        where sums.plant_id is null
    ),

    all_sums as (
        select *
        from sums
        union all
        select *
        from idle
    )

select
    all_sums.plant_id,
    all_sums.scope_type,
    all_sums.scope_id,
    all_sums.period_type,
    all_sums.period_start_date,
    day_periods.period_s,
    all_sums.open_order_s,
    all_sums.completed_order_qty,
    all_sums.unreleased_order_qty,
    all_sums.lead_time_s
from all_sums
inner join
    day_periods
    on day_periods.plant_id = all_sums.plant_id
    and day_periods.period_type = all_sums.period_type
    and day_periods.period_start_date = all_sums.period_start_date
