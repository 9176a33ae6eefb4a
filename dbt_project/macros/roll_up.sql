{#
    Rows of a relation (a CTE) once per period type, each with the first date of its period.

    With "shift" among the periods, rows of a shift (`shift_kind`, `shift_id`) also count for it:
    `period_shift_id` names it there and is null for longer periods. Time outside shifts is no
    shift that anybody reports on.
#}
{% macro by_period(relation, date_column, periods=["day", "week", "month"]) -%}
    {%- for period in periods %}
        select
            '{{ period }}' as period_type,
            {{ date_column if period == "shift" else period_start(period, date_column) }}
            as period_start_date,
            {%- if "shift" in periods %}
                {{ "shift_id" if period == "shift" else "cast(null as " ~ dbt.type_string() ~ ")" }}
                as period_shift_id,
            {%- endif %}
            *
        from {{ relation }}
        {%- if period == "shift" %} where shift_kind = 'shift' {%- endif %}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#
    Rows of a relation (a CTE) once per type of scope that they belong to: a row without, say, a
    line_id counts for no line.
#}
{% macro by_scope(relation, scope_types) -%}
    {%- for scope_type in scope_types %}
        select '{{ scope_type }}' as scope_type, {{ scope_type }}_id as scope_id, *
        from {{ relation }}
        where {{ scope_type }}_id is not null
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#
    One KPI at every scope and period of a relation (a CTE): what kpi_figures divides, the share of
    what it needs that is known, what the rest lacks, and why there is no figure when there is
    none. `stated` is the value of a KPI that is no ratio of sums. All are SQL expressions.
#}
{% macro kpi_part(
    kpi_id,
    relation,
    numerator,
    denominator,
    coverage,
    gap,
    no_value,
    stated="null",
    where=none,
    shift_id="null",
    scope_type="scope_type"
) -%}
    select
        '{{ kpi_id }}' as kpi_id,
        plant_id,
        {{ scope_type }} as scope_type,
        scope_id,
        period_type,
        period_start_date,
        cast({{ shift_id }} as {{ dbt.type_string() }}) as shift_id,
        cast({{ numerator }} as double) as numerator,
        cast({{ denominator }} as double) as denominator,
        cast({{ stated }} as double) as stated_value,
        cast({{ coverage }} as double) as coverage_ratio,
        {{ gap }} as coverage_gap,
        {{ no_value }} as no_value_reason
    from {{ relation }}
    {%- if where %} where {{ where }} {%- endif %}
{%- endmacro %}
