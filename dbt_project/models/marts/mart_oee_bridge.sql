{#-
    Why OEE differs between two periods. OEE of a scope is the sum over its machines of
    share of planned busy time × availability × effectiveness × quality; quality of a machine is
    the sum over its items of share of ideal time × quality of the item. The factors move from
    before to after one at a time, in this order: the machines' shares (volume), the items' shares
    (mix), availability, effectiveness (performance), the items' quality. Each effect is what its
    step changes, so their sum is the difference. A factor that a machine or item has in only one of
    the two periods is taken from there for both: nothing but its share moves.
-#}
{%- set measures = ["pbt_s", "apt_s", "ideal_s", "good_ideal_s"] %}
{%- set item_measures = ["ideal_s", "good_ideal_s"] %}
{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('mart_oee_bridge_changes'), ['plant_id', 'period_type', 'before_start_date', 'after_start_date']) }}",
    )
}}

with
    pairs as (select * from {{ ref("mart_oee_bridge_changes") }} where is_changed),
    sums as (select * from {{ ref("rollup_machine") }} where period_type in ('week', 'month')),
    machines as (select * from {{ ref("dim_machine") }}),
    production as (select * from {{ ref("fct_production") }}),
    oee as (
        select *
        from {{ ref("kpi_values") }}
        where
            kpi_id = 'oee' and scope_type in ('line', 'plant') and period_type in ('week', 'month')
    ),

    machine_periods as (
        select
            sums.plant_id,
            sums.scope_id as machine_id,
            machines.line_id,
            sums.period_type,
            sums.period_start_date
            {%- for measure in measures %}, sums.{{ measure }}{% endfor %}
        from sums
        inner join
            machines on machines.plant_id = sums.plant_id and machines.machine_id = sums.scope_id
        where sums.scope_type = 'machine'
    ),

    production_periods as ({{ by_period("production", "production_date", ["week", "month"]) }}),

    item_periods as (
        select
            plant_id,
            machine_id,
            item_id,
            period_type,
            period_start_date
            {%- for measure in item_measures %}
                , coalesce(sum({{ measure }}), 0) as {{ measure }}
            {%- endfor %}
        from production_periods
        where ideal_s > 0
        group by plant_id, machine_id, item_id, period_type, period_start_date
    ),

    {%- for what in ["machine", "item"] %}
        {{ what }}_sides as (
            {%- for side in ["before", "after"] %}
                select
                    periods.*, '{{ side }}' as side, pairs.before_start_date, pairs.after_start_date
                from {{ what }}_periods as periods
                inner join
                    pairs
                    on pairs.plant_id = periods.plant_id
                    and pairs.period_type = periods.period_type
                    and pairs.{{ side }}_start_date = periods.period_start_date
                {%- if not loop.last %}
                    union all
                {%- endif %}
            {%- endfor %}
        ),
    {%- endfor %}

    -- A machine without planned busy time has no factors; what was counted on it is kept apart.
    machine_pairs as (
        select
            plant_id,
            machine_id,
            line_id,
            period_type,
            before_start_date,
            after_start_date
            {%- for side in ["before", "after"] %}
                {%- for measure in measures %}
                    ,
                    sum(
                        case when side = '{{ side }}' and pbt_s > 0 then {{ measure }} else 0 end
                    ) as {{ side }}_{{ measure }}
                {%- endfor %},
                sum(
                    case when side = '{{ side }}' and pbt_s = 0 then good_ideal_s else 0 end
                ) as {{ side }}_stray_s
            {%- endfor %}
        from machine_sides
        group by plant_id, machine_id, line_id, period_type, before_start_date, after_start_date
    ),

    item_pairs as (
        select
            items.plant_id,
            items.machine_id,
            items.item_id,
            items.period_type,
            items.before_start_date,
            items.after_start_date
            {%- for side in ["before", "after"] %}
                {%- for measure in item_measures %}
                    ,
                    sum(
                        case
                            when items.side = '{{ side }}' and machine_pairs.{{ side }}_pbt_s > 0
                            then items.{{ measure }}
                            else 0
                        end
                    ) as {{ side }}_{{ measure }}
                {%- endfor %}
            {%- endfor %}
        from item_sides as items
        inner join
            machine_pairs
            on machine_pairs.plant_id = items.plant_id
            and machine_pairs.machine_id = items.machine_id
            and machine_pairs.period_type = items.period_type
            and machine_pairs.before_start_date = items.before_start_date
            and machine_pairs.after_start_date = items.after_start_date
        group by
            items.plant_id,
            items.machine_id,
            items.item_id,
            items.period_type,
            items.before_start_date,
            items.after_start_date
    ),

    -- Quality of a machine with the items of after, each as good as it was before.
    mixed_quality as (
        select
            items.plant_id,
            items.machine_id,
            items.period_type,
            items.before_start_date,
            items.after_start_date,
            sum(
                coalesce(
                    {{ ratio("items.after_ideal_s", "machine_pairs.after_ideal_s") }},
                    {{ ratio("items.before_ideal_s", "machine_pairs.before_ideal_s") }}
                ) * coalesce(
                    {{ ratio("items.before_good_ideal_s", "items.before_ideal_s") }},
                    {{ ratio("items.after_good_ideal_s", "items.after_ideal_s") }},
                    0
                )
            ) as mixed_quality
        from item_pairs as items
        inner join
            machine_pairs
            on machine_pairs.plant_id = items.plant_id
            and machine_pairs.machine_id = items.machine_id
            and machine_pairs.period_type = items.period_type
            and machine_pairs.before_start_date = items.before_start_date
            and machine_pairs.after_start_date = items.after_start_date
        group by
            items.plant_id,
            items.machine_id,
            items.period_type,
            items.before_start_date,
            items.after_start_date
    ),

    own_factors as (
        select
            pairs.*
            {%- for side in ["before", "after"] %}
                ,
                {{ ratio("pairs." ~ side ~ "_apt_s", "pairs." ~ side ~ "_pbt_s") }}
                as {{ side }}_availability,
                {{ ratio("pairs." ~ side ~ "_ideal_s", "pairs." ~ side ~ "_pbt_s") }}
                as {{ side }}_rate,
                {{ ratio("pairs." ~ side ~ "_ideal_s", "pairs." ~ side ~ "_apt_s") }}
                as {{ side }}_effectiveness,
                {{ ratio("pairs." ~ side ~ "_good_ideal_s", "pairs." ~ side ~ "_ideal_s") }}
                as {{ side }}_quality
            {%- endfor %},
            coalesce(mixed_quality.mixed_quality, 0) as mixed_quality
        from machine_pairs as pairs
        left join
            mixed_quality
            on mixed_quality.plant_id = pairs.plant_id
            and mixed_quality.machine_id = pairs.machine_id
            and mixed_quality.period_type = pairs.period_type
            and mixed_quality.before_start_date = pairs.before_start_date
            and mixed_quality.after_start_date = pairs.after_start_date
    ),

    -- What one period lacks is taken from the other. The rate is availability × effectiveness; it
    -- is known also where units were counted and no production time was.
    factors as (
        select
            plant_id,
            machine_id,
            line_id,
            period_type,
            before_start_date,
            after_start_date,
            before_pbt_s,
            after_pbt_s,
            before_stray_s,
            after_stray_s,
            mixed_quality,
            coalesce(before_availability, after_availability, 0) as before_availability,
            coalesce(after_availability, before_availability, 0) as after_availability,
            coalesce(before_rate, after_rate, 0) as before_rate,
            coalesce(after_rate, before_rate, 0) as after_rate,
            coalesce(before_effectiveness, after_effectiveness, 0) as effectiveness,
            coalesce(before_quality, after_quality, 0) as before_quality,
            coalesce(after_quality, before_quality, 0) as after_quality
        from own_factors
    ),

    scopes as ({{ by_scope("factors", ["line", "plant"]) }}),

    shares as (
        select
            *,
            sum(before_pbt_s) over (
                partition by
                    plant_id, scope_type, scope_id, period_type, before_start_date, after_start_date
            ) as scope_before_pbt_s,
            sum(after_pbt_s) over (
                partition by
                    plant_id, scope_type, scope_id, period_type, before_start_date, after_start_date
            ) as scope_after_pbt_s
        from scopes
    ),

    weighed as (
        select
            *,
            {{ ratio("before_pbt_s", "scope_before_pbt_s") }} as before_share,
            {{ ratio("after_pbt_s", "scope_after_pbt_s") }} as after_share,
            {{ ratio("before_stray_s", "scope_before_pbt_s") }} as before_stray,
            {{ ratio("after_stray_s", "scope_after_pbt_s") }} as after_stray,
            (after_availability - before_availability) * effectiveness as availability_step
        from shares
    ),

    effects as (
        select
            plant_id,
            scope_type,
            scope_id,
            period_type,
            before_start_date,
            after_start_date,
            sum(
                (after_share - before_share) * before_rate * before_quality
                + after_stray
                - before_stray
            ) as volume_effect,
            sum(after_share * before_rate * (mixed_quality - before_quality)) as mix_effect,
            sum(after_share * availability_step * mixed_quality) as availability_effect,
            sum(
                after_share * (after_rate - before_rate - availability_step) * mixed_quality
            ) as performance_effect,
            sum(after_share * after_rate * (after_quality - mixed_quality)) as quality_effect
        from weighed
        group by plant_id, scope_type, scope_id, period_type, before_start_date, after_start_date
    ),

    -- Between two figures one of which is withheld there is nothing to explain.
    changes as (
        select
            pairs.*,
            oee_before.scope_type,
            oee_before.scope_id,
            oee_before.value as oee_before_ratio,
            oee_after.value as oee_after_ratio,
            coalesce(oee_before.withheld_reason, oee_after.withheld_reason) as withheld_reason
        from pairs
        inner join
            oee as oee_before
            on oee_before.plant_id = pairs.plant_id
            and oee_before.period_type = pairs.period_type
            and oee_before.period_start_date = pairs.before_start_date
        inner join
            oee as oee_after
            on oee_after.plant_id = pairs.plant_id
            and oee_after.period_type = pairs.period_type
            and oee_after.period_start_date = pairs.after_start_date
            and oee_after.scope_type = oee_before.scope_type
            and oee_after.scope_id = oee_before.scope_id
    )

select
    {{
        surrogate_key(
            [
                "changes.plant_id",
                "changes.scope_type",
                "changes.scope_id",
                "changes.period_type",
                "changes.before_start_date",
                "changes.after_start_date",
            ]
        )
    }} as oee_bridge_key,
    changes.plant_id,
    changes.scope_type,
    changes.scope_id,
    changes.period_type,
    changes.before_start_date,
    changes.after_start_date,
    changes.oee_before_ratio,
    changes.oee_after_ratio,
    changes.oee_after_ratio - changes.oee_before_ratio as oee_change_ratio,
    {%- for effect in ["volume", "mix", "availability", "performance", "quality"] %}
        case
            when changes.withheld_reason is null then effects.{{ effect }}_effect
        end as {{ effect }}_effect_ratio,
    {%- endfor %}
    changes.withheld_reason
from changes
left join
    effects
    on effects.plant_id = changes.plant_id
    and effects.scope_type = changes.scope_type
    and effects.scope_id = changes.scope_id
    and effects.period_type = changes.period_type
    and effects.before_start_date = changes.before_start_date
    and effects.after_start_date = changes.after_start_date
