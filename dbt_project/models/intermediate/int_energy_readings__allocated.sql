with
    readings as (select * from {{ ref("int_energy_readings__resolved") }}),
    plant_days as (select * from {{ ref("stg_plant_days") }}),

    -- Dates that a reading may count for: in any zone, and wherever the production day starts, an
    -- instant belongs to a production day at most two dates before its UTC date and one after.
    candidates as (
        {{
            each_date(
                "readings",
                add_days("cast(start_at as date)", -2),
                add_days(last_date("end_at"), 1),
                "calendar_date",
                most=5,
            )
        }}
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

    -- The meter counts evenly, for all that is known.
    shares as (
        select
            *,
            {{
                ratio(
                    seconds_between("start_at", "piece_start_at"),
                    seconds_between("start_at", "end_at"),
                )
            }} as from_ratio,
            {{
                ratio(
                    seconds_between("start_at", "piece_end_at"),
                    seconds_between("start_at", "end_at"),
                )
            }} as to_ratio
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
    {{ piece_of("energy_kwh", "from_ratio", "to_ratio") }} as energy_kwh,
    delivery_id,
    line_no
from shares
