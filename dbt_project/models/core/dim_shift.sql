with
    shifts as (select * from {{ ref("int_shifts__unioned") }} where planned_stop is null),
    plant_days as (select * from {{ ref("stg_plant_days") }}),

    shift_instances as (
        select
            plant_id,
            shift_id,
            shift_code,
            production_date,
            'shift' as shift_kind,
            line_id,
            machine_id,
            start_at,
            end_at
        from shifts
    ),

    -- Time outside every shift needs a place to be counted in: one per production day.
    outside_shifts as (
        select
            plant_id,
            {{ outside_shift_id("plant_date") }} as shift_id,
            cast(null as {{ dbt.type_string() }}) as shift_code,
            plant_date as production_date,
            'outside_shifts' as shift_kind,
            cast(null as {{ dbt.type_string() }}) as line_id,
            cast(null as {{ dbt.type_string() }}) as machine_id,
            production_start_at as start_at,
            production_end_at as end_at
        from plant_days
    ),

    unioned as (
        select *
        from shift_instances
        union all
        select *
        from outside_shifts
    )

select
    {{ surrogate_key(["plant_id", "shift_id"]) }} as shift_key,
    plant_id,
    shift_id,
    shift_code,
    production_date,
    shift_kind,
    line_id,
    machine_id,
    start_at,
    end_at,
    {{ seconds_between("start_at", "end_at") }} as shift_s
from unioned
