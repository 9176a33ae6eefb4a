{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('kpi_figure_changes'), period_keys()) }}",
    )
}}

with
    definitions as (select * from {{ ref("kpi_definitions") }}),
    changed as (select * from {{ ref("kpi_figure_changes") }} where is_changed),
    plant_months as (select * from {{ ref("rollup_plant_month") }}),

    changed_months as (select * from changed where period_type = 'month'),

    -- What a month owes depends on its shifts and days too: they are read with it, and a month
    -- changes with each of them.
    parts as (
        select parts.*
        from {{ ref("part_all") }} as parts
        inner join
            changed
            on changed.plant_id = parts.plant_id
            and changed.period_type
            = case when parts.period_type = 'week' then 'week' else 'month' end
            and changed.period_start_date is not distinct from case
                when parts.period_type = 'week'
                then parts.period_start_date
                else {{ period_start("month", "parts.period_start_date") }}
            end
    ),

    -- The catalogue says for whom and for which periods a KPI is reported.
    reported as (
        select parts.*
        from parts
        inner join
            definitions
            on definitions.kpi_id = parts.kpi_id
            and concat('|', definitions.scope_types, '|') like concat('%|', parts.scope_type, '|%')
            and concat('|', definitions.period_types, '|')
            like concat('%|', parts.period_type, '|%')
    ),

    -- Months of a plant with a row of the KPI. Some KPIs are of no plant as a whole (a capability
    -- is
    -- of one characteristic, turns by quantity of one item): any row of theirs will do.
    reported_months as (
        select distinct
            reported.kpi_id,
            reported.plant_id,
            {{ period_start("month", "reported.period_start_date") }} as period_start_date
        from reported
        inner join definitions on definitions.kpi_id = reported.kpi_id
        where
            reported.period_type <> 'week'
            and (
                reported.scope_type = 'plant'
                or concat('|', definitions.scope_types, '|') not like '%|plant|%'
            )
    ),

    owed_months as (
        select plant_months.plant_id, plant_months.period_start_date
        from plant_months
        inner join
            changed_months
            on changed_months.plant_id = plant_months.plant_id
            and changed_months.period_start_date = plant_months.period_start_date
        union
        select plant_id, period_start_date
        from reported_months
    ),

    -- A KPI that the plant's data cannot support still says so, month by month.
    unsupported as (
        select
            definitions.kpi_id,
            owed_months.plant_id,
            'plant' as scope_type,
            owed_months.plant_id as scope_id,
            'month' as period_type,
            owed_months.period_start_date,
            cast(null as {{ dbt.type_string() }}) as shift_id,
            cast(null as double) as numerator,
            cast(null as double) as denominator,
            cast(null as double) as stated_value,
            cast(null as double) as coverage_ratio,
            cast(null as {{ dbt.type_string() }}) as coverage_gap,
            definitions.no_data_reason as no_value_reason
        from owed_months
        cross join definitions
        left join
            reported_months
            on reported_months.kpi_id = definitions.kpi_id
            and reported_months.plant_id = owed_months.plant_id
            and reported_months.period_start_date = owed_months.period_start_date
        where reported_months.kpi_id is null
    ),

    all_values as (
        select reported.*
        from reported
        inner join changed on {{ same_partition("reported", "changed", period_keys()) }}
        union all
        select *
        from unsupported
    ),

    divided as (
        select
            all_values.*,
            coalesce(
                stated_value, {{ ratio("all_values.numerator", "all_values.denominator") }}
            ) as computed_value,
            definitions.coverage_floor_ratio,
            definitions.unit
        from all_values
        inner join definitions on definitions.kpi_id = all_values.kpi_id
    ),

    -- No figure without a reason, and no figure below its floor. The floor's comparison is with
    -- what is printed cut off, not rounded, so that 0.799 never reads as 0.80.
    judged as (
        select
            *,
            case
                when computed_value is null
                then no_value_reason
                when coverage_ratio is null
                then 'coverage not known'
                when coverage_ratio < coverage_floor_ratio
                then
                    concat(
                        'coverage ',
                        cast(
                            cast(floor(coverage_ratio * 100) as decimal(5, 0))
                            * cast(0.01 as decimal(3, 2)) as {{ dbt.type_string() }}
                        ),
                        ' below ',
                        cast(
                            cast(coverage_floor_ratio as decimal(4, 2)) as {{ dbt.type_string() }}
                        ),
                        ': ',
                        coverage_gap
                    )
            end as withheld_reason
        from divided
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
                "shift_id",
            ]
        )
    }} as kpi_values_id,
    plant_id,
    kpi_id,
    scope_type,
    scope_id,
    period_type,
    period_start_date,
    shift_id,
    numerator,
    denominator,
    case when withheld_reason is null then computed_value end as value,
    coverage_ratio,
    withheld_reason is not null as is_withheld,
    withheld_reason,
    unit
from judged
