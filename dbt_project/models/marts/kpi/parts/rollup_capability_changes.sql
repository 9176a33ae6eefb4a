with
    samples as (select * from {{ ref("fct_measurement_subgroup") }}),
    shifts as (select * from {{ ref("dim_shift") }}),

    shifts_of_days as (
        select distinct
            samples.plant_id, samples.production_date, shifts.shift_id, shifts.shift_kind
        from samples
        inner join shifts on shifts.shift_key = samples.shift_key
    ),

    parts_of_days as (
        select plant_id, production_date, {{ digest_of(ref("fct_measurement_subgroup")) }} as digest
        from samples
        group by plant_id, production_date
        union all
        select
            plant_id,
            production_date,
            cast({{ hash_of(["shift_id", "shift_kind"]) }} as decimal(38, 0)) as digest
        from shifts_of_days
    ),

    days as (
        select plant_id, production_date, sum(digest) as digest
        from parts_of_days
        group by plant_id, production_date
    ),

    periods as ({{ digests_of_periods("days") }})

    {{ changes_of("periods", period_keys()) }}
