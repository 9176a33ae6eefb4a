with
    operations as (select * from {{ ref("int_order_operations__timed") }}),
    gaps as (select * from {{ ref("int_operation_gaps__summed") }})

select
    {{ surrogate_key(["operations.plant_id", "operations.source", "operations.operation_id"]) }}
    as order_operation_key,
    {{ surrogate_key(["operations.plant_id"]) }} as plant_key,
    {{ surrogate_key(["operations.plant_id", "operations.order_id"]) }} as order_key,
    case
        when operations.item_id is not null
        then {{ surrogate_key(["operations.plant_id", "operations.item_id"]) }}
    end as item_key,
    operations.plant_id,
    operations.source,
    operations.operation_id,
    operations.order_id,
    operations.item_id,
    operations.sequence_no,
    operations.is_first,
    operations.is_last,
    operations.released_at,
    operations.started_at,
    operations.ended_at,
    operations.completed_date as order_completed_date,
    operations.is_order_completed,
    operations.run_qty,
    operations.counted_run_qty,
    operations.planned_qty,
    operations.planned_scrap_qty,
    cast(operations.first_pass_produced_qty as decimal(18, 6)) as first_pass_produced_qty,
    cast(operations.first_pass_good_qty as decimal(18, 6)) as first_pass_good_qty,
    cast(operations.first_pass_rework_qty as decimal(18, 6)) as first_pass_rework_qty,
    cast(operations.good_qty as decimal(18, 6)) as good_qty,
    cast(operations.scrap_qty as decimal(18, 6)) as scrap_qty,
    operations.planned_setup_s,
    operations.planned_run_s,
    cast(operations.apt_s as decimal(18, 6)) as apt_s,
    cast(operations.aust_s as decimal(18, 6)) as aust_s,
    cast(operations.adet_s as decimal(18, 6)) as adet_s,
    cast(operations.rework_s as decimal(18, 6)) as rework_s,
    cast(
        operations.apt_s
        + operations.aust_s
        + operations.adet_s
        + operations.rework_s as decimal(18, 6)
    ) as aubt_s,
    cast(operations.queue_s as decimal(18, 6)) as queue_s,
    cast(operations.execution_s as decimal(18, 6)) as execution_s,
    cast(coalesce(gaps.not_observed_s, 0) as decimal(18, 6)) as not_observed_s,
    operations.order_lead_time_s,
    operations.delivery_id,
    operations.line_no
from operations
left join
    gaps
    on gaps.plant_id = operations.plant_id
    and gaps.source = operations.source
    and gaps.operation_id = operations.operation_id
