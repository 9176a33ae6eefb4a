with
    routes as (select * from {{ ref("rollup_route_yield") }}),

    -- Of the units that entered the first operation, those that may be expected to pass every
    -- operation at once: so items of one unit of measure add up to the plant.
    scopes as (
        select
            plant_id,
            'item' as scope_type,
            item_id as scope_id,
            period_type,
            period_start_date,
            true as is_one_uom,
            cast(entered_qty as double) * rolled_yield_ratio as passed_qty,
            case when rolled_yield_ratio is not null then entered_qty end as entered_qty,
            {{ ratio("known_step_qty", "step_qty") }} as coverage_ratio
        from routes
        union all
        select
            plant_id,
            'plant' as scope_type,
            plant_id as scope_id,
            period_type,
            period_start_date,
            coalesce(min(base_uom) = max(base_uom), true) as is_one_uom,
            sum(cast(entered_qty as double) * rolled_yield_ratio) as passed_qty,
            sum(case when rolled_yield_ratio is not null then entered_qty end) as entered_qty,
            {{
                ratio(
                    "sum(case when rolled_yield_ratio is not null then entered_qty else 0 end)",
                    "sum(entered_qty)",
                )
            }} as coverage_ratio
        from routes
        group by plant_id, period_type, period_start_date
    ),

    explained as (
        select
            *,
            case when is_one_uom then passed_qty end as summed_passed_qty,
            case when is_one_uom then entered_qty end as summed_entered_qty,
            case
                when not is_one_uom
                then 'items in different units of measure'
                else 'operations of the route without output'
            end as no_value_reason
        from scopes
    )

    {{
        kpi_part(
            "rolled_throughput_yield",
            "explained",
            "summed_passed_qty",
            "summed_entered_qty",
            "coverage_ratio",
            "'operations of the route without output'",
            "no_value_reason",
        )
    }}
