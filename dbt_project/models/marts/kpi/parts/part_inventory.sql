{#-
    One line per KPI: numerator, denominator, share of what it needs that is known, what the rest
    lacks, why there is no figure when there is none, and the scopes it makes sense for.

    The sum of daily values by 365 is what the average stock of the period would be if it were
    spread over a year, so usage over it is in turns per year.
-#}
{%- set kpis = {
    "inventory_turns": (
        "usage_cost_amount",
        "yearly_stock_value_amount",
        "known_coverage",
        "known_gap",
        "no_value",
        "true",
    ),
    "inventory_turns_by_quantity": (
        "usage_qty",
        "yearly_stock_qty",
        "stock_coverage",
        "'stock not known'",
        "no_quantity",
        "scope_type = 'item'",
    ),
    "days_on_hand": (
        "daily_stock_value_amount",
        "usage_cost_amount",
        "known_coverage",
        "known_gap",
        "no_usage",
        "true",
    ),
    "average_stock_amount": (
        "daily_stock_value_amount",
        "day_qty",
        "known_coverage",
        "known_gap",
        "no_value",
        "true",
    ),
} %}
with
    sums as (select * from {{ ref("rollup_inventory") }}),

    shares as (
        select
            *,
            {{ ratio("daily_stock_value_amount", "365") }} as yearly_stock_value_amount,
            {{ ratio("daily_stock_qty", "365") }} as yearly_stock_qty,
            {{ ratio("known_day_qty", "place_day_qty") }} as known_coverage,
            {{ ratio("stock_known_day_qty", "place_day_qty") }} as stock_coverage,
            case
                when stock_known_day_qty <= cost_known_day_qty
                then 'stock not known'
                else 'items without a standard cost'
            end as known_gap,
            case
                when stock_known_day_qty = 0
                then 'no opening stock delivered'
                when known_day_qty = 0
                then 'no standard cost delivered'
            end as nothing_known
        from sums
    ),

    explained as (
        select
            *,
            coalesce(nothing_known, 'no stock') as no_value,
            coalesce(nothing_known, 'nothing was used') as no_usage,
            case
                when stock_known_day_qty = 0 then 'no opening stock delivered' else 'no stock'
            end as no_quantity
        from shares
    )

{% for kpi_id, (numerator, denominator, coverage, gap, no_value, spoken) in kpis.items() %}
        {{
            kpi_part(
                kpi_id, "explained", numerator, denominator, coverage, gap, no_value, where=spoken
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
