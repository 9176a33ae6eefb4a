{#- The same two ratios as by machine, over the same quantities, by what was made. -#}
{%- set kpis = quantity_kpis() %}
with sums as (select * from {{ ref("rollup_item") }})

{% for kpi_id, (numerator, denominator) in kpis.items() %}
    select
        '{{ kpi_id }}' as kpi_id,
        plant_id,
        scope_type,
        scope_id,
        period_type,
        period_start_date,
        shift_id,
        cast({{ numerator }} as double) as numerator,
        cast({{ denominator }} as double) as denominator,
        cast(null as double) as stated_value,
        {{ ratio("counted_run_qty", "run_qty") }} as coverage_ratio,
        'runs without a quantity' as coverage_gap,
        'no output counted' as no_value_reason
    from sums
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
