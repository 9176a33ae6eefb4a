with
    batches as (select * from {{ ref("int_batches__chained") }}),
    runs as (select * from {{ ref("fct_production") }} where pass_no = 1 and piece_no = 1),

    -- A run of an unknown item may have been a batch of any: one row of a day's runs, and one of
    -- each batch.
    rows_of_days as (
        select
            'batch' as row_kind,
            plant_id,
            machine_id,
            item_id,
            start_at,
            production_date,
            case when previous_start_at is not null then 1 else 0 end as interval_qty,
            {{ seconds_between("previous_start_at", "start_at") }} as interval_s,
            0 as run_qty,
            0 as known_run_qty
        from batches
        union all
        select
            'runs' as row_kind,
            plant_id,
            cast(null as {{ dbt.type_string() }}) as machine_id,
            cast(null as {{ dbt.type_string() }}) as item_id,
            cast(null as {{ dbt.type_timestamp() }}) as start_at,
            production_date,
            0 as interval_qty,
            cast(0 as decimal(18, 6)) as interval_s,
            count(*) as run_qty,
            count(item_id) as known_run_qty
        from runs
        group by plant_id, production_date
    )

select
    {{
        surrogate_key(
            ["plant_id", "row_kind", "machine_id", "item_id", "start_at", "production_date"]
        )
    }} as kpi_sums_batch_key,
    plant_id,
    row_kind,
    machine_id,
    item_id,
    production_date,
    interval_qty,
    interval_s,
    run_qty,
    known_run_qty
from rows_of_days
