{%- set measures = [
    "run_qty",
    "counted_run_qty",
    "scrap_qty",
    "first_pass_produced_qty",
    "first_pass_run_qty",
    "judged_first_pass_run_qty",
    "judged_run_qty",
    "judged_first_pass_qty",
    "first_pass_good_qty",
    "good_qty",
    "opportunity_run_qty",
    "opportunity_qty",
    "defect_qty",
    "opportunity_unit_qty",
    "counted_scrap_run_qty",
    "scrap_qty_of_counted",
    "produced_qty_with_scrap",
    "produced_qty",
    "all_passes_qty_with_scrap",
    "rework_qty_of_counted",
    "produced_qty_with_rework",
    "costed_scrap_qty",
    "scrap_cost_amount",
    "counted_output_run_qty",
    "counted_output_qty",
    "costed_output_qty",
    "output_run_qty",
    "output_value_amount",
] %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_quality_changes'), period_keys()) }}",
    )
}}

with
    item_shifts as (select * from {{ ref("rollup_item_shift") }}),
    changed as (select * from {{ ref("rollup_quality_changes") }} where is_changed),

    periods as (
        {{ by_period("item_shifts", "production_date", ["shift", "day", "week", "month"]) }}
    ),

    changed_periods as ({{ changed_rows("periods", period_keys()) }}),

    scopes as ({{ by_scope("changed_periods", ["item", "machine", "line", "plant"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    period_shift_id as shift_id,
    -- Pieces and kilograms make no sum. Items without master data are taken to be counted alike.
    coalesce(min(base_uom) = max(base_uom), true) as is_one_uom
    {%- for measure in measures %}, sum({{ measure }}) as {{ measure }} {%- endfor %}
from scopes
group by plant_id, scope_type, scope_id, period_type, period_start_date, period_shift_id
