with
    demand as (select * from {{ ref("int_demand__daily") }}),

    periods as ({{ by_period("demand", "demand_date") }}),

    -- With a day that the shift calendar does not know, the whole period is unknown.
    working_times as (
        select
            plant_id,
            period_type,
            period_start_date,
            case when count(*) = count(working_s) then sum(working_s) end as working_s
        from periods
        where item_id is null
        group by plant_id, period_type, period_start_date
    ),

    demanded as (select * from periods where item_id is not null),

    scopes as ({{ by_scope("demanded", ["plant", "item"]) }}),

    sums as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date,
            sum(demanded_qty) as demanded_qty,
            count(distinct uom) as uom_qty
        from scopes
        group by plant_id, scope_type, scope_id, period_type, period_start_date
    )

-- Whatever is made, the plant's time is there once.
select sums.*, working_times.working_s
from sums
inner join
    working_times
    on working_times.plant_id = sums.plant_id
    and working_times.period_type = sums.period_type
    and working_times.period_start_date = sums.period_start_date
