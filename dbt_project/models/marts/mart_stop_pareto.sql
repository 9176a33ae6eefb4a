{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_date_changes") }} where is_changed),
    machine_time as (
        {{ changed_rows(ref("fct_machine_time"), date_keys()) }}
        where state in ('delay', 'planned_down', 'no_order', 'setup', 'not_observed')
    ),
    machines as (select * from {{ ref("dim_machine") }}),
    reasons as (select * from {{ ref("dim_reason") }}),

    -- Stops without a reason stay in sight: they are a row of their own.
    labelled as (
        select
            machine_time.plant_id,
            machine_time.machine_key,
            machine_time.machine_id,
            machines.line_id,
            machine_time.production_date,
            machine_time.schedule,
            machine_time.state,
            machine_time.reason_key,
            case
                when machine_time.state in ('setup', 'not_observed')
                then coalesce(reasons.reason_name, machine_time.state)
                when reasons.has_master_data
                then reasons.reason_name
                when reasons.reason_id is not null
                then concat('unknown reason ', reasons.reason_id)
                else 'not labelled'
            end as reason_name,
            reasons.reason_group,
            machine_time.is_failure,
            machine_time.duration_s,
            machine_time.stop_qty,
            machine_time.failure_qty
        from machine_time
        inner join machines on machines.machine_key = machine_time.machine_key
        left join reasons on reasons.reason_key = machine_time.reason_key
    )

select
    {{
        surrogate_key(
            ["machine_key", "production_date", "schedule", "state", "reason_key", "is_failure"]
        )
    }} as stop_pareto_key,
    plant_id,
    machine_key,
    machine_id,
    line_id,
    production_date,
    schedule,
    state,
    reason_key,
    reason_name,
    reason_group,
    is_failure,
    cast(sum(duration_s) as decimal(18, 6)) as duration_s,
    cast(sum(stop_qty) as bigint) as stop_qty,
    cast(sum(failure_qty) as bigint) as failure_qty
from labelled
group by
    plant_id,
    machine_key,
    machine_id,
    line_id,
    production_date,
    schedule,
    state,
    reason_key,
    reason_name,
    reason_group,
    is_failure
