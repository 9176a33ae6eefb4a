{%- set machine = "plant_id, source, machine_id" %}
with
    changes as (select * from {{ ref("int_counter_readings__differenced") }}),
    counts as (select * from {{ ref("stg_production_counts") }}),
    identifiers as (select * from {{ ref("stg_identifiers") }} where id_kind = 'machine'),

    changes_in_turn as (
        select
            *,
            -- Nothing is known of a counter before its first reading.
            min(case when counter = 'produced' then read_at end) over (
                partition by {{ machine }}
            ) as produced_since_at,
            min(case when counter = 'good' then read_at end) over (
                partition by {{ machine }}
            ) as good_since_at,
            min(case when counter = 'scrap' then read_at end) over (
                partition by {{ machine }}
            ) as scrap_since_at,
            row_number() over (
                partition by {{ machine }}, read_at
                order by
                    case when counter = 'produced' then 0 when counter = 'good' then 1 else 2 end
            ) as speaker_no
        from changes
    ),

    -- A run lasts from one moment at which any counter of the machine was read to the next. A
    -- counter that was not read then has not changed.
    moments as (
        select
            {{ machine }},
            read_at,
            min(order_id) as order_id,
            min(item_id) as item_id,
            max(case when change_kind = 'reset' then 1 else 0 end) as reset_qty,
            case
                when min(produced_since_at) < read_at
                then coalesce(sum(case when counter = 'produced' then change_qty end), 0)
            end as produced_qty,
            case
                when min(good_since_at) < read_at
                then coalesce(sum(case when counter = 'good' then change_qty end), 0)
            end as good_qty,
            case
                when min(scrap_since_at) < read_at
                then coalesce(sum(case when counter = 'scrap' then change_qty end), 0)
            end as scrap_qty,
            max(case when speaker_no = 1 then delivery_id end) as delivery_id,
            max(case when speaker_no = 1 then line_no end) as line_no
        from changes_in_turn
        group by {{ machine }}, read_at
    ),

    moments_in_turn as (
        select
            *, lag(read_at) over (partition by {{ machine }} order by read_at) as previous_read_at
        from moments
    ),

    -- Of produced, good and scrap, two tell the third, and what three leave over is rework. The
    -- third may be negative: a unit that was good a moment ago and is scrap now is taken back.
    runs as (
        select
            moments.plant_id,
            moments.source,
            concat(
                'counters of ',
                moments.machine_id,
                ' at ',
                cast(moments.read_at as {{ dbt.type_string() }})
            ) as run_id,
            moments.machine_id,
            coalesce(identifiers.business_id, moments.machine_id) as business_machine_id,
            moments.order_id,
            moments.item_id,
            moments.previous_read_at as start_at,
            moments.read_at as end_at,
            moments.produced_qty,
            moments.good_qty,
            coalesce(moments.scrap_qty, moments.produced_qty - moments.good_qty) as scrap_qty,
            case
                when
                    moments.produced_qty is not null
                    and moments.good_qty is not null
                    and moments.scrap_qty is not null
                then moments.produced_qty - moments.good_qty - moments.scrap_qty
                when
                    moments.produced_qty + moments.good_qty is not null
                    or moments.produced_qty + moments.scrap_qty is not null
                    or moments.good_qty + moments.scrap_qty is not null
                then 0
            end as rework_qty,
            case
                when moments.reset_qty > 0 then 'counter_reset' else 'counter'
            end as quantity_origin,
            moments.delivery_id,
            moments.line_no
        from moments_in_turn as moments
        left join
            identifiers
            on identifiers.plant_id = moments.plant_id
            and identifiers.source = moments.source
            and identifiers.source_id = moments.machine_id
        where
            moments.previous_read_at is not null
            and (moments.produced_qty <> 0 or moments.good_qty <> 0 or moments.scrap_qty <> 0)
    ),

    counting_machines as (select distinct plant_id, business_machine_id from runs),

    -- What runs say of a machine with counters, beside what the counters say: in the order in which
    -- a run must have begun to overlap what was counted.
    told as (
        select
            counts.plant_id,
            coalesce(identifiers.business_id, counts.machine_id) as business_machine_id,
            cast(null as {{ dbt.type_string() }}) as source,
            cast(null as {{ dbt.type_string() }}) as run_id,
            counts.start_at as begun_at,
            coalesce(counts.end_at, counts.watermark_at) as told_until_at,
            1 as tie_no
        from counts
        left join
            identifiers
            on identifiers.plant_id = counts.plant_id
            and identifiers.source = counts.source
            and identifiers.source_id = counts.machine_id
        inner join
            counting_machines
            on counting_machines.plant_id = counts.plant_id
            and counting_machines.business_machine_id
            = coalesce(identifiers.business_id, counts.machine_id)
        where coalesce(counts.produced_qty, counts.good_qty, counts.scrap_qty) is not null
        union all
        select plant_id, business_machine_id, source, run_id, end_at, null, 0
        from runs
    ),

    told_before as (
        select
            plant_id,
            source,
            run_id,
            max(told_until_at) over (
                partition by plant_id, business_machine_id
                order by begun_at, tie_no
                rows between unbounded preceding and current row
            ) as told_until_at
        from told
    )

-- No unit is counted twice: where a run with a quantity overlaps, the run counts.
select
    runs.plant_id,
    runs.source,
    runs.run_id,
    runs.machine_id,
    runs.order_id,
    runs.item_id,
    runs.start_at,
    runs.end_at,
    cast(runs.produced_qty as decimal(18, 6)) as produced_qty,
    cast(runs.good_qty as decimal(18, 6)) as good_qty,
    cast(runs.scrap_qty as decimal(18, 6)) as scrap_qty,
    cast(runs.rework_qty as decimal(18, 6)) as rework_qty,
    runs.quantity_origin,
    runs.delivery_id,
    runs.line_no
from runs
inner join
    told_before
    on told_before.plant_id = runs.plant_id
    and told_before.source = runs.source
    and told_before.run_id = runs.run_id
where told_before.told_until_at is null or told_before.told_until_at <= runs.start_at
