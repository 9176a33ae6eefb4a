with
    figures as (
        select *
        from {{ ref("kpi_figure_changes") }}
        where digest is not null and period_type in ('day', 'week', 'month')
    ),
    periods as (select * from {{ ref("kpi_periods") }} where is_over),
    baselines as (select * from {{ ref("int_kpi_baselines__spanned") }}),

    -- Of a period: its figures, that it is over, and the baselines that speak of it.
    parts_of_periods as (
        select plant_id, period_type, period_start_date, digest
        from figures
        union all
        select plant_id, period_type, period_start_date, cast(1 as decimal(38, 0)) as digest
        from periods
        union all
        select
            periods.plant_id,
            periods.period_type,
            periods.period_start_date,
            cast(
                {{
                    hash_of(
                        [
                            "baselines.kpi_id",
                            "baselines.scope_type",
                            "baselines.scope_id",
                            "baselines.from_date",
                            "baselines.reason",
                            "baselines.author",
                        ]
                    )
                }} as decimal(38, 0)
            ) as digest
        from periods
        inner join
            baselines
            on baselines.plant_id = periods.plant_id
            and baselines.period_type = periods.period_type
            and {{ valid_at("baselines", "periods.period_start_date", "from_date", "until_date") }}
    ),

    digests as (
        select plant_id, period_type, period_start_date, sum(digest) as digest
        from parts_of_periods
        group by plant_id, period_type, period_start_date
    ),

    changes as ({{ changes_of("digests", period_keys()) }})

-- A chart goes on from the points before: what follows a changed period changes with it.
select
    plant_id,
    period_type,
    period_start_date,
    digest,
    coalesce(
        period_start_date >= min(case when is_changed then period_start_date end) over (
            partition by plant_id, period_type
        ),
        false
    ) as is_changed
from changes
