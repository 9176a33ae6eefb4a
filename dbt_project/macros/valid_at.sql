{#
    That a version (alias of a relation) holds at an instant or on a date. No end is the end of
    time, not an `or`: an outer join by an `or` compares every row with every version.
#}
{% macro valid_at(version, instant, from_column="valid_from", to_column="valid_to") -%}
    {{ version }}.{{ from_column }} <= {{ instant }}
    and coalesce({{ version }}.{{ to_column }}, cast('9999-12-31' as date)) > {{ instant }}
{%- endmacro %}
