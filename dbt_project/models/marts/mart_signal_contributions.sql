{#- The KPIs that are fully productive time over a part of all time, and which part. -#}
{%- set denominators = {
    "oee": "in_oee_denominator",
    "oee_vorne": "in_oee_vorne_denominator",
    "ooe": "in_ooe_denominator",
    "teep": "in_teep_denominator",
} %}
{%- set most_contributors = 3 %}
with
    points as (
        select *
        from {{ ref("mart_kpi_signals") }}
        where
            kpi_id in (
                {%- for kpi_id in denominators %}
                    '{{ kpi_id }}' {%- if not loop.last %}, {% endif %}
                {%- endfor %}
            )
    ),
    figures as (select * from {{ ref("kpi_values") }}),
    losses as (select * from {{ ref("mart_time_losses") }}),
    production as (select * from {{ ref("fct_production") }}),
    machines as (select * from {{ ref("dim_machine") }}),

    signals as (select * from points where raised_rules is not null),

    -- The periods that speak of a signal: its own and those of its baseline.
    compared as (
        select signals.kpi_values_id as signal_id, true as is_own, signals.*
        from signals
        union all
        select signals.kpi_values_id as signal_id, false as is_own, points.*
        from signals
        inner join points on points.series_key = signals.series_key and points.is_in_baseline
    ),

    parts_of_days as (
        select
            plant_id,
            machine_id,
            line_id,
            production_date,
            'loss_bucket' as contributor_type,
            loss_bucket as contributor_id,
            - duration_s as part_s
            {%- for kpi_id, denominator in denominators.items() %}
                , {{ denominator }} as is_part_of_{{ kpi_id }}
            {%- endfor %}
        from losses
        where not is_fully_productive and duration_s <> 0
        {%- for contributor in ["machine", "item"] %}
            union all
            select
                production.plant_id,
                production.machine_id,
                machines.line_id,
                production.production_date,
                '{{ contributor }}' as contributor_type,
                production.{{ contributor }}_id as contributor_id,
                production.good_ideal_s as part_s
                {%- for kpi_id in denominators %}, true as is_part_of_{{ kpi_id }} {%- endfor %}
            from production
            inner join machines on machines.machine_key = production.machine_key
            where production.good_ideal_s <> 0
        {%- endfor %}
    ),

    parts_of_periods as ({{ by_period("parts_of_days", "production_date") }}),

    parts as ({{ by_scope("parts_of_periods", ["machine", "line", "plant"]) }}),

    shares as (
        select
            compared.signal_id,
            compared.is_own,
            parts.contributor_type,
            parts.contributor_id,
            {{ ratio("sum(parts.part_s)", "max(figures.denominator)") }} as part_ratio
        from compared
        inner join figures on figures.kpi_values_id = compared.kpi_values_id
        inner join
            parts
            on parts.plant_id = compared.plant_id
            and parts.scope_type = compared.scope_type
            and parts.scope_id = compared.scope_id
            and parts.period_type = compared.period_type
            and parts.period_start_date = compared.period_start_date
            and (
                {%- for kpi_id in denominators %}
                    (compared.kpi_id = '{{ kpi_id }}' and parts.is_part_of_{{ kpi_id }})
                    {%- if not loop.last %} or {% endif %}
                {%- endfor %}
            )
        group by
            compared.signal_id,
            compared.is_own,
            compared.kpi_values_id,
            parts.contributor_type,
            parts.contributor_id
    ),

    -- A contributor that is missing in a period of the baseline contributed nothing to it.
    contributions as (
        select
            signals.kpi_values_id,
            signals.plant_id,
            signals.kpi_id,
            signals.scope_type,
            signals.scope_id,
            signals.period_type,
            signals.period_start_date,
            signals.signal_side,
            shares.contributor_type,
            shares.contributor_id,
            sum(case when shares.is_own then shares.part_ratio else 0 end) as contribution_ratio,
            {{
                ratio(
                    "sum(case when shares.is_own then 0 else shares.part_ratio end)",
                    "max(signals.baseline_qty)",
                )
            }} as baseline_contribution_ratio
        from signals
        inner join shares on shares.signal_id = signals.kpi_values_id
        group by
            signals.kpi_values_id,
            signals.plant_id,
            signals.kpi_id,
            signals.scope_type,
            signals.scope_id,
            signals.period_type,
            signals.period_start_date,
            signals.signal_side,
            shares.contributor_type,
            shares.contributor_id
    ),

    changes as (
        select *, contribution_ratio - baseline_contribution_ratio as change_ratio
        from contributions
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by kpi_values_id, contributor_type
                order by
                    case when signal_side = 'above' then - change_ratio else change_ratio end,
                    contributor_id
            ) as rank_no
        from changes
    )

select
    {{ surrogate_key(["kpi_values_id", "contributor_type", "contributor_id"]) }}
    as signal_contributions_key,
    kpi_values_id,
    plant_id,
    kpi_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    signal_side,
    contributor_type,
    contributor_id,
    rank_no,
    contribution_ratio,
    baseline_contribution_ratio,
    change_ratio
from ranked
where rank_no <= {{ most_contributors }}
