{%- set sample = [
    "plant_id",
    "source",
    "characteristic_id",
    "machine_id",
    "item_id",
    "subgroup_id",
    "single_id",
    "lower_limit",
    "upper_limit",
    "uom",
] %}
with
    windows as (select * from {{ ref("int_plant_windows__tiled") }}),

    -- A value without a subgroup is a sample of its own.
    measurements as (
        select *, case when subgroup_id is null then measurement_id end as single_id
        from {{ ref("int_measurements__resolved") }}
    ),

    -- Deviations are taken from the sample's own mean: squares of the values themselves would lose
    -- the last digits, which is where the variation of a good process is.
    deviations as (
        select
            *,
            {{
                ratio(
                    "sum(measured_value) over (partition by " + sample | join(", ") + ")",
                    "count(*) over (partition by " + sample | join(", ") + ")",
                )
            }} as sample_mean
        from measurements
    ),

    samples as (
        select
            {{ sample | join(", ") }},
            min(measured_at) as first_measured_at,
            count(*) as measurement_qty,
            sum(measured_value) as measured_sum,
            sum(
                (cast(measured_value as double) - sample_mean)
                * (cast(measured_value as double) - sample_mean)
            ) as squared_deviation_sum,
            max(measured_value) - min(measured_value) as measured_range
        from deviations
        group by {{ sample | join(", ") }}
    )

-- Single values vary from one to the next: the range to the value before, of the same machine and
-- item within the same limits, counts for the later one.
select
    samples.plant_id,
    samples.source,
    samples.characteristic_id,
    samples.machine_id,
    samples.item_id,
    samples.subgroup_id,
    samples.single_id,
    samples.lower_limit,
    samples.upper_limit,
    samples.uom,
    windows.production_date,
    windows.shift_id,
    samples.first_measured_at,
    samples.measurement_qty,
    samples.measured_sum,
    samples.squared_deviation_sum,
    samples.measured_range,
    case
        when samples.measurement_qty = 1
        then
            abs(
                samples.measured_sum - lag(samples.measured_sum) over (
                    partition by
                        samples.plant_id,
                        samples.characteristic_id,
                        samples.machine_id,
                        samples.item_id,
                        samples.lower_limit,
                        samples.upper_limit,
                        samples.uom,
                        case when samples.measurement_qty = 1 then 1 else 0 end
                    order by
                        samples.first_measured_at,
                        samples.source,
                        samples.subgroup_id,
                        samples.single_id
                )
            )
    end as moving_range
from samples
left join
    windows
    on windows.plant_id = samples.plant_id
    and windows.utc_date = cast(samples.first_measured_at as date)
    and windows.window_start_at <= samples.first_measured_at
    and windows.window_end_at > samples.first_measured_at
