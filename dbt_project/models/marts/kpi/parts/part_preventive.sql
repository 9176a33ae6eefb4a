with
    sums as (select * from {{ ref("rollup_preventive") }})

    {{
        kpi_part(
            "pm_compliance_ratio",
            "sums",
            "on_time_qty",
            "due_qty",
            ratio("due_qty", "(due_qty + undated_qty)"),
            "'preventive orders without a due date'",
            "'no preventive order with a due date'",
        )
    }}
