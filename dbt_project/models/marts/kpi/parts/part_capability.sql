{#- One line per KPI: the study it belongs to, the tolerance it compares, how many sigmas fit in. -#}
{%- set kpis = {
    "machine_capability_cm": ("machine", "two_sided_qty", "tolerance_width", "6"),
    "machine_capability_cmk": ("machine", "limited_qty", "nearest_limit_distance", "3"),
    "process_capability_cp": ("process", "two_sided_qty", "tolerance_width", "6"),
    "process_capability_cpk": ("process", "limited_qty", "nearest_limit_distance", "3"),
} %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_capability_changes'), period_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_capability_changes") }} where is_changed),
    sums as ({{ changed_rows(ref("rollup_capability"), period_keys()) }}),

    -- A machine's sigma is the standard deviation of all values of the shift or day. A process's is
    -- the variation within its samples: pooled over the subgroups, or of single values the mean
    -- moving range over 1.128, the mean range of two values of sigma 1.
    sigmas as (
        select
            *,
            case
                when study = 'machine'
                then sqrt({{ ratio("squared_deviation_sum", "(measurement_qty - 1)") }})
                when subgroup_qty > 0
                then sqrt({{ ratio("within_squared_deviation_sum", "within_freedom_qty") }})
                else {{ ratio("moving_range_sum", "(moving_range_qty * 1.128)") }}
            end as sigma,
            upper_limit - lower_limit as tolerance_width,
            least(
                coalesce(upper_limit - measured_mean, measured_mean - lower_limit),
                coalesce(measured_mean - lower_limit, upper_limit - measured_mean)
            ) as nearest_limit_distance,
            case
                when study = 'machine'
                then measurement_qty
                when subgroup_qty > 0
                then subgroup_qty
                else single_qty
            end as sample_qty,
            case when study = 'machine' then 50 else 25 end as needed_sample_qty
        from sums
    ),

    judged as (
        select
            *,
            case
                when uom_qty > 1
                then 'values in several units'
                when lower_limit_qty > 1 or upper_limit_qty > 1
                then 'several limits: they changed, or differ between items'
                when limited_qty = 0
                then 'no limits delivered'
                when sample_qty < needed_sample_qty
                then
                    concat(
                        'too few samples: ',
                        cast(sample_qty as {{ dbt.type_string() }}),
                        ' of ',
                        cast(needed_sample_qty as {{ dbt.type_string() }})
                    )
                when sigma = 0
                then 'no variation: every value is the same'
            end as no_figure_reason
        from sigmas
    )

{% for kpi_id, (study, known_qty, distance, sigma_qty) in kpis.items() %}
        -- A capability is no ratio of sums, so it is stated; its numerator stays empty for all to
        -- see.
        {{
            kpi_part(
                kpi_id,
                "judged",
                "null",
                "measurement_qty",
                ratio(known_qty, "measurement_qty"),
                "'values without limits'",
                "coalesce(no_figure_reason, 'one limit alone has no width')",
                stated="case when no_figure_reason is null and "
                ~ known_qty
                ~ " > 0 then "
                ~ ratio(distance, "(" ~ sigma_qty ~ " * sigma)")
                ~ " end",
                where="study = '" ~ study ~ "'",
                shift_id="shift_id",
                scope_type="'characteristic'",
            )
        }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
