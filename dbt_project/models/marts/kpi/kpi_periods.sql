with
    figures as (
        select * from {{ ref("kpi_figures") }} where period_type in ('day', 'week', 'month')
    ),
    known_until as (select * from {{ ref("int_feeds__known_until") }}),
    shifts as (select * from {{ ref("dim_shift") }}),

    plants as (
        select plant_id, max(known_until_at) as known_until_at from known_until group by plant_id
    ),

    day_starts as (
        select plant_id, production_date, start_at from shifts where shift_kind = 'outside_shifts'
    ),

    periods as (select distinct plant_id, period_type, period_start_date from figures),

    nexts as (
        select
            *,
            case
                when period_type = 'day'
                then {{ add_days("period_start_date", 1) }}
                when period_type = 'week'
                then {{ next_period_start("week", "period_start_date") }}
                else {{ next_period_start("month", "period_start_date") }}
            end as next_period_start_date
        from periods
    ),

    -- Beyond the days that events happened on there is no production day: midnight will do.
    bounds as (
        select
            nexts.*,
            coalesce(
                firsts.start_at, cast(nexts.period_start_date as {{ dbt.type_timestamp() }})
            ) as start_at,
            coalesce(
                afters.start_at, cast(nexts.next_period_start_date as {{ dbt.type_timestamp() }})
            ) as end_at
        from nexts
        left join
            day_starts as firsts
            on firsts.plant_id = nexts.plant_id
            and firsts.production_date = nexts.period_start_date
        left join
            day_starts as afters
            on afters.plant_id = nexts.plant_id
            and afters.production_date = nexts.next_period_start_date
    )

select
    {{ surrogate_key(["bounds.plant_id", "bounds.period_type", "bounds.period_start_date"]) }}
    as kpi_periods_key,
    bounds.plant_id,
    bounds.period_type,
    bounds.period_start_date,
    bounds.start_at,
    bounds.end_at,
    coalesce(bounds.end_at <= plants.known_until_at, false) as is_over
from bounds
left join plants on plants.plant_id = bounds.plant_id
