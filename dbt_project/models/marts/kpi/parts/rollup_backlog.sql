with
    orders as (
        select *, {{ add_days("finished_date", 27) }} as last_counted_date
        from {{ ref("fct_maintenance_order") }}
    ),
    systems as (select * from {{ ref("int_maintenance_systems__known") }}),
    dates as (select * from {{ ref("dim_date") }}),

    planning_plants as (
        select plant_id from orders where planned_labour_s is not null group by plant_id
    ),

    plant_dates as (
        select systems.plant_id, systems.first_reported_date, dates.calendar_date
        from systems
        inner join planning_plants on planning_plants.plant_id = systems.plant_id
        inner join
            dates on dates.calendar_date between systems.first_reported_date and systems.known_date
    ),

    periods as ({{ by_period("plant_dates", "calendar_date", ["week", "month"]) }}),

    -- The backlog is looked at on the last day of each week and month, or on the last day known.
    period_ends as (
        select
            plant_id,
            first_reported_date,
            period_type,
            period_start_date,
            max(calendar_date) as end_date
        from periods
        group by plant_id, first_reported_date, period_type, period_start_date
    ),

    open_orders as (
        select
            ends.plant_id,
            ends.period_type,
            ends.period_start_date,
            count(*) as open_qty,
            count(orders.planned_labour_s) as planned_open_qty,
            sum(orders.planned_labour_s) as open_labour_s
        from period_ends as ends
        inner join
            orders
            on orders.plant_id = ends.plant_id
            and orders.reported_date <= ends.end_date
            and (orders.finished_date is null or orders.finished_date > ends.end_date)
        group by ends.plant_id, ends.period_type, ends.period_start_date
    ),

    -- What the crew really worked in the four weeks up to then.
    worked_orders as (
        select
            ends.plant_id,
            ends.period_type,
            ends.period_start_date,
            count(*) as worked_qty,
            count(orders.labour_s) as measured_worked_qty,
            sum(orders.labour_s) as worked_labour_s
        from period_ends as ends
        inner join
            orders
            on orders.plant_id = ends.plant_id
            and orders.finished_date <= ends.end_date
            and orders.last_counted_date >= ends.end_date
        group by ends.plant_id, ends.period_type, ends.period_start_date
    )

select
    ends.plant_id,
    'plant' as scope_type,
    ends.plant_id as scope_id,
    ends.period_type,
    ends.period_start_date,
    {{
        seconds_between(
            "cast(ends.first_reported_date as timestamp)",
            "cast(" + add_days("ends.end_date", 1) + " as timestamp)",
        )
    }} as history_s,
    coalesce(open_orders.open_qty, 0) as open_qty,
    coalesce(open_orders.planned_open_qty, 0) as planned_open_qty,
    coalesce(open_orders.open_labour_s, 0) as open_labour_s,
    coalesce(worked_orders.worked_qty, 0) as worked_qty,
    coalesce(worked_orders.measured_worked_qty, 0) as measured_worked_qty,
    coalesce(worked_orders.worked_labour_s, 0) as worked_labour_s
from period_ends as ends
left join
    open_orders
    on open_orders.plant_id = ends.plant_id
    and open_orders.period_type = ends.period_type
    and open_orders.period_start_date = ends.period_start_date
left join
    worked_orders
    on worked_orders.plant_id = ends.plant_id
    and worked_orders.period_type = ends.period_type
    and worked_orders.period_start_date = ends.period_start_date
