with
    sums as (select * from {{ ref("rollup_batch") }})

    {{
        kpi_part(
            "epei_days",
            "sums",
            ratio("interval_s", "86400"),
            "interval_qty",
            ratio("known_run_qty", "run_qty"),
            "'runs without an item'",
            "'no item was made a second time'",
        )
    }}
