{{ config(meta={"dagster": {"ref": {"name": "mart_delivery_log"}}}) }}

-- Nothing lost: every delivered row was accepted, put aside with its rule, or an exact duplicate.
with
    deliveries as (select * from {{ source("raw", "deliveries") }}),
    outcomes as (
        select delivery_id, sum(row_qty) as row_qty
        from {{ ref("mart_delivery_log") }}
        group by delivery_id
    )

select deliveries.delivery_id, deliveries.delivered_rows, outcomes.row_qty
from deliveries
left join outcomes on outcomes.delivery_id = deliveries.delivery_id
where deliveries.delivered_rows <> coalesce(outcomes.row_qty, 0)
