{{ config(materialized="view") }}

{#- The models that hold numerators and denominators, each for KPIs over the same roll-up. -#}
{%- set parts = [
    "part_machine",
    "part_quality",
    "part_route_yield",
    "part_lead_time",
    "part_inventory",
    "part_maintenance",
    "part_preventive",
    "part_backlog",
    "part_delivery",
    "part_labour",
    "part_energy",
    "part_capacity",
    "part_material",
    "part_capability",
    "part_order",
    "part_wip",
    "part_demand",
    "part_planned_interval",
    "part_batch",
] %}

{% for part in parts %}
    select *
    from {{ ref(part) }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
