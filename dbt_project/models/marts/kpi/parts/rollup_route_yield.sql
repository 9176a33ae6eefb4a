with
    production as (
        select * from {{ ref("fct_production") }} where pass_no = 1 and item_id is not null
    ),
    items as (select * from {{ ref("dim_item") }}),
    operations as (
        select * from {{ ref("int_order_operations__resolved") }} where sequence_no is not null
    ),

    periods as ({{ by_period("production", "production_date", ["week", "month"]) }}),

    -- The route of an item in a period: every operation of the orders that were worked on.
    worked_on as (
        select distinct plant_id, item_id, period_type, period_start_date, source, order_id
        from periods
    ),

    routes as (
        select distinct
            worked_on.plant_id,
            worked_on.item_id,
            worked_on.period_type,
            worked_on.period_start_date,
            operations.sequence_no
        from worked_on
        inner join
            operations
            on operations.plant_id = worked_on.plant_id
            and operations.source = worked_on.source
            and operations.order_id = worked_on.order_id
    ),

    yields as (
        select
            plant_id,
            item_id,
            period_type,
            period_start_date,
            sequence_no,
            sum(produced_qty) as produced_qty,
            {{ ratio("sum(good_qty)", "sum(produced_qty)") }} as first_pass_yield
        from periods
        where produced_qty is not null and good_qty is not null
        group by plant_id, item_id, period_type, period_start_date, sequence_no
    ),

    steps as (
        select
            routes.plant_id,
            routes.item_id,
            routes.period_type,
            routes.period_start_date,
            yields.first_pass_yield,
            yields.produced_qty,
            row_number() over (
                partition by
                    routes.plant_id, routes.item_id, routes.period_type, routes.period_start_date
                order by routes.sequence_no
            ) as step_no
        from routes
        left join
            yields
            on yields.plant_id = routes.plant_id
            and yields.item_id = routes.item_id
            and yields.period_type = routes.period_type
            and yields.period_start_date = routes.period_start_date
            and yields.sequence_no = routes.sequence_no
    )

-- The product over the steps, by its logarithm; a step without any good unit lets nothing through.
select
    steps.plant_id,
    steps.item_id,
    items.base_uom,
    steps.period_type,
    steps.period_start_date,
    count(*) as step_qty,
    count(steps.first_pass_yield) as known_step_qty,
    sum(case when steps.step_no = 1 then coalesce(steps.produced_qty, 0) else 0 end) as entered_qty,
    case
        when count(steps.first_pass_yield) < count(*)
        then null
        when min(steps.first_pass_yield) = 0
        then 0
        else exp(sum(case when steps.first_pass_yield > 0 then ln(steps.first_pass_yield) end))
    end as rolled_yield_ratio
from steps
left join items on items.plant_id = steps.plant_id and items.item_id = steps.item_id
group by steps.plant_id, steps.item_id, items.base_uom, steps.period_type, steps.period_start_date
