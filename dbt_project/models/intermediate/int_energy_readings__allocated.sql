with
    readings as (select * from {{ ref("int_energy_readings__resolved") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),
    days as (select * from {{ ref("int_calendar_days") }}),

    -- Dates that a reading may count for: in any zone, and wherever the production day starts, an
    -- instant belongs to a production day at most two dates before its UTC date and one after.
    candidates as (
        select readings.*, days.calendar_date
        from readings
        inner join
            days
            on days.calendar_date
            between {{ add_days("cast(readings.start_at as date)", -2) }}
            and {{ add_days(last_date("readings.end_at"), 1) }}
    ),

    cut as (
        select
            candidates.*,
            plant_days.plant_date as production_date,
            greatest(candidates.start_at, plant_days.production_start_at) as piece_start_at,
            least(candidates.end_at, plant_days.production_end_at) as piece_end_at
        from candidates
        inner join
            plant_days
            on plant_days.plant_id = candidates.plant_id
            and plant_days.plant_date = candidates.calendar_date
            and plant_days.production_start_at < candidates.end_at
            and plant_days.production_end_at > candidates.start_at
    ),

    -- What the meter had counted by an instant, if it counted evenly. Pieces are differences of
    -- rounded counts, so that they add up to the reading exactly.
    counted as (
        select
            *,
            {{
                ratio(
                    "cast(energy_kwh as double) * "
                    + seconds_between("start_at", "piece_start_at"),
                    seconds_between("start_at", "end_at"),
                )
            }} as before_kwh,
            {{
                ratio(
                    "cast(energy_kwh as double) * " + seconds_between("start_at", "piece_end_at"),
                    seconds_between("start_at", "end_at"),
                )
            }} as until_kwh
        from cut
    )

select
    plant_id,
    source,
    reading_id,
    meter_id,
    energy_carrier,
    machine_id,
    line_id,
    production_date,
    {{ seconds_between("piece_start_at", "piece_end_at") }} as metered_s,
    cast(until_kwh as decimal(18, 6)) - cast(before_kwh as decimal(18, 6)) as energy_kwh,
    delivery_id,
    line_no
from counted
