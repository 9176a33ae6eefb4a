{#
    Numerator and denominator of the KPIs over quantities alone, which machines and items share: so
    each formula stands once, whatever it is rolled up by.
#}
{% macro quantity_kpis() -%}
    {{
        return(
            {
                "scrap_ratio": ("scrap_qty", "first_pass_produced_qty"),
                "rework_ratio": ("first_pass_rework_qty", "first_pass_produced_qty"),
            }
        )
    }}
{%- endmacro %}
