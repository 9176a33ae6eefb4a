with
    -- Orders that were released and not cancelled; what was completed must have been released.
    orders as (
        select
            plant_id,
            item_id,
            coalesce(released_date, completed_date) as cohort_date,
            coalesce(lead_time_s, open_s) as observed_s,
            case when lead_time_s is not null then 1 else 0 end as done_qty
        from {{ ref("fct_order_lead_time") }}
        where
            not is_cancelled
            and (is_completed or open_s is not null)
            and coalesce(released_date, completed_date) is not null
    ),

    periods as ({{ by_period("orders", "cohort_date", ["week", "month"]) }}),

    scopes as ({{ by_scope("periods", ["plant", "item"]) }}),

    cohorts as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date,
            count(*) as order_qty,
            count(observed_s) as measured_order_qty,
            sum(done_qty) as done_order_qty
        from scopes
        group by plant_id, scope_type, scope_id, period_type, period_start_date
    ),

    times as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date,
            observed_s,
            count(*) as order_qty,
            sum(done_qty) as done_qty
        from scopes
        where observed_s is not null
        group by plant_id, scope_type, scope_id, period_type, period_start_date, observed_s
    ),

    -- Orders that had been under way for that long: an open one counts until it is last seen.
    at_risk as (
        select
            *,
            sum(order_qty) over (
                partition by plant_id, scope_type, scope_id, period_type, period_start_date
                order by observed_s desc
                rows between unbounded preceding and current row
            ) as at_risk_qty
        from times
    ),

    -- Kaplan and Meier: the share of orders still open after a time is the product of the shares
    -- that got past each completion. As a sum of logarithms it is off by 1e-15 per completion; when
    -- the last one is done nothing is left, and e to the minus 1000 is 0.
    surviving as (
        select
            *,
            exp(
                sum(
                    case
                        when done_qty = 0
                        then 0.0
                        when done_qty = at_risk_qty
                        then -1000.0
                        else ln({{ ratio("(at_risk_qty - done_qty)", "at_risk_qty") }})
                    end
                ) over (
                    partition by plant_id, scope_type, scope_id, period_type, period_start_date
                    order by observed_s
                    rows between unbounded preceding and current row
                )
            ) as open_share
        from at_risk
    ),

    steps as (
        select
            *,
            coalesce(
                lag(open_share) over (
                    partition by plant_id, scope_type, scope_id, period_type, period_start_date
                    order by observed_s
                ),
                1.0
            ) as previous_open_share,
            observed_s - coalesce(
                lag(observed_s) over (
                    partition by plant_id, scope_type, scope_id, period_type, period_start_date
                    order by observed_s
                ),
                0
            ) as step_s
        from surviving
    ),

    curves as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date,
            -- Half of the orders is half of them, whatever the logarithms left over.
            min(case when open_share <= 0.5 + 1e-9 then observed_s end) as median_s,
            sum(previous_open_share * cast(step_s as double)) as restricted_mean_s,
            max(observed_s) as horizon_s
        from steps
        group by plant_id, scope_type, scope_id, period_type, period_start_date
    )

select
    cohorts.plant_id,
    cohorts.scope_type,
    cohorts.scope_id,
    cohorts.period_type,
    cohorts.period_start_date,
    cohorts.order_qty,
    cohorts.measured_order_qty,
    cohorts.done_order_qty,
    curves.median_s,
    curves.restricted_mean_s,
    curves.horizon_s
from cohorts
left join
    curves
    on curves.plant_id = cohorts.plant_id
    and curves.scope_type = cohorts.scope_type
    and curves.scope_id = cohorts.scope_id
    and curves.period_type = cohorts.period_type
    and curves.period_start_date = cohorts.period_start_date
