with
    rates as (select * from {{ ref("int_standard_rates__resolved") }}),
    deliveries as (select * from {{ ref("stg_deliveries") }}),

    -- Today is what the newest export knows of, so that the same files always give the same marts.
    todays as (select plant_id, max(watermark_at) as today_at from deliveries group by plant_id),

    ranked as (
        select
            rates.*,
            row_number() over (
                partition by rates.plant_id, rates.item_id, rates.machine_id
                order by rates.valid_from desc, rates.source, rates.ideal_cycle_s
            ) as choice_no
        from rates
        inner join todays on todays.plant_id = rates.plant_id
        where {{ valid_at("rates", "todays.today_at") }}
    )

select plant_id, item_id, machine_id, ideal_cycle_s as current_ideal_cycle_s
from ranked
where choice_no = 1
