with
    orders as (
        select *
        from {{ ref("rollup_maintenance") }}
        where scope_type = 'machine' and period_type = 'month'
    ),
    machine_time as (
        select *
        from {{ ref("rollup_machine") }}
        where scope_type = 'machine' and period_type = 'month'
    ),
    machines as (select * from {{ ref("dim_machine") }}),
    kpi_values as (
        select * from {{ ref("kpi_values") }} where scope_type = 'machine' and period_type = 'month'
    ),

    machine_months as (
        select plant_id, scope_id as machine_id, period_start_date as month_start_date
        from orders
        union
        select plant_id, scope_id as machine_id, period_start_date as month_start_date
        from machine_time
    ),

    ratios as (
        {{
            kpi_columns(
                "kpi_values",
                {
                    "mtbf_h": "mtbf_h",
                    "mttr_h": "mttr_h",
                    "corrective_maintenance_ratio": "corrective_maintenance_ratio",
                },
                {"mtbf_h": "mtbf", "mttr_h": "mttr"},
            )
        }}
    )

select
    {{
        surrogate_key(
            [
                "machine_months.plant_id",
                "machine_months.machine_id",
                "machine_months.month_start_date",
            ]
        )
    }} as maintenance_monthly_key,
    machine_months.plant_id,
    machines.machine_key,
    machine_months.machine_id,
    machines.line_id,
    machine_months.month_start_date,
    cast(coalesce(orders.finished_order_qty, 0) as bigint) as finished_order_qty,
    cast(coalesce(orders.breakdown_qty, 0) as bigint) as breakdown_qty,
    cast(coalesce(orders.corrective_qty, 0) as bigint) as corrective_qty,
    cast(coalesce(orders.preventive_qty, 0) as bigint) as preventive_qty,
    cast(coalesce(orders.corrective_s, 0) as decimal(18, 6)) as corrective_s,
    cast(coalesce(orders.preventive_s, 0) as decimal(18, 6)) as preventive_s,
    cast(orders.labour_s as decimal(18, 6)) as labour_s,
    cast(orders.cost_amount as decimal(18, 6)) as cost_amount,
    cast(coalesce(machine_time.operating_s, 0) as decimal(18, 6)) as operating_s,
    cast(coalesce(machine_time.failure_qty, 0) as bigint) as failure_qty,
    ratios.mtbf_h,
    ratios.mttr_h,
    ratios.corrective_maintenance_ratio,
    ratios.mtbf_coverage_ratio,
    ratios.mtbf_withheld_reason,
    ratios.mttr_withheld_reason
from machine_months
inner join
    machines
    on machines.plant_id = machine_months.plant_id
    and machines.machine_id = machine_months.machine_id
left join
    orders
    on orders.plant_id = machine_months.plant_id
    and orders.scope_id = machine_months.machine_id
    and orders.period_start_date = machine_months.month_start_date
left join
    machine_time
    on machine_time.plant_id = machine_months.plant_id
    and machine_time.scope_id = machine_months.machine_id
    and machine_time.period_start_date = machine_months.month_start_date
left join
    ratios
    on ratios.plant_id = machine_months.plant_id
    and ratios.scope_id = machine_months.machine_id
    and ratios.period_start_date = machine_months.month_start_date
