{#
    A number that tells the rows of a table apart within one build, without sorting them. Never a
    key: the next build numbers anew, so nothing outside the build may keep it.
#}
{% macro row_handle() -%} {{ return(adapter.dispatch("row_handle", "leankpi")()) }} {%- endmacro %}

{% macro duckdb__row_handle() -%} row_number() over () {%- endmacro %}

{% macro spark__row_handle() -%} monotonically_increasing_id() {%- endmacro %}
