{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_capability_changes'), period_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_capability_changes") }} where is_changed),
    samples as (select * from {{ ref("fct_measurement_subgroup") }}),
    shifts as (select * from {{ ref("dim_shift") }}),

    samples_with_shift as (
        select
            samples.*,
            {{ ratio("samples.measured_sum", "samples.measurement_qty") }} as sample_mean,
            shifts.shift_id as own_shift_id,
            shifts.shift_kind
        from samples
        left join shifts on shifts.shift_key = samples.shift_key
    ),

    -- A machine's capability is short-term: one shift or one day of one machine. A process runs on
    -- all of its machines, over days and longer.
    all_studies as (
        select
            'machine' as study,
            concat(characteristic_id, '@', machine_id) as scope_id,
            'shift' as period_type,
            production_date as period_start_date,
            own_shift_id as shift_id,
            samples_with_shift.*
        from samples_with_shift
        where machine_id is not null and shift_kind = 'shift'
        union all
        select
            'machine' as study,
            concat(characteristic_id, '@', machine_id) as scope_id,
            'day' as period_type,
            production_date as period_start_date,
            cast(null as {{ dbt.type_string() }}) as shift_id,
            samples_with_shift.*
        from samples_with_shift
        where machine_id is not null
        {%- for period in ["day", "week", "month"] %}
            union all
            select
                'process' as study,
                characteristic_id as scope_id,
                '{{ period }}' as period_type,
                {{ period_start(period, "production_date") }} as period_start_date,
                cast(null as {{ dbt.type_string() }}) as shift_id,
                samples_with_shift.*
            from samples_with_shift
        {%- endfor %}
    ),

    studies as ({{ changed_rows("all_studies", period_keys()) }}),

    sums as (
        select
            plant_id,
            study,
            scope_id,
            period_type,
            period_start_date,
            shift_id,
            sum(measurement_qty) as measurement_qty,
            {{ ratio("sum(measured_sum)", "sum(measurement_qty)") }} as measured_mean,
            sum(
                case
                    when lower_limit is not null and upper_limit is not null
                    then measurement_qty
                    else 0
                end
            ) as two_sided_qty,
            sum(
                case
                    when lower_limit is not null or upper_limit is not null
                    then measurement_qty
                    else 0
                end
            ) as limited_qty,
            -- Limits that changed, or that differ between items: no one figure stands for them.
            max(lower_limit) as lower_limit,
            max(upper_limit) as upper_limit,
            count(distinct lower_limit) as lower_limit_qty,
            count(distinct upper_limit) as upper_limit_qty,
            count(distinct uom) as uom_qty,
            sum(case when measurement_qty > 1 then 1 else 0 end) as subgroup_qty,
            sum(case when measurement_qty = 1 then 1 else 0 end) as single_qty,
            sum(squared_deviation_sum) as within_squared_deviation_sum,
            sum(measurement_qty - 1) as within_freedom_qty,
            sum(moving_range) as moving_range_sum,
            count(moving_range) as moving_range_qty
        from studies
        group by plant_id, study, scope_id, period_type, period_start_date, shift_id
    ),

    -- All variation is the variation within the samples and that of their means.
    totals as (
        select
            studies.plant_id,
            studies.study,
            studies.scope_id,
            studies.period_type,
            studies.period_start_date,
            studies.shift_id,
            sum(
                studies.squared_deviation_sum
                + studies.measurement_qty
                * (studies.sample_mean - sums.measured_mean)
                * (studies.sample_mean - sums.measured_mean)
            ) as squared_deviation_sum
        from studies
        inner join
            sums
            on sums.plant_id = studies.plant_id
            and sums.study = studies.study
            and sums.scope_id = studies.scope_id
            and sums.period_type = studies.period_type
            and sums.period_start_date = studies.period_start_date
            and sums.shift_id is not distinct from studies.shift_id
        group by
            studies.plant_id,
            studies.study,
            studies.scope_id,
            studies.period_type,
            studies.period_start_date,
            studies.shift_id
    )

select sums.*, totals.squared_deviation_sum
from sums
inner join
    totals
    on totals.plant_id = sums.plant_id
    and totals.study = sums.study
    and totals.scope_id = sums.scope_id
    and totals.period_type = sums.period_type
    and totals.period_start_date = sums.period_start_date
    and totals.shift_id is not distinct from sums.shift_id
