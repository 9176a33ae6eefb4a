{#- Phases of a restoration, and what each needs. -#}
{%- set phases = ["detect", "respond", "waiting", "repair"] %}
with
    all_orders as (select * from {{ ref("fct_maintenance_order") }}),
    failures as (select * from {{ ref("int_machine_failures__joined") }}),
    order_measures as (select * from {{ ref("kpi_sums_maintenance") }}),

    -- What a plant's systems never state is not asked of its orders one by one.
    stating_plants as (
        select
            all_orders.plant_id,
            max(case when all_orders.parts_waiting_s is not null then 1 else 0 end)
            = 1 as is_waiting_stated,
            max(case when all_orders.is_planned is not null then 1 else 0 end)
            = 1 as is_planning_stated,
            max(case when failing_plants.plant_id is not null then 1 else 0 end)
            = 1 as is_failure_seen
        from all_orders
        left join
            (select distinct plant_id from failures) as failing_plants
            on failing_plants.plant_id = all_orders.plant_id
        group by all_orders.plant_id
    ),

    periods as ({{ by_period("order_measures", "finished_date") }}),

    scopes as ({{ by_scope("periods", ["machine", "line", "plant"]) }})

select
    scopes.plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    count(*) as finished_order_qty,
    sum(breakdown_qty) as breakdown_qty,
    sum(measured_breakdown_qty) as measured_breakdown_qty,
    coalesce(sum(repair_s), 0) as repair_s,
    sum(classified_qty) as classified_qty,
    sum(measured_classified_qty) as measured_classified_qty,
    sum(corrective_qty) as corrective_qty,
    sum(preventive_qty) as preventive_qty,
    coalesce(sum(corrective_s), 0) as corrective_s,
    coalesce(sum(preventive_s), 0) as preventive_s,
    {%- for phase in phases %}
        coalesce(sum(phase_{{ phase }}_s), 0) as phase_{{ phase }}_s,
        count(phase_{{ phase }}_s) as phase_{{ phase }}_qty,
    {%- endfor %}
    coalesce(sum(classified_labour_s), 0) as classified_labour_s,
    count(classified_labour_s) as classified_labour_qty,
    coalesce(sum(planned_work_labour_s), 0) as planned_work_labour_s,
    is_waiting_stated,
    is_planning_stated,
    is_failure_seen,
    sum(labour_s) as labour_s,
    sum(cost_amount) as cost_amount
from scopes
inner join stating_plants on stating_plants.plant_id = scopes.plant_id
group by
    scopes.plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    is_waiting_stated,
    is_planning_stated,
    is_failure_seen
