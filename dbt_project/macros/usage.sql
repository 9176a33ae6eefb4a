{#- What turns the stock of an item (`what`: qty or cost_amount), for the relations `inventory` and
    `items`: finished goods leave by sale, material and semi-finished goods by issue to production. -#}
{% macro usage(what) -%}
    case
        when items.item_type = 'finished'
        then inventory.sale_{{ what }}
        when items.item_type in ('raw', 'semi_finished')
        then inventory.issue_{{ what }}
        else inventory.sale_{{ what }} + inventory.issue_{{ what }}
    end
{%- endmacro %}
