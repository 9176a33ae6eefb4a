with
    states as (select * from {{ ref("int_machine_states__resolved") }}),
    machines as (select * from {{ ref("int_machines__merged") }}),
    deliveries as (select * from {{ ref("stg_deliveries") }}),
    feed_deliveries as (select * from {{ ref("stg_feed_deliveries") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),
    calendars as (select * from {{ ref("int_calendars__known") }}),

    -- A machine exists for the warehouse from the first state anybody saw of it.
    first_states as (
        select plant_id, machine_id, min(start_at) as first_state_at
        from states
        where machine_id is not null
        group by plant_id, machine_id
    ),

    -- Until when the plant's shop floor is known: a machine that fell silent before is not
    -- observed.
    watermarks as (
        select deliveries.plant_id, max(deliveries.watermark_at) as watermark_at
        from deliveries
        inner join feed_deliveries on feed_deliveries.delivery_id = deliveries.delivery_id
        where feed_deliveries.feed = 'machine_states'
        group by deliveries.plant_id
    ),

    -- The production days around what was observed. A shift may count for the day before or after
    -- the one it starts on, so the neighbours are kept, marked as not observed themselves.
    days_around as (
        select
            first_states.plant_id,
            first_states.machine_id,
            plant_days.plant_date as production_date,
            plant_days.production_start_at,
            plant_days.production_end_at,
            watermarks.watermark_at,
            plant_days.production_end_at > first_states.first_state_at
            and plant_days.production_start_at < watermarks.watermark_at as is_observed
        from first_states
        inner join watermarks on watermarks.plant_id = first_states.plant_id
        inner join
            plant_days
            on plant_days.plant_id = first_states.plant_id
            and plant_days.production_end_at + interval 2 day > first_states.first_state_at
            and plant_days.production_start_at - interval 2 day < watermarks.watermark_at
    )

select
    days.plant_id,
    days.machine_id,
    machines.line_id,
    days.production_date,
    days.production_start_at,
    least(days.production_end_at, days.watermark_at) as production_end_at,
    -- The machine's windows begin with the production day of its first state ...
    min(case when days.is_observed then days.production_start_at end) over (
        partition by days.plant_id, days.machine_id
    ) as observed_from_at,
    -- ... and end at the watermark.
    days.watermark_at as observed_to_at,
    days.is_observed,
    coalesce(
        calendars.has_shift_pattern
        or days.production_date between calendars.first_date and calendars.last_date,
        false
    ) as is_calendar_known
from days_around as days
left join calendars on calendars.plant_id = days.plant_id
left join machines on machines.plant_id = days.plant_id and machines.machine_id = days.machine_id
