{# The key of dim_item for an item of the row's plant; null where no item is named. #}
{% macro item_key_of(item_id) -%}
    case when {{ item_id }} is not null then {{ surrogate_key(["plant_id", item_id]) }} end
{%- endmacro %}
