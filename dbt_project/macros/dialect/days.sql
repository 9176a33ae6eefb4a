{# A query with one row per date, `calendar_date`, from the first to the last, both included. #}
{% macro day_list(relation, first_date, last_date) -%}
    {{ return(adapter.dispatch("day_list", "leankpi")(relation, first_date, last_date)) }}
{%- endmacro %}

{% macro duckdb__day_list(relation, first_date, last_date) -%}
    select
        cast(
            unnest(
                generate_series(min({{ first_date }}), max({{ last_date }}), interval 1 day)
            ) as date
        ) as calendar_date
    from {{ relation }}
{%- endmacro %}

{% macro spark__day_list(relation, first_date, last_date) -%}
    select
        explode(
            sequence(min({{ first_date }}), max({{ last_date }}), interval 1 day)
        ) as calendar_date
    from {{ relation }}
{%- endmacro %}

{# A date some days later (or earlier, with a negative number). #}
{% macro add_days(date_column, days) -%}
    {{ return(adapter.dispatch("add_days", "leankpi")(date_column, days)) }}
{%- endmacro %}

{% macro duckdb__add_days(date_column, days) -%} ({{ date_column }} + {{ days }}) {%- endmacro %}

{% macro spark__add_days(date_column, days) -%}
    date_add({{ date_column }}, {{ days }})
{%- endmacro %}

{# The date of the last microsecond before an instant: where a half-open interval ends. #}
{% macro last_date(end_at) -%} cast({{ end_at }} - interval 1 microsecond as date) {%- endmacro %}

{# The first date of the ISO week (Monday) or the month of a date. #}
{% macro period_start(period, date_column) -%}
    cast(date_trunc('{{ period }}', {{ date_column }}) as date)
{%- endmacro %}

{# The first date of the week or month after the one that begins on a date. #}
{% macro next_period_start(period, date_column) -%}
    {{ period_start(period, add_days(date_column, 7 if period == "week" else 31)) }}
{%- endmacro %}

{# Day of the ISO week, Monday 1 to Sunday 7. #}
{% macro iso_weekday(date_column) -%}
    {{ return(adapter.dispatch("iso_weekday", "leankpi")(date_column)) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(date_column) -%} extract(isodow from {{ date_column }}) {%- endmacro %}

{% macro spark__iso_weekday(date_column) -%}(weekday({{ date_column }}) + 1) {%- endmacro %}
