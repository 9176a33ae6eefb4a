{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('int_resource_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("int_resource_date_changes") }} where is_changed),
    samples as ({{ changed_rows(ref("int_measurement_subgroups__summed"), date_keys()) }})

select
    {{
        surrogate_key(
            [
                "plant_id",
                "source",
                "characteristic_id",
                "machine_id",
                "item_id",
                "subgroup_id",
                "single_id",
                "lower_limit",
                "upper_limit",
                "uom",
            ]
        )
    }} as measurement_subgroup_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    case
        when machine_id is not null then {{ surrogate_key(["plant_id", "machine_id"]) }}
    end as machine_key,
    case when item_id is not null then {{ surrogate_key(["plant_id", "item_id"]) }} end as item_key,
    {{ surrogate_key(["plant_id", "shift_id"]) }} as shift_key,
    plant_id,
    source,
    characteristic_id,
    machine_id,
    item_id,
    subgroup_id,
    production_date,
    first_measured_at,
    uom,
    lower_limit,
    upper_limit,
    cast(measurement_qty as bigint) as measurement_qty,
    cast(measured_sum as decimal(38, 6)) as measured_sum,
    cast(squared_deviation_sum as double) as squared_deviation_sum,
    cast(measured_range as decimal(18, 6)) as measured_range,
    cast(moving_range as decimal(38, 6)) as moving_range
from samples
