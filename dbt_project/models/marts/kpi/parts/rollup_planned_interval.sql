with
    demand as (select * from {{ ref("int_demand__daily") }}),
    rates as (select * from {{ ref("int_standard_rates__resolved") }}),
    -- One row per production day, from its start.
    production_days as (select * from {{ ref("dim_shift") }} where shift_kind = 'outside_shifts'),

    demanded as (select * from demand where item_id is not null),

    -- The standard of each machine that makes the item, as valid when the day begins.
    rated as (
        select
            demanded.plant_id,
            demanded.demand_date,
            demanded.item_id,
            demanded.uom,
            demanded.demanded_qty,
            rates.machine_id,
            rates.ideal_cycle_s,
            rates.planned_setup_s,
            row_number() over (
                partition by
                    demanded.plant_id,
                    demanded.demand_date,
                    demanded.item_id,
                    demanded.uom,
                    rates.machine_id
                order by rates.valid_from desc, rates.source
            ) as validity_no
        from demanded
        inner join
            production_days
            on production_days.plant_id = demanded.plant_id
            and production_days.production_date = demanded.demand_date
        inner join
            rates
            on rates.plant_id = demanded.plant_id
            and rates.item_id = demanded.item_id
            and rates.machine_id is not null
            and {{ valid_at("rates", "production_days.start_at") }}
    ),

    needs as (
        select
            plant_id,
            machine_id,
            item_id,
            uom,
            demand_date,
            demanded_qty * ideal_cycle_s as run_s,
            planned_setup_s
        from rated
        where validity_no = 1
    ),

    needs_by_period as ({{ by_period("needs", "demand_date", ["week", "month"]) }}),

    -- Every item is set up once in an interval, by its latest standard of the period.
    numbered_needs as (
        select
            *,
            row_number() over (
                partition by plant_id, machine_id, item_id, period_type, period_start_date
                order by demand_date desc, uom
            ) as recency_no
        from needs_by_period
    ),

    machines as (
        select
            plant_id,
            machine_id,
            period_type,
            period_start_date,
            sum(run_s) as run_s,
            sum(case when recency_no = 1 then planned_setup_s else 0 end) as setup_s,
            sum(case when recency_no = 1 then 1 else 0 end) as item_qty,
            sum(
                case when recency_no = 1 and planned_setup_s is not null then 1 else 0 end
            ) as setup_item_qty
        from numbered_needs
        group by plant_id, machine_id, period_type, period_start_date
    ),

    -- What no machine has a standard for may be made on any.
    assigned as (
        select
            demanded.plant_id,
            demanded.demand_date,
            demanded.item_id,
            max(case when needs.machine_id is not null then 1 else 0 end) as is_assigned
        from demanded
        left join
            needs
            on needs.plant_id = demanded.plant_id
            and needs.demand_date = demanded.demand_date
            and needs.item_id = demanded.item_id
        group by demanded.plant_id, demanded.demand_date, demanded.item_id
    ),

    assigned_by_period as ({{ by_period("assigned", "demand_date", ["week", "month"]) }}),

    items as (
        select plant_id, period_type, period_start_date, item_id, min(is_assigned) as is_assigned
        from assigned_by_period
        group by plant_id, period_type, period_start_date, item_id
    ),

    plants as (
        select
            plant_id,
            period_type,
            period_start_date,
            count(*) as demanded_item_qty,
            sum(is_assigned) as assigned_item_qty
        from items
        group by plant_id, period_type, period_start_date
    ),

    demand_by_period as ({{ by_period("demand", "demand_date", ["week", "month"]) }}),

    -- With a day that the shift calendar does not know, the whole period is unknown.
    working_times as (
        select
            plant_id,
            period_type,
            period_start_date,
            case when count(*) = count(working_s) then sum(working_s) end as working_s,
            sum(case when working_s > 0 then 1 else 0 end) as working_day_qty
        from demand_by_period
        where item_id is null
        group by plant_id, period_type, period_start_date
    )

select
    machines.*,
    plants.demanded_item_qty,
    plants.assigned_item_qty,
    working_times.working_s,
    working_times.working_day_qty
from machines
inner join
    plants
    on plants.plant_id = machines.plant_id
    and plants.period_type = machines.period_type
    and plants.period_start_date = machines.period_start_date
inner join
    working_times
    on working_times.plant_id = machines.plant_id
    and working_times.period_type = machines.period_type
    and working_times.period_start_date = machines.period_start_date
