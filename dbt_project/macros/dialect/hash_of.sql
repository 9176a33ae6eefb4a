{#
    A whole number that equal rows share, and different ones nearly always do not. It tells which
    rows could be equal, never that they are.
#}
{% macro hash_of(columns) -%}
    {{ return(adapter.dispatch("hash_of", "leankpi")(columns)) }}
{%- endmacro %}

{% macro duckdb__hash_of(columns) -%} hash({{ columns | join(", ") }}) {%- endmacro %}

{% macro spark__hash_of(columns) -%} xxhash64({{ columns | join(", ") }}) {%- endmacro %}
