with
    figures as (
        select * from {{ ref("kpi_value_changes") }} where period_type in ('week', 'month')
    ),
    dates as (select * from {{ ref("rollup_date_changes") }}),

    periods_of_dates as ({{ by_period("dates", "production_date", ["week", "month"]) }}),

    flags as (
        select plant_id, period_type, period_start_date, is_changed
        from figures
        union all
        select plant_id, period_type, period_start_date, is_changed
        from periods_of_dates
    ),

    periods as (
        select
            plant_id,
            period_type,
            period_start_date,
            max(case when is_changed then 1 else 0 end) as changed_qty
        from flags
        where period_start_date is not null
        group by plant_id, period_type, period_start_date
    )

-- Any two weeks, any two months of a plant, up to a year and a week apart.
select
    periods.plant_id,
    periods.period_type,
    periods.period_start_date as before_start_date,
    later.period_start_date as after_start_date,
    periods.changed_qty + later.changed_qty > 0 as is_changed
from periods
inner join
    periods as later
    on later.plant_id = periods.plant_id
    and later.period_type = periods.period_type
    and later.period_start_date > periods.period_start_date
    and later.period_start_date <= {{ add_days("periods.period_start_date", 371) }}
