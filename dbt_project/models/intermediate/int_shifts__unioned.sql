{{ config(materialized="view") }}

with
    shift_calendar as (select * from {{ ref("stg_shift_calendar") }}),
    plant_shifts as (select * from {{ ref("stg_plant_shifts") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine'),

    -- What a system delivered. Its ids are its own, so they carry the source's name.
    delivered as (
        select
            shift_calendar.plant_id,
            concat(shift_calendar.source, ':', shift_calendar.shift_id) as shift_id,
            shift_calendar.shift_code,
            coalesce(identifiers.business_id, shift_calendar.machine_id) as machine_id,
            case when shift_calendar.machine_id is null then shift_calendar.line_id end as line_id,
            shift_calendar.production_date,
            shift_calendar.start_at,
            shift_calendar.end_at,
            shift_calendar.planned_stop
        from shift_calendar
        left join
            identifiers
            on identifiers.plant_id = shift_calendar.plant_id
            and identifiers.source = shift_calendar.source
            and identifiers.source_id = shift_calendar.machine_id
    )

-- The narrower a row speaks, the sooner it is believed: 1 for one machine, 2 for a line, 3 for the
-- plant, 4 for the plant's configured pattern.
select
    plant_id,
    shift_id,
    shift_code,
    machine_id,
    line_id,
    production_date,
    start_at,
    end_at,
    planned_stop,
    case when machine_id is not null then 1 when line_id is not null then 2 else 3 end as level_no
from delivered
union all
select
    plant_id,
    shift_id,
    shift_code,
    cast(null as {{ dbt.type_string() }}) as machine_id,
    cast(null as {{ dbt.type_string() }}) as line_id,
    production_date,
    start_at,
    end_at,
    planned_stop,
    4 as level_no
from plant_shifts
