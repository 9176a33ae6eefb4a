{# The only division of the project: unknown, never 0 or infinity, where there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
    case
        when {{ denominator }} <> 0
        then cast({{ numerator }} as double) / cast({{ denominator }} as double)
    end
{%- endmacro %}
