with
    machines as (select * from {{ ref("stg_machines") }}),

    -- Several systems may describe a machine: the shop floor's own system is believed first.
    ranked as (
        select
            plant_id,
            machine_id,
            machine_name,
            line_id,
            area_id,
            row_number() over (
                partition by plant_id, machine_id
                order by case when system = 'mes' then 0 else 1 end, source
            ) as source_rank_no
        from machines
    )

select plant_id, machine_id, machine_name, line_id, area_id
from ranked
where source_rank_no = 1
