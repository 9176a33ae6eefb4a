with
    figures as (
        select * from {{ ref("kpi_figures") }} where period_type in ('day', 'week', 'month')
    ),
    periods as (select * from {{ ref("kpi_periods") }}),
    targets as (select * from {{ ref("int_kpi_targets__versioned") }}),
    definitions as (select * from {{ ref("kpi_definitions") }}),

    -- A version that was known before the period began, or else the one known now.
    candidates as (
        select
            figures.kpi_values_id,
            figures.period_start_date,
            figures.value,
            figures.withheld_reason,
            periods.is_over as is_period_over,
            targets.*,
            targets.known_from_at < periods.start_at
            and (
                targets.known_to_at is null or targets.known_to_at >= periods.start_at
            ) as is_set_before
        from targets
        inner join
            figures
            on figures.plant_id = targets.plant_id
            and figures.kpi_id = targets.kpi_id
            and figures.scope_type = targets.scope_type
            and figures.scope_id = targets.scope_id
            and figures.period_type = targets.period_type
            and {{ valid_at("targets", "figures.period_start_date") }}
        inner join
            periods
            on periods.plant_id = figures.plant_id
            and periods.period_type = figures.period_type
            and periods.period_start_date = figures.period_start_date
        where not targets.is_deleted
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by kpi_values_id
                order by
                    case when is_set_before then 0 else 1 end,
                    valid_from desc,
                    known_from_at desc,
                    delivery_id desc,
                    line_no desc
            ) as choice_no
        from candidates
        where is_set_before or known_to_at is null
    ),

    -- A target may be missed or reached by less than a computed figure is exact to.
    judged as (
        select
            ranked.*,
            case
                when ranked.owner is null
                then 'nobody owns the target'
                when not ranked.is_set_before
                then 'the target was delivered after the period began'
                when ranked.value is null
                then concat('no figure: ', ranked.withheld_reason)
            end as not_judged_reason,
            case
                when definitions.direction = 'up'
                then ranked.value - cast(ranked.target_value as double)
                else cast(ranked.target_value as double) - ranked.value
            end
            >= -0.000000001 * abs(cast(ranked.target_value as double)) as is_reached
        from ranked
        inner join definitions on definitions.kpi_id = ranked.kpi_id
        where ranked.choice_no = 1
    ),

    with_figures as (
        select distinct plant_id, kpi_id, scope_type, scope_id, period_type, valid_from
        from candidates
    ),

    without_figures as (
        select
            targets.*,
            case
                when definitions.kpi_id is null
                then 'no such KPI in the catalogue'
                when
                    concat('|', definitions.scope_types, '|')
                    not like concat('%|', targets.scope_type, '|%')
                    or concat('|', definitions.period_types, '|')
                    not like concat('%|', targets.period_type, '|%')
                then 'the KPI is not reported for this scope and length of period'
                when targets.owner is null
                then 'nobody owns the target'
                else 'no figure of this scope yet'
            end as not_judged_reason
        from targets
        left join definitions on definitions.kpi_id = targets.kpi_id
        left join
            with_figures
            on with_figures.plant_id = targets.plant_id
            and with_figures.kpi_id = targets.kpi_id
            and with_figures.scope_type = targets.scope_type
            and with_figures.scope_id = targets.scope_id
            and with_figures.period_type = targets.period_type
            and with_figures.valid_from = targets.valid_from
        where
            targets.known_to_at is null
            and not targets.is_deleted
            and with_figures.valid_from is null
    ),

    all_targets as (
        select
            kpi_values_id,
            plant_id,
            kpi_id,
            scope_type,
            scope_id,
            period_type,
            period_start_date,
            valid_from,
            target_value,
            owner,
            objective,
            known_from_at,
            value,
            is_period_over,
            case
                when not_judged_reason is null then case when is_reached then 'green' else 'red' end
            end as status,
            not_judged_reason
        from judged
        union all
        select
            cast(null as {{ dbt.type_string() }}),
            plant_id,
            kpi_id,
            scope_type,
            scope_id,
            period_type,
            cast(null as date),
            valid_from,
            target_value,
            owner,
            objective,
            known_from_at,
            cast(null as double),
            cast(null as boolean),
            cast(null as {{ dbt.type_string() }}),
            not_judged_reason
        from without_figures
    )

select
    {{
        surrogate_key(
            [
                "plant_id",
                "kpi_id",
                "scope_type",
                "scope_id",
                "period_type",
                "period_start_date",
                "case when period_start_date is null then valid_from end",
            ]
        )
    }} as kpi_targets_key,
    kpi_values_id,
    plant_id,
    kpi_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    valid_from,
    cast(target_value as double) as target_value,
    owner,
    objective,
    known_from_at,
    value,
    is_period_over,
    status,
    not_judged_reason
from all_targets
