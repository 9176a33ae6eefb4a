with
    orders as (select * from {{ ref("stg_maintenance_orders") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine'),
    plant_days as (select * from {{ ref("stg_plant_days") }}),

    resolved as (
        select orders.*, coalesce(identifiers.business_id, orders.machine_id) as business_machine_id
        from orders
        left join
            identifiers
            on identifiers.plant_id = orders.plant_id
            and identifiers.source = orders.source
            and identifiers.source_id = orders.machine_id
    )

select
    orders.plant_id,
    orders.source,
    orders.maintenance_order_id,
    orders.business_machine_id as machine_id,
    orders.maintenance_kind,
    orders.is_breakdown,
    orders.description,
    orders.failure_code,
    orders.reported_at,
    orders.responded_at,
    orders.started_at,
    orders.finished_at,
    orders.due_at,
    -- An open order lasts until its delivery, as far as anybody knows.
    coalesce(orders.finished_at, orders.watermark_at) as seen_until_at,
    reported_days.plant_date as reported_date,
    finished_days.plant_date as finished_date,
    -- Work may be due on a day that no other data touches.
    coalesce(due_days.plant_date, cast(orders.due_at as date)) as due_date,
    orders.parts_waiting_s,
    orders.is_planned,
    orders.planned_labour_s,
    orders.labour_s,
    orders.cost_amount,
    orders.delivery_id,
    orders.line_no
from resolved as orders
left join
    plant_days as reported_days
    on reported_days.plant_id = orders.plant_id
    and reported_days.calendar_start_at <= orders.reported_at
    and reported_days.calendar_end_at > orders.reported_at
left join
    plant_days as finished_days
    on finished_days.plant_id = orders.plant_id
    and finished_days.calendar_start_at <= orders.finished_at
    and finished_days.calendar_end_at > orders.finished_at
left join
    plant_days as due_days
    on due_days.plant_id = orders.plant_id
    and due_days.calendar_start_at <= orders.due_at
    and due_days.calendar_end_at > orders.due_at
