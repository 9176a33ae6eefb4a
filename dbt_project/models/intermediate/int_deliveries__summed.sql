with
    deliveries as (select * from {{ ref("stg_deliveries") }}),
    quarantine as (select * from {{ ref("stg_quarantine") }}),

    -- What became of the delivered rows: each was accepted, a duplicate, or broke one rule.
    outcomes as (
        select
            delivery_id,
            'accepted' as outcome,
            accepted_rows as row_qty,
            cast(null as bigint) as example_line_no,
            cast(null as {{ dbt.type_string() }}) as example_message
        from deliveries
        union all
        select
            delivery_id,
            'duplicate' as outcome,
            duplicate_rows as row_qty,
            cast(null as bigint) as example_line_no,
            cast(null as {{ dbt.type_string() }}) as example_message
        from deliveries
        where duplicate_rows > 0
        union all
        select
            delivery_id,
            rule as outcome,
            sum(row_qty) as row_qty,
            min(line_no) as example_line_no,
            min(message) as example_message
        from quarantine
        group by delivery_id, rule
    )

select
    deliveries.delivery_id,
    outcomes.outcome,
    deliveries.plant_id,
    deliveries.source,
    deliveries.system,
    deliveries.table_name,
    deliveries.file_path,
    deliveries.status,
    deliveries.message,
    deliveries.delivered_rows,
    outcomes.row_qty,
    outcomes.example_line_no,
    outcomes.example_message,
    deliveries.extracted_at,
    deliveries.watermark_at,
    deliveries.first_event_date,
    deliveries.last_event_date,
    deliveries.loaded_at
from deliveries
inner join outcomes on outcomes.delivery_id = deliveries.delivery_id
