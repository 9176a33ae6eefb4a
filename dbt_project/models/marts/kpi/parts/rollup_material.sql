{%- set quantities = [
    "good",
    "integrated_good",
    "production_loss",
    "storage_transport_loss",
    "other_loss",
] %}
with
    balances as (select * from {{ ref("kpi_sums_material") }}),

    periods as ({{ by_period("balances", "balanced_date") }}),

    scopes as ({{ by_scope("periods", ["item", "machine", "line", "plant"]) }})

select
    plant_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    -- Kilograms and pieces have no sum: more than one unit, and there is no figure.
    count(distinct uom) as uom_qty,
    sum(consumed_qty) as consumed_qty
    {%- for quantity in quantities %}
        ,
        sum({{ quantity }}_qty) as {{ quantity }}_qty,
        -- What was consumed by the balances that state it.
        sum(
            case when {{ quantity }}_qty is not null then consumed_qty end
        ) as consumed_qty_of_{{ quantity }}
    {%- endfor %}
from scopes
group by plant_id, scope_type, scope_id, period_type, period_start_date
