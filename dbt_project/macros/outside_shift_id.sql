{#
    The id that time outside every shift of a production date goes by, in place of a shift; null
    without a date. Engines differ in what they concatenate with null, so it is kept out.
#}
{% macro outside_shift_id(production_date) -%}
    case
        when {{ production_date }} is not null
        then concat('outside-', cast({{ production_date }} as {{ dbt.type_string() }}))
    end
{%- endmacro %}
