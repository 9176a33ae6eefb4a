{#
    Hash of natural keys, the same on every engine and in every build. The separator and the mark
    of a missing part are control characters, which no id of an export contains, so that
    ('a', 'bc') and ('ab', 'c') differ.
#}
{% macro surrogate_key(columns) -%}
    md5(
        concat(
            {%- for column in columns %}
                coalesce(cast({{ column }} as {{ dbt.type_string() }}), chr(30))
                {%- if not loop.last %}, chr(31),{% endif %}
            {%- endfor %}
        )
    )
{%- endmacro %}
