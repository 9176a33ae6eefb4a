{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_date_changes") }} where is_changed),
    machine_shifts as ({{ changed_rows(ref("rollup_machine_shift"), date_keys()) }}),
    scrap as ({{ changed_rows(ref("fct_scrap"), date_keys()) }} where machine_key is not null),
    kpi_values as (
        select kpi_values.*
        from {{ ref("kpi_values") }} as kpi_values
        inner join
            changed
            on changed.plant_id = kpi_values.plant_id
            and changed.production_date = kpi_values.period_start_date
        where kpi_values.scope_type = 'machine' and kpi_values.period_type = 'day'
    ),

    machine_days as (
        select
            plant_id,
            machine_key,
            machine_id,
            line_id,
            production_date,
            sum(first_pass_produced_qty) as first_pass_produced_qty,
            sum(good_qty) as good_qty,
            sum(scrap_qty) as scrap_qty,
            sum(rework_qty) as rework_qty
        from machine_shifts
        where run_qty > 0
        group by plant_id, machine_key, machine_id, line_id, production_date
    ),

    -- What the rejections explain of it.
    explained as (
        select
            machine_key,
            production_date,
            sum(scrap_qty) as explained_scrap_qty,
            sum(rework_qty) as explained_rework_qty,
            -- Unknown as soon as one scrapped unit has no cost.
            case
                when
                    sum(case when scrap_qty <> 0 and scrap_cost_amount is null then 1 else 0 end)
                    = 0
                then coalesce(sum(scrap_cost_amount), 0)
            end as scrap_cost_amount
        from scrap
        group by machine_key, production_date
    ),

    ratios as (
        {{
            kpi_columns(
                "kpi_values",
                {"scrap_ratio": "scrap_ratio", "rework_ratio": "rework_ratio"},
                {"scrap_ratio": "scrap"},
            )
        }}
    )

select
    {{ surrogate_key(["machine_days.machine_key", "machine_days.production_date"]) }}
    as scrap_daily_key,
    machine_days.plant_id,
    machine_days.machine_key,
    machine_days.machine_id,
    machine_days.line_id,
    machine_days.production_date,
    cast(machine_days.first_pass_produced_qty as decimal(18, 6)) as first_pass_produced_qty,
    cast(machine_days.good_qty as decimal(18, 6)) as good_qty,
    cast(machine_days.scrap_qty as decimal(18, 6)) as scrap_qty,
    cast(machine_days.rework_qty as decimal(18, 6)) as rework_qty,
    cast(coalesce(explained.explained_scrap_qty, 0) as decimal(18, 6)) as explained_scrap_qty,
    cast(coalesce(explained.explained_rework_qty, 0) as decimal(18, 6)) as explained_rework_qty,
    cast(
        case
            when explained.machine_key is null then 0 else explained.scrap_cost_amount
        end as decimal(38, 12)
    ) as scrap_cost_amount,
    ratios.scrap_ratio,
    ratios.rework_ratio,
    ratios.scrap_coverage_ratio,
    ratios.scrap_withheld_reason
from machine_days
left join
    explained
    on explained.machine_key = machine_days.machine_key
    and explained.production_date = machine_days.production_date
left join
    ratios
    on ratios.plant_id = machine_days.plant_id
    and ratios.scope_id = machine_days.machine_id
    and ratios.period_start_date = machine_days.production_date
