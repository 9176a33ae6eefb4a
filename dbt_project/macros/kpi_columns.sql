{#
    KPIs of kpi_values side by side, for the wide marts: they show what kpi_values says and never
    divide. `columns` maps a KPI to its column; `main` maps the KPI whose coverage and reason for
    being withheld are shown to the prefix of those two columns.
#}
{% macro kpi_columns(relation, columns, main) -%}
    select
        plant_id,
        scope_id,
        period_start_date,
        shift_id
        {%- for kpi_id, column in columns.items() %}
            , max(case when kpi_id = '{{ kpi_id }}' then value end) as {{ column }}
        {%- endfor %}
        {%- for kpi_id, prefix in main.items() %}
            ,
            max(
                case when kpi_id = '{{ kpi_id }}' then coverage_ratio end
            ) as {{ prefix }}_coverage_ratio,
            max(
                case when kpi_id = '{{ kpi_id }}' then withheld_reason end
            ) as {{ prefix }}_withheld_reason
        {%- endfor %}
    from {{ relation }}
    group by plant_id, scope_id, period_start_date, shift_id
{%- endmacro %}
