with
    rows_of_days as (select * from {{ ref("kpi_sums_batch") }}),

    batches as (select * from rows_of_days where row_kind = 'batch'),

    periods as ({{ by_period("batches", "production_date", ["week", "month"]) }}),

    all_periods as ({{ by_period("rows_of_days", "production_date", ["week", "month"]) }}),

    run_periods as (
        select
            plant_id,
            period_type,
            period_start_date,
            sum(run_qty) as run_qty,
            sum(known_run_qty) as known_run_qty
        from all_periods
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
