{%- set quantities = [
    "good",
    "integrated_good",
    "production_loss",
    "storage_transport_loss",
    "other_loss",
] %}
with
    balances as (select * from {{ ref("fct_material_balance") }} where balanced_date is not null),
    machines as (select * from {{ ref("dim_machine") }}),

    balances_with_line as (
        select balances.*, machines.line_id
        from balances
        left join machines on machines.machine_key = balances.machine_key
    ),

    periods as (
        {%- for period in ["day", "week", "month"] %}
            select
                '{{ period }}' as period_type,
                {{ period_start(period, "balanced_date") }} as period_start_date,
                *
            from balances_with_line
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    scopes as (
        {%- for scope_type in ["item", "machine", "line"] %}
            select '{{ scope_type }}' as scope_type, {{ scope_type }}_id as scope_id, *
            from periods
            where {{ scope_type }}_id is not null
            union all
        {%- endfor %}
        select 'plant' as scope_type, plant_id as scope_id, *
        from periods
    )

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
