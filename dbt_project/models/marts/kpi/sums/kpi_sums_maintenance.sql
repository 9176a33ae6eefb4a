{#- Phases of a restoration. -#}
{%- set phases = ["detect", "respond", "waiting", "repair"] %}
with
    orders as (
        select *
        from {{ ref("fct_maintenance_order") }}
        where is_finished and finished_date is not null
    ),
    machines as (select * from {{ ref("dim_machine") }})

-- An order counts for the period in which the machine was restored.
select
    orders.maintenance_order_key,
    orders.plant_id,
    orders.machine_key,
    orders.machine_id,
    machines.line_id,
    orders.finished_date,
    case
        when orders.maintenance_kind = 'corrective' and orders.is_breakdown then 1 else 0
    end as breakdown_qty,
    case
        when
            orders.maintenance_kind = 'corrective'
            and orders.is_breakdown
            and orders.work_s is not null
        then 1
        else 0
    end as measured_breakdown_qty,
    case
        when orders.maintenance_kind = 'corrective' and orders.is_breakdown then orders.work_s
    end as repair_s,
    case
        when orders.maintenance_kind in ('corrective', 'preventive') then 1 else 0
    end as classified_qty,
    case
        when orders.maintenance_kind in ('corrective', 'preventive') and orders.work_s is not null
        then 1
        else 0
    end as measured_classified_qty,
    case when orders.maintenance_kind = 'corrective' then 1 else 0 end as corrective_qty,
    case when orders.maintenance_kind = 'preventive' then 1 else 0 end as preventive_qty,
    case when orders.maintenance_kind = 'corrective' then orders.work_s end as corrective_s,
    case when orders.maintenance_kind = 'preventive' then orders.work_s end as preventive_s,
    {%- for phase in phases %}
        case
            when orders.maintenance_kind = 'corrective' and orders.is_breakdown
            then orders.{{ phase }}_s
        end as phase_{{ phase }}_s,
    {%- endfor %}
    case when orders.is_planned is not null then orders.labour_s end as classified_labour_s,
    case when orders.is_planned then orders.labour_s end as planned_work_labour_s,
    orders.labour_s,
    orders.cost_amount
from orders
inner join machines on machines.machine_key = orders.machine_key
