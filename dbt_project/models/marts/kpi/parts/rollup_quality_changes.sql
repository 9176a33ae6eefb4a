with
    days as (
        select plant_id, production_date, {{ digest_of(ref("rollup_item_shift")) }} as digest
        from {{ ref("rollup_item_shift") }}
        group by plant_id, production_date
    ),

    periods as ({{ digests_of_periods("days") }})

    {{ changes_of("periods", period_keys()) }}
