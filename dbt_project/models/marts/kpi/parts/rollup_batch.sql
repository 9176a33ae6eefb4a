with
    batches as (select * from {{ ref("int_batches__chained") }}),
    runs as (select * from {{ ref("fct_production") }} where pass_no = 1),

    batch_measures as (
        select
            plant_id,
            machine_id,
            item_id,
            production_date,
            case when previous_start_at is not null then 1 else 0 end as interval_qty,
            {{ seconds_between("previous_start_at", "start_at") }} as interval_s
        from batches
    ),

    periods as ({{ by_period("batch_measures", "production_date", ["week", "month"]) }}),

    -- A run of an unknown item may have been a batch of any.
    runs_by_period as ({{ by_period("runs", "production_date", ["week", "month"]) }}),

    run_periods as (
        select
            plant_id,
            period_type,
            period_start_date,
            count(*) as run_qty,
            count(item_id) as known_run_qty
        from runs_by_period
        group by plant_id, period_type, period_start_date
    ),

    scopes as ({{ by_scope("periods", ["machine", "item", "plant"]) }}),

    sums as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date,
            count(*) as batch_qty,
            sum(interval_qty) as interval_qty,
            coalesce(sum(interval_s), 0) as interval_s
        from scopes
        group by plant_id, scope_type, scope_id, period_type, period_start_date
    )

select sums.*, run_periods.run_qty, run_periods.known_run_qty
from sums
inner join
    run_periods
    on run_periods.plant_id = sums.plant_id
    and run_periods.period_type = sums.period_type
    and run_periods.period_start_date = sums.period_start_date
