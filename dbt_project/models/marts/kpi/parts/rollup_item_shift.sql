{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_date_changes") }} where is_changed),
    production as ({{ changed_rows(ref("fct_production"), date_keys()) }}),
    machines as (select * from {{ ref("dim_machine") }}),
    items as (select * from {{ ref("dim_item") }}),
    shifts as (select * from {{ ref("dim_shift") }}),
    costs as (select * from {{ ref("int_item_costs__valid") }}),
    operation_costs as (select * from {{ ref("int_operation_costs__valid") }}),
    operations as (select * from {{ ref("int_order_operations__resolved") }}),

    -- A unit leaves the plant's machines once: at the last operation of its order, or where the
    -- system knows no route, at the machine that made it.
    runs as (
        select
            production.plant_id,
            production.machine_id,
            machines.line_id,
            production.item_id,
            items.base_uom,
            production.production_date,
            shifts.shift_id,
            shifts.shift_kind,
            production.pass_no,
            production.produced_qty,
            production.good_qty,
            production.scrap_qty,
            production.first_pass_produced_qty,
            production.first_pass_rework_qty,
            production.produced_qty is not null and production.good_qty is not null as is_judged,
            items.defect_opportunities_qty,
            costs.unit_cost_amount,
            -- What is scrapped has cost what it took to get there.
            coalesce(
                operation_costs.unit_cost_amount, costs.unit_cost_amount
            ) as scrap_unit_cost_amount,
            coalesce(operations.is_last_operation, true) as is_output
        from production
        inner join machines on machines.machine_key = production.machine_key
        left join items on items.item_key = production.item_key
        left join shifts on shifts.shift_key = production.shift_key
        left join
            costs
            on costs.plant_id = production.plant_id
            and costs.item_id = production.item_id
            and {{ valid_at("costs", "production.production_date") }}
        left join
            operation_costs
            on operation_costs.plant_id = production.plant_id
            and operation_costs.item_id = production.item_id
            and operation_costs.sequence_no = production.sequence_no
            and {{ valid_at("operation_costs", "production.production_date") }}
        left join
            operations
            on operations.plant_id = production.plant_id
            and operations.source = production.source
            and operations.operation_id = production.operation_id
    )

select
    plant_id,
    machine_id,
    line_id,
    item_id,
    base_uom,
    production_date,
    shift_id,
    shift_kind,
    count(*) as run_qty,
    sum(case when produced_qty is not null then 1 else 0 end) as counted_run_qty,
    coalesce(sum(scrap_qty), 0) as scrap_qty,
    coalesce(sum(first_pass_produced_qty), 0) as first_pass_produced_qty,
    sum(case when pass_no = 1 then 1 else 0 end) as first_pass_run_qty,
    sum(case when pass_no = 1 and is_judged then 1 else 0 end) as judged_first_pass_run_qty,
    sum(case when is_judged then 1 else 0 end) as judged_run_qty,
    sum(case when pass_no = 1 and is_judged then produced_qty else 0 end) as judged_first_pass_qty,
    sum(case when pass_no = 1 and is_judged then good_qty else 0 end) as first_pass_good_qty,
    sum(case when is_judged then good_qty else 0 end) as good_qty,
    sum(
        case
            when pass_no = 1 and is_judged and defect_opportunities_qty is not null then 1 else 0
        end
    ) as opportunity_run_qty,
    sum(
        case
            when pass_no = 1 and is_judged
            then coalesce(produced_qty * defect_opportunities_qty, 0)
            else 0
        end
    ) as opportunity_qty,
    sum(
        case
            when pass_no = 1 and is_judged and defect_opportunities_qty is not null
            then produced_qty - good_qty
            else 0
        end
    ) as defect_qty,
    sum(
        case
            when pass_no = 1 and is_judged and defect_opportunities_qty is not null
            then produced_qty
            else 0
        end
    ) as opportunity_unit_qty,
    sum(case when scrap_qty is not null then 1 else 0 end) as counted_scrap_run_qty,
    -- What is known is weighed by units: a run that is cut in two says no more than before.
    coalesce(sum(produced_qty), 0) as produced_qty,
    sum(
        case when scrap_qty is not null then coalesce(produced_qty, 0) else 0 end
    ) as all_passes_qty_with_scrap,
    -- A run that does not say what it made, or what was bad of it, is in neither part.
    sum(
        case when produced_qty is not null then coalesce(scrap_qty, 0) else 0 end
    ) as scrap_qty_of_counted,
    sum(
        case when scrap_qty is not null then coalesce(first_pass_produced_qty, 0) else 0 end
    ) as produced_qty_with_scrap,
    sum(
        case
            when first_pass_produced_qty is not null then coalesce(first_pass_rework_qty, 0) else 0
        end
    ) as rework_qty_of_counted,
    sum(
        case
            when first_pass_rework_qty is not null then coalesce(first_pass_produced_qty, 0) else 0
        end
    ) as produced_qty_with_rework,
    sum(
        case when scrap_unit_cost_amount is not null then coalesce(scrap_qty, 0) else 0 end
    ) as costed_scrap_qty,
    sum(case when is_output and good_qty is not null then 1 else 0 end) as counted_output_run_qty,
    sum(case when is_output then coalesce(good_qty, 0) else 0 end) as counted_output_qty,
    sum(
        case when is_output and unit_cost_amount is not null then coalesce(good_qty, 0) else 0 end
    ) as costed_output_qty,
    coalesce(sum(scrap_qty * scrap_unit_cost_amount), 0) as scrap_cost_amount,
    sum(case when is_output then 1 else 0 end) as output_run_qty,
    coalesce(
        sum(case when is_output then good_qty * unit_cost_amount end), 0
    ) as output_value_amount
from runs
group by plant_id, machine_id, line_id, item_id, base_uom, production_date, shift_id, shift_kind
