{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('int_resource_date_changes'), date_keys()) }}",
    )
}}

-- Sums over people: who worked when is nobody's business here.
with
    changed as (select * from {{ ref("int_resource_date_changes") }} where is_changed),
    labour as ({{ changed_rows(ref("int_labour_time__shared"), date_keys()) }}),

    summed as (
        select
            plant_id,
            machine_id,
            production_date,
            shift_id,
            sum(apwt_s) as apwt_s,
            sum(attended_apwt_s) as attended_apwt_s,
            sum(apat_s) as apat_s
        from labour
        group by plant_id, machine_id, production_date, shift_id
    )

select
    {{ surrogate_key(["plant_id", "machine_id", "production_date", "shift_id"]) }}
    as labour_time_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    case
        when machine_id is not null then {{ surrogate_key(["plant_id", "machine_id"]) }}
    end as machine_key,
    {{ surrogate_key(["plant_id", "shift_id"]) }} as shift_key,
    plant_id,
    machine_id,
    production_date,
    cast(apwt_s as decimal(38, 12)) as apwt_s,
    cast(attended_apwt_s as decimal(38, 12)) as attended_apwt_s,
    cast(apat_s as decimal(18, 6)) as apat_s
from summed
