with item_shifts as (select * from {{ ref("rollup_item_shift") }})

select
    {{ surrogate_key(["plant_id", "machine_id", "item_id", "production_date", "shift_id"]) }}
    as kpi_sums_item_key,
    plant_id,
    {{ surrogate_key(["plant_id", "machine_id"]) }} as machine_key,
    {{ item_key_of("item_id") }} as item_key,
    case
        when shift_id is not null then {{ surrogate_key(["plant_id", "shift_id"]) }}
    end as shift_key,
    production_date,
    base_uom,
    run_qty,
    cast(counted_run_qty as bigint) as counted_run_qty,
    scrap_qty,
    first_pass_produced_qty,
    cast(first_pass_run_qty as bigint) as first_pass_run_qty,
    cast(judged_first_pass_run_qty as bigint) as judged_first_pass_run_qty,
    cast(judged_run_qty as bigint) as judged_run_qty,
    judged_first_pass_qty,
    first_pass_good_qty,
    good_qty,
    opportunity_qty,
    defect_qty,
    opportunity_unit_qty,
    cast(counted_scrap_run_qty as bigint) as counted_scrap_run_qty,
    scrap_qty_of_counted,
    produced_qty_with_scrap,
    produced_qty,
    all_passes_qty_with_scrap,
    rework_qty_of_counted,
    produced_qty_with_rework,
    costed_scrap_qty,
    scrap_cost_amount,
    cast(counted_output_run_qty as bigint) as counted_output_run_qty,
    counted_output_qty,
    costed_output_qty,
    cast(output_run_qty as bigint) as output_run_qty,
    output_value_amount
from item_shifts
