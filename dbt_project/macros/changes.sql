{#
    A night rebuilds what changed since the last build, found by content: a model whose name ends in
    `_changes` has one row per partition of what a dear model reads, with a digest of its rows, and
    says whether it differs from the last build's. The dear model is incremental: it drops the rows
    of the changed partitions, also of those that are gone, and makes them anew from what it reads.
    So it does not matter why a partition changed: a late row, a correction that moved one away, a
    standard that came late, a changed calendar.

    Only a night that knows that the last build went through and that the project is the same asks
    for it, with the variable `only_changed`; every other build makes everything anew.
#}
{# That two relations (aliases) speak of the same partition; a partition may be that of no date. #}
{% macro same_partition(one, other, keys) -%}
    {%- for key in keys %}
        {{ one }}.{{ key }} is not distinct from {{ other }}.{{ key }}
        {%- if not loop.last %} and {% endif -%}
    {%- endfor %}
{%- endmacro %}

{#
    What the rows of a group say together, in whatever order they come: the sum of their hashes, of
    all columns of the model but those that number the rows of one build alone.
#}
{% macro digest_of(model, build_numbers=[]) -%}
    {%- set told = [] -%}
    {%- for column in adapter.get_columns_in_relation(model) if column.name not in build_numbers -%}
        {%- do told.append(
            ten_digits(column.name) if column.dtype | upper == "DOUBLE" else column.name
        ) -%}
    {%- endfor -%}
    sum(cast({{ hash_of(told) }} as decimal(38, 0)))
{%- endmacro %}

{#
    A double without its last 20 of 53 bits, which leaves ten digits. A sum of doubles differs in
    the last bit or two from build to build, as its threads add them up in another order; a year of
    60 machines had such a sum in 210 of 2,293 periods, all made anew although nothing had changed.
    What is rounded off is what the factor 2^20 + 1 pushes out of the product.
#}
{% macro ten_digits(number) -%}
    {{ number }} * 1048577e0 - ({{ number }} * 1048577e0 - {{ number }})
{%- endmacro %}

{#
    The partitions of a relation (a CTE with the keys and a `digest`), and which of them changed. One
    that is gone has no digest; the next build no longer lists it.
#}
{% macro changes_of(relation, keys) -%}
    {%- set former = load_relation(this) if execute and var("only_changed", false) else none -%}
    {%- if former is none %}
        select {{ keys | join(", ") }}, digest, true as is_changed from {{ relation }}
    {%- else %}
        select
            {%- for key in keys %}
                case
                    when latest.digest is null then former.{{ key }} else latest.{{ key }}
                end as {{ key }},
            {%- endfor %}
            latest.digest,
            latest.digest is distinct from former.digest as is_changed
        from {{ relation }} as latest
        full outer join
            (select * from {{ this }} where digest is not null) as former
            on {{ same_partition("latest", "former", keys) }}
    {%- endif %}
{%- endmacro %}

{# The rows of an incremental model that it is about to make anew; a hook in front of it. #}
{% macro forget_changed(changes, keys) -%}
    {%- if is_incremental() %}
        delete from {{ this }}
        where
            exists (
                select 1
                from {{ changes }} as changes
                where changes.is_changed and {{ same_partition(this, "changes", keys) }}
            )
    {%- endif %}
{%- endmacro %}

{# The rows of a model or a CTE in the partitions that the CTE `changed` lists. #}
{% macro changed_rows(relation, keys) -%}
    select own_rows.*
    from {{ relation }} as own_rows
    inner join changed on {{ same_partition("own_rows", "changed", keys) }}
{%- endmacro %}

{# The keys of partitions by delivery: the facts that keep the exported line they come from. #}
{% macro delivery_keys() -%} {{ return(["plant_id", "delivery_id"]) }} {%- endmacro %}

{# The keys of partitions by production date. #}
{% macro date_keys() -%} {{ return(["plant_id", "production_date"]) }} {%- endmacro %}

{# The keys of partitions by period. #}
{% macro period_keys() -%}
    {{ return(["plant_id", "period_type", "period_start_date"]) }}
{%- endmacro %}

{# Days of a relation (a CTE) with their `digest`, as every period that they are part of. #}
{% macro digests_of_periods(relation) -%}
    select plant_id, period_type, period_start_date, sum(digest) as digest
    from
        (
            select 'shift' as period_type, production_date as period_start_date, *
            from {{ relation }}
            union all
            {{ by_period(relation, "production_date") }}
        ) as periods
    group by plant_id, period_type, period_start_date
{%- endmacro %}
