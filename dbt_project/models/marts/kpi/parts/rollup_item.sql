with
    production as (select * from {{ ref("fct_production") }} where item_id is not null),
    shifts as (select * from {{ ref("dim_shift") }}),

    item_shifts as (
        select
            production.plant_id,
            production.item_id,
            production.production_date,
            shifts.shift_id,
            shifts.shift_kind,
            count(*) as run_qty,
            sum(case when production.produced_qty is not null then 1 else 0 end) as counted_run_qty,
            coalesce(sum(production.scrap_qty), 0) as scrap_qty,
            coalesce(sum(production.first_pass_produced_qty), 0) as first_pass_produced_qty,
            coalesce(sum(production.first_pass_rework_qty), 0) as first_pass_rework_qty
        from production
        left join shifts on shifts.shift_key = production.shift_key
        group by 1, 2, 3, 4, 5
    ),

    periods as (
        -- Time outside shifts is no shift that anybody reports on.
        select
            'shift' as period_type,
            production_date as period_start_date,
            shift_id as period_shift_id,
            *
        from item_shifts
        where shift_kind = 'shift'
        {%- for period in ["day", "week", "month"] %}
            union all
            select
                '{{ period }}' as period_type,
                {{ period_start(period, "production_date") }} as period_start_date,
                cast(null as {{ dbt.type_string() }}) as period_shift_id,
                *
            from item_shifts
        {%- endfor %}
    )

select
    plant_id,
    'item' as scope_type,
    item_id as scope_id,
    period_type,
    period_start_date,
    period_shift_id as shift_id,
    sum(run_qty) as run_qty,
    sum(counted_run_qty) as counted_run_qty,
    sum(scrap_qty) as scrap_qty,
    sum(first_pass_produced_qty) as first_pass_produced_qty,
    sum(first_pass_rework_qty) as first_pass_rework_qty
from periods
group by plant_id, item_id, period_type, period_start_date, period_shift_id
