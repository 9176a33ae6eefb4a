with
    sums as (select * from {{ ref("rollup_labour") }}),

    explained as (
        select
            *,
            case when is_work_recorded then attended_apwt_s end as known_apwt_s,
            case
                when apwt_s > 0
                then {{ ratio("attended_apwt_s", "apwt_s") }}
                when is_work_recorded and apat_s > 0
                then 1.0
            end as attended_coverage,
            case
                when apat_s > 0 then 'no work time delivered' else 'no attendance delivered'
            end as no_value_reason
        from sums
    )

    {{
        kpi_part(
            "worker_efficiency",
            "explained",
            "known_apwt_s",
            "apat_s",
            "attended_coverage",
            "'work of people who were not logged in'",
            "no_value_reason",
            shift_id="shift_id",
        )
    }}
