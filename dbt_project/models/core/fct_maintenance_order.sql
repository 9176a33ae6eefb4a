with
    orders as (select * from {{ ref("int_maintenance_orders__matched") }}),

    -- Somebody was at the machine when the system says so, at latest when work began.
    attended as (select *, coalesce(responded_at, started_at) as attended_at from orders),

    phases as (
        select
            *,
            {{ seconds_between("stop_start_at", "reported_at") }} as detected_after_s,
            {{ seconds_between("reported_at", "attended_at") }} as attended_after_s,
            {{ seconds_between("attended_at", "started_at") }} as started_after_s,
            {{ seconds_between("started_at", "finished_at") }} as worked_s
        from attended
    )

-- A phase that ends before it starts is unknown: somebody mistyped a time.
select
    {{ surrogate_key(["plant_id", "source", "maintenance_order_id"]) }} as maintenance_order_key,
    {{ surrogate_key(["plant_id"]) }} as plant_key,
    {{ surrogate_key(["plant_id", "machine_id"]) }} as machine_key,
    plant_id,
    source,
    maintenance_order_id,
    machine_id,
    maintenance_kind,
    is_breakdown,
    description,
    failure_code,
    reported_at,
    responded_at,
    started_at,
    finished_at,
    due_at,
    reported_date,
    finished_date,
    due_date,
    finished_at is not null as is_finished,
    {{ seconds_between("reported_at", "started_at") }} as response_s,
    {{ seconds_between("started_at", "finished_at") }} as work_s,
    stop_start_at,
    -- Reported a little before the stop was seen: nothing was left to detect.
    cast(
        case when detected_after_s < 0 then 0 else detected_after_s end as decimal(18, 6)
    ) as detect_s,
    cast(case when attended_after_s >= 0 then attended_after_s end as decimal(18, 6)) as respond_s,
    cast(
        case
            when started_after_s >= 0 and worked_s >= parts_waiting_s
            then started_after_s + parts_waiting_s
        end as decimal(18, 6)
    ) as waiting_s,
    cast(
        case
            when started_after_s >= 0 and worked_s >= parts_waiting_s
            then worked_s - parts_waiting_s
        end as decimal(18, 6)
    ) as repair_s,
    parts_waiting_s,
    is_planned,
    planned_labour_s,
    labour_s,
    cost_amount,
    delivery_id,
    line_no
from phases
