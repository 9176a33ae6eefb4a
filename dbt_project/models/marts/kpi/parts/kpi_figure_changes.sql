with
    plant_months as (select * from {{ ref("rollup_plant_month") }}),

    periods as (
        select plant_id, period_type, period_start_date, {{ digest_of(ref("part_all")) }} as digest
        from {{ ref("part_all") }}
        group by plant_id, period_type, period_start_date
    ),

    -- What a month still owes depends on its shifts and days too, and on whether it is one of the
    -- plant's.
    parts_of_periods as (
        select plant_id, period_type, period_start_date, digest
        from periods
        union all
        select
            plant_id,
            'month' as period_type,
            {{ period_start("month", "period_start_date") }} as period_start_date,
            digest
        from periods
        where period_type in ('shift', 'day')
        union all
        select
            plant_id, 'month' as period_type, period_start_date, cast(1 as decimal(38, 0)) as digest
        from plant_months
    ),

    digests as (
        select plant_id, period_type, period_start_date, sum(digest) as digest
        from parts_of_periods
        group by plant_id, period_type, period_start_date
    )

    {{ changes_of("digests", period_keys()) }}
