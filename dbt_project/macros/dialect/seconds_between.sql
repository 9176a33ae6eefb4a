{# Exact seconds between two instants: whole microseconds, as decimal(18, 6). #}
{% macro seconds_between(start_at, end_at) -%}
    {{ return(adapter.dispatch("seconds_between", "leankpi")(start_at, end_at)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(start_at, end_at) -%}
    {# A decimal divided by a number is a double on this engine, so the microseconds are multiplied. #}
    cast(
        cast(epoch_us({{ end_at }}) - epoch_us({{ start_at }}) as decimal(18, 0))
        * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    )
{%- endmacro %}

{% macro spark__seconds_between(start_at, end_at) -%}
    cast(
        cast(unix_micros({{ end_at }}) - unix_micros({{ start_at }}) as decimal(18, 0))
        * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    )
{%- endmacro %}
