{#
    The piece of a quantity between two shares of it (0 to 1). Pieces are differences of what has
    been handed out so far, rounded to the six decimals of a quantity, so that the pieces of one
    quantity add up to it exactly.
#}
{% macro piece_of(quantity, from_ratio, to_ratio) -%}
    {{ _handed_out(quantity, to_ratio) }} - {{ _handed_out(quantity, from_ratio) }}
{%- endmacro %}

{# All of it is the quantity itself: a double keeps fewer digits than a quantity has. #}
{% macro _handed_out(quantity, share) -%}
    cast(
        case
            when {{ share }} = 1
            then {{ quantity }}
            else cast({{ quantity }} as double) * {{ share }}
        end as decimal(18, 6)
    )
{%- endmacro %}
