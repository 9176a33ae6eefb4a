{#-
    One line per KPI: numerator, denominator, stated value, share of what it needs that is known,
    what the rest lacks, why there is no figure when there is none, and which roll-ups speak of it.
-#}
{%- set units = "items in different units of measure" %}
{%- set kpis = {
    "scrap_ratio": (
        "case when is_one_uom then scrap_qty_of_counted end",
        "case when is_one_uom then produced_qty_with_scrap end",
        "null",
        "counted_scrap_coverage",
        "'runs without a quantity'",
        "no_output",
        "run_qty > 0",
    ),
    "rework_ratio": (
        "case when is_one_uom then rework_qty_of_counted end",
        "case when is_one_uom then produced_qty_with_rework end",
        "null",
        "counted_rework_coverage",
        "'runs without a quantity'",
        "no_output",
        "run_qty > 0",
    ),
    "first_pass_yield": (
        "case when is_one_uom then first_pass_good_qty end",
        "case when is_one_uom then judged_first_pass_qty end",
        "null",
        "judged_first_pass_coverage",
        "'runs without a good quantity'",
        "no_judged_units",
        "first_pass_run_qty > 0",
    ),
    "final_yield": (
        "case when is_one_uom then good_qty end",
        "case when is_one_uom then judged_first_pass_qty end",
        "null",
        "judged_coverage",
        "'runs without a good quantity'",
        "no_judged_units",
        "first_pass_run_qty > 0",
    ),
    "dpmo": (
        "defect_qty",
        "opportunity_millions",
        "null",
        "opportunity_coverage",
        "'items without defect opportunities'",
        "'no units produced'",
        "opportunity_run_qty > 0",
    ),
    "copq_amount": (
        "scrap_cost_amount",
        "null",
        "case when counted_scrap_run_qty > 0 and (scrap_qty = 0 or costed_scrap_qty > 0)"
        ~ " then scrap_cost_amount end",
        "costed_scrap_coverage",
        "'scrap without a quantity or a standard cost'",
        "'no scrap with a quantity and a standard cost'",
        "run_qty > 0",
    ),
    "copq_ratio": (
        "scrap_cost_amount",
        "output_value_amount",
        "null",
        "least(costed_scrap_coverage, costed_output_coverage)",
        "'scrap or output without a quantity or a standard cost'",
        "'no output with a quantity and a standard cost'",
        "run_qty > 0",
    ),
} %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_quality_changes'), period_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_quality_changes") }} where is_changed),

    sums as ({{ changed_rows(ref("rollup_quality"), period_keys()) }}),

    shares as (
        select
            *,
            {{ ratio("opportunity_qty", "1000000") }} as opportunity_millions,
            -- A run may say what it made and not how much of it was bad: that is unknown, not none.
            least(
                {{ ratio("counted_run_qty", "run_qty") }},
                {{ ratio("all_passes_qty_with_scrap", "produced_qty") }}
            ) as counted_scrap_coverage,
            least(
                {{ ratio("counted_run_qty", "run_qty") }},
                {{ ratio("produced_qty_with_rework", "first_pass_produced_qty") }}
            ) as counted_rework_coverage,
            {{ ratio("judged_first_pass_run_qty", "first_pass_run_qty") }}
            as judged_first_pass_coverage,
            {{ ratio("judged_run_qty", "run_qty") }} as judged_coverage,
            least(
                {{ ratio("judged_first_pass_run_qty", "first_pass_run_qty") }},
                {{ ratio("opportunity_unit_qty", "judged_first_pass_qty") }}
            ) as opportunity_coverage,
            least(
                {{ ratio("counted_scrap_run_qty", "run_qty") }},
                {{ ratio("costed_scrap_qty", "scrap_qty") }}
            ) as costed_scrap_coverage,
            least(
                {{ ratio("counted_output_run_qty", "output_run_qty") }},
                {{ ratio("costed_output_qty", "counted_output_qty") }}
            ) as costed_output_coverage,
            case
                when not is_one_uom then '{{ units }}' else 'no units judged good or bad'
            end as no_judged_units,
            case when not is_one_uom then '{{ units }}' else 'no output counted' end as no_output
        from sums
    )

{% for kpi_id, (
        numerator,
        denominator,
        stated,
        coverage,
        gap,
        no_value,
        spoken,
    ) in kpis.items() %}
        {{
            kpi_part(
                kpi_id,
                "shares",
                numerator,
                denominator,
                coverage,
                gap,
                no_value,
                stated=stated,
                where=spoken,
                shift_id="shift_id",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
