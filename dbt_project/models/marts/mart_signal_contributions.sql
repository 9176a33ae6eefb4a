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

    -- The periods that speak of a signal: its own and those of its baseline, which all signals of a
    -- series share.
    signal_series as (select distinct series_key from signals),

    compared as (
        select points.*
        from points
        inner join signal_series on signal_series.series_key = points.series_key
        where points.raised_rules is not null or points.is_in_baseline
    ),

    compared_periods as (
        select distinct plant_id, scope_type, scope_id, period_type, period_start_date from compared
    ),

    -- Runs are added up by day before a day counts for its periods and scopes.
    produced as (
        select
            production.plant_id,
            production.machine_id,
            machines.line_id,
            production.production_date,
            production.item_id,
            sum(production.good_ideal_s) as good_ideal_s
        from production
        inner join machines on machines.machine_key = production.machine_key
        where production.good_ideal_s <> 0
        group by
            production.plant_id,
            production.machine_id,
            machines.line_id,
            production.production_date,
            production.item_id
    ),

    parts_of_days as (
        select
            plant_id,
            machine_id,
            line_id,
            production_date,
            'loss_bucket' as contributor_type,
            loss_bucket as contributor_id
            {%- for kpi_id, denominator in denominators.items() %}
                , case when {{ denominator }} then - duration_s end as {{ kpi_id }}_part_s
            {%- endfor %}
        from losses
        where not is_fully_productive and duration_s <> 0
        {%- for contributor in ["machine", "item"] %}
            union all
            select
                plant_id,
                machine_id,
                line_id,
                production_date,
                '{{ contributor }}' as contributor_type,
                {{ contributor }}_id as contributor_id
                {%- for kpi_id in denominators %}, good_ideal_s as {{ kpi_id }}_part_s {%- endfor %}
            from produced
        {%- endfor %}
    ),

    parts_of_periods as ({{ by_period("parts_of_days", "production_date") }}),

    parts_of_scopes as ({{ by_scope("parts_of_periods", ["machine", "line", "plant"]) }}),

    parts as (
        select
            parts_of_scopes.plant_id,
            parts_of_scopes.scope_type,
            parts_of_scopes.scope_id,
            parts_of_scopes.period_type,
            parts_of_scopes.period_start_date,
            parts_of_scopes.contributor_type,
            parts_of_scopes.contributor_id
            {%- for kpi_id in denominators %}
                , sum(parts_of_scopes.{{ kpi_id }}_part_s) as {{ kpi_id }}_part_s
            {%- endfor %}
        from parts_of_scopes
        inner join
            compared_periods
            on compared_periods.plant_id = parts_of_scopes.plant_id
            and compared_periods.scope_type = parts_of_scopes.scope_type
            and compared_periods.scope_id = parts_of_scopes.scope_id
            and compared_periods.period_type = parts_of_scopes.period_type
            and compared_periods.period_start_date = parts_of_scopes.period_start_date
        group by
            parts_of_scopes.plant_id,
            parts_of_scopes.scope_type,
            parts_of_scopes.scope_id,
            parts_of_scopes.period_type,
            parts_of_scopes.period_start_date,
            parts_of_scopes.contributor_type,
            parts_of_scopes.contributor_id
    ),

    shares as (
        select
            compared.kpi_values_id,
            compared.series_key,
            compared.raised_rules is not null as is_signal,
            compared.is_in_baseline,
            compared.baseline_qty,
            parts.contributor_type,
            parts.contributor_id,
            case
                compared.kpi_id
                {%- for kpi_id in denominators %}
                    when '{{ kpi_id }}'
                    then {{ ratio("parts." ~ kpi_id ~ "_part_s", "figures.denominator") }}
                {%- endfor %}
            end as part_ratio
        from compared
        inner join figures on figures.kpi_values_id = compared.kpi_values_id
        inner join
            parts
            on parts.plant_id = compared.plant_id
            and parts.scope_type = compared.scope_type
            and parts.scope_id = compared.scope_id
            and parts.period_type = compared.period_type
            and parts.period_start_date = compared.period_start_date
    ),

    -- A contributor that is missing in a period of the baseline contributed nothing to it.
    baselines as (
        select
            series_key,
            contributor_type,
            contributor_id,
            {{ ratio("sum(part_ratio)", "max(baseline_qty)") }} as contribution_ratio
        from shares
        where is_in_baseline and part_ratio is not null
        group by series_key, contributor_type, contributor_id
    ),

    own_and_baseline as (
        select
            kpi_values_id,
            contributor_type,
            contributor_id,
            part_ratio as contribution_ratio,
            0 as baseline_contribution_ratio
        from shares
        where is_signal and part_ratio is not null
        union all
        select
            signals.kpi_values_id,
            baselines.contributor_type,
            baselines.contributor_id,
            0 as contribution_ratio,
            baselines.contribution_ratio as baseline_contribution_ratio
        from signals
        inner join baselines on baselines.series_key = signals.series_key
    ),

    contributions as (
        select
            kpi_values_id,
            contributor_type,
            contributor_id,
            sum(contribution_ratio) as contribution_ratio,
            sum(baseline_contribution_ratio) as baseline_contribution_ratio
        from own_and_baseline
        group by kpi_values_id, contributor_type, contributor_id
    ),

    changes as (
        select
            signals.kpi_values_id,
            signals.plant_id,
            signals.kpi_id,
            signals.scope_type,
            signals.scope_id,
            signals.period_type,
            signals.period_start_date,
            signals.signal_side,
            contributions.contributor_type,
            contributions.contributor_id,
            contributions.contribution_ratio,
            contributions.baseline_contribution_ratio,
            contributions.contribution_ratio
            - contributions.baseline_contribution_ratio as change_ratio
        from contributions
        inner join signals on signals.kpi_values_id = contributions.kpi_values_id
    ),

    -- Equal changes are ranked by name: what is left of them beyond twelve digits is noise.
    ranked as (
        select
            *,
            row_number() over (
                partition by kpi_values_id, contributor_type
                order by
                    case
                        when signal_side = 'above'
                        then - round(change_ratio, 12)
                        else round(change_ratio, 12)
                    end,
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
