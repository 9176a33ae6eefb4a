{{ config(materialized="view") }}

with
    plants as (select * from {{ ref("stg_plants") }}),
    shift_calendar as (select * from {{ ref("stg_shift_calendar") }})

select
    plants.plant_id,
    plants.has_shift_pattern,
    min(shift_calendar.production_date) as first_date,
    max(shift_calendar.production_date) as last_date
from plants
left join shift_calendar on shift_calendar.plant_id = plants.plant_id
group by plants.plant_id, plants.has_shift_pattern
