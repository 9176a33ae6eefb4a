{#-
    XmR charts (individual values and moving ranges) of every KPI, with the Western Electric rules.

    Points are the figures of periods that are over, in the order of their periods. A withheld
    figure is no point: the chart goes on with the next one, whose moving range is taken from the
    last point, and says how many were withheld between.

    Limits come from the first points of a series, 12 at least and 20 at most, and then stay; a new
    series begins where kpi_baselines says so. d2 and D4 are the published constants for ranges of
    two values.

    A night goes on where the charts stood. The points before the first changed period of their plant
    and period type are kept, and so are the limits of a series that had its whole baseline by then;
    what comes after is judged together with the last kept points, as far back as the rules look. A
    series that still gathers its baseline is drawn anew: each of its points moves the limits of all.
-#}
{%- set least_points = 12 %}
{%- set most_points = 20 %}
{%- set d2 = 1.128 %}
{%- set upper_range_factor = 3.268 %}
{#- Beyond how many sigmas, on one side, how many points of how many. -#}
{%- set rules = {
    "we1": (3, 1, 1),
    "we2": (2, 2, 3),
    "we3": (1, 4, 5),
    "we4": (0, 8, 8),
} %}
{%- set sides = ["above", "below"] %}
{%- set looked_back = rules.values() | map("last") | max %}
{%- set series = [
    "plant_id",
    "kpi_id",
    "scope_type",
    "scope_id",
    "period_type",
    "baseline_from_date",
] %}
{%- set series_columns = [] %}
{%- for column in series %} {%- do series_columns.append("named." ~ column) %} {%- endfor %}
{{
    config(
        materialized="incremental",
        pre_hook=[
            "{{ forget_changed(ref('kpi_signal_changes'), period_keys()) }}",
            "{{ forget_short_series(ref('kpi_signal_changes'), " ~ most_points ~ ") }}",
        ],
    )
}}

with
    figures as (
        select * from {{ ref("kpi_figures") }} where period_type in ('day', 'week', 'month')
    ),
    definitions as (select * from {{ ref("kpi_definitions") }}),
    baselines as (select * from {{ ref("int_kpi_baselines__spanned") }}),
    periods as (select * from {{ ref("kpi_periods") }}),
    changed as (
        select distinct plant_id, period_type from {{ ref("kpi_signal_changes") }} where is_changed
    ),

    -- What is known of a running period says nothing yet of all of it.
    finished as (
        select figures.*
        from figures
        inner join
            changed
            on changed.plant_id = figures.plant_id
            and changed.period_type = figures.period_type
        inner join
            periods
            on periods.plant_id = figures.plant_id
            and periods.period_type = figures.period_type
            and periods.period_start_date = figures.period_start_date
        where periods.is_over
    ),

    in_series as (
        select
            finished.*,
            baselines.from_date as baseline_from_date,
            baselines.reason as baseline_reason,
            baselines.author as baseline_author
        from finished
        left join
            baselines
            on baselines.plant_id = finished.plant_id
            and baselines.kpi_id = finished.kpi_id
            and baselines.scope_type = finished.scope_type
            and baselines.scope_id = finished.scope_id
            and baselines.period_type = finished.period_type
            and {{ valid_at("baselines", "finished.period_start_date", "from_date", "until_date") }}
    ),

    {%- if is_incremental() %}

        -- The charts that go on: their limits and where they stood.
        kept_points as (
            select points.*
            from {{ this }} as points
            inner join
                changed
                on changed.plant_id = points.plant_id
                and changed.period_type = points.period_type
        ),

        kept_charts as (
            select
                {{ series | join(", ") }},
                max(point_no) as point_qty,
                max(period_start_date) as last_date,
                max(baseline_qty) as baseline_qty,
                max(centre_line) as centre_line,
                max(mean_moving_range) as mean_moving_range
            from kept_points
            group by {{ series | join(", ") }}
        ),

    {%- endif %}

    -- Of a chart that goes on, what follows its last kept point is drawn, and as many points up to
    -- that one as the rules look back.
    drawn as (
        select
            in_series.kpi_values_id,
            {%- for column in series %} in_series.{{ column }}, {%- endfor %}
            in_series.period_start_date,
            in_series.baseline_reason,
            in_series.baseline_author,
            in_series.value,
            in_series.unit,
            {%- if is_incremental() %} coalesce(kept_charts.point_qty, 0) as kept_point_qty,
            {%- else %} 0 as kept_point_qty,
            {%- endif %}
            false as is_kept
        from in_series
        {%- if is_incremental() %}
            left join kept_charts on {{ same_partition("kept_charts", "in_series", series) }}
            where
                kept_charts.last_date is null or kept_charts.last_date < in_series.period_start_date
            union all
            select
                kept_points.kpi_values_id,
                {%- for column in series %} kept_points.{{ column }}, {%- endfor %}
                kept_points.period_start_date,
                kept_points.baseline_reason,
                kept_points.baseline_author,
                kept_points.value,
                kept_points.unit,
                kept_charts.point_qty as kept_point_qty,
                true as is_kept
            from kept_points
            inner join kept_charts on {{ same_partition("kept_charts", "kept_points", series) }}
            where kept_points.point_no > kept_charts.point_qty - {{ looked_back }}
        {%- endif %}
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by {{ series | join(", ") }} order by period_start_date
            ) as figure_no
        from drawn
    ),

    points as (
        select
            *,
            greatest(kept_point_qty - {{ looked_back }}, 0) + row_number() over (
                partition by {{ series | join(", ") }} order by figure_no
            ) as point_no,
            abs(
                value - lag(value) over (partition by {{ series | join(", ") }} order by figure_no)
            ) as moving_range,
            figure_no - coalesce(
                lag(figure_no) over (partition by {{ series | join(", ") }} order by figure_no), 0
            )
            - 1 as withheld_before_qty
        from numbered
        where value is not null
    ),

    sums as (
        select
            {{ series | join(", ") }},
            count(*) as baseline_qty,
            {{ ratio("sum(value)", "count(*)") }} as centre_line,
            {{ ratio("sum(moving_range)", "count(moving_range)") }} as mean_moving_range
        from points
        where kept_point_qty = 0 and point_no <= {{ most_points }}
        group by {{ series | join(", ") }}
        {%- if is_incremental() %}
            union all
            select {{ series | join(", ") }}, baseline_qty, centre_line, mean_moving_range
            from kept_charts
        {%- endif %}
    ),

    limits as (select *, {{ ratio("mean_moving_range", d2) }} as sigma from sums),

    -- A sum of equal numbers is not exactly as many times the number: what differs by a billionth
    -- of the centre lies on it.
    zones as (
        select
            points.*,
            limits.baseline_qty,
            limits.centre_line,
            limits.mean_moving_range,
            limits.sigma,
            case
                when points.value - limits.centre_line > 0.000000001 * abs(limits.centre_line)
                then 'above'
                when limits.centre_line - points.value > 0.000000001 * abs(limits.centre_line)
                then 'below'
            end as side,
            case
                {%- for zone in [3, 2, 1] %}
                    when
                        abs(points.value - limits.centre_line)
                        > {{ zone }} * limits.sigma + 0.000000001 * abs(limits.centre_line)
                    then {{ zone }}
                {%- endfor %}
                else 0
            end as zone_no
        from points
        inner join limits on {{ same_partition("limits", "points", series) }}
    ),

    held as (
        select
            *
            {%- for rule, (zone, needed, length) in rules.items() %}
                {%- for side in sides %}
                    ,
                    baseline_qty >= {{ least_points }}
                    and sum(
                        case when side = '{{ side }}' and zone_no >= {{ zone }} then 1 else 0 end
                    ) over (
                        partition by {{ series | join(", ") }}
                        order by point_no rows between {{ length - 1 }} preceding and current row
                    )
                    >= {{ needed }} as {{ rule }}_{{ side }}
                {%- endfor %}
            {%- endfor %}
        from zones
    ),

    -- A signal is raised where a rule begins to hold, and not again while it goes on.
    raised as (
        select
            *
            {%- for rule in rules %}
                ,
                case
                    when
                        {% for side in sides -%}
                            (
                                {{ rule }}_{{ side }}
                                and not coalesce(
                                    lag({{ rule }}_{{ side }}) over (
                                        partition by {{ series | join(", ") }} order by point_no
                                    ),
                                    false
                                )
                            )
                            {%- if not loop.last %} or {% endif %}
                        {%- endfor %}
                    then '|{{ rule | upper }}'
                    else ''
                end as {{ rule }}_raised
            {%- endfor %}
        from held
    ),

    named as (
        select
            *,
            nullif(
                substring(
                    concat(
                        {%- for rule in rules %}
                            {{ rule }}_raised {%- if not loop.last %}, {% endif %}
                        {%- endfor %}
                    ),
                    2
                ),
                ''
            ) as raised_rules
        from raised
    )

select
    named.kpi_values_id,
    {{ surrogate_key(series_columns) }} as series_key,
    named.plant_id,
    named.kpi_id,
    named.scope_type,
    named.scope_id,
    named.period_type,
    named.period_start_date,
    named.point_no,
    named.withheld_before_qty,
    named.value,
    named.moving_range,
    named.centre_line,
    named.centre_line - 3 * named.sigma as lower_limit,
    named.centre_line + 3 * named.sigma as upper_limit,
    named.mean_moving_range,
    {{ upper_range_factor }} * named.mean_moving_range as upper_range_limit,
    named.sigma,
    named.unit,
    named.baseline_from_date,
    named.baseline_reason,
    named.baseline_author,
    named.baseline_qty,
    named.point_no <= {{ most_points }} as is_in_baseline,
    named.baseline_qty >= {{ least_points }} as is_baseline_complete
    {%- for rule in rules %}
        , named.{{ rule }}_above or named.{{ rule }}_below as is_{{ rule }}
    {%- endfor %},
    named.raised_rules,
    case when named.raised_rules is not null then named.side end as signal_side,
    case
        when named.raised_rules is not null
        then
            (named.side = 'above' and definitions.direction = 'up')
            or (named.side = 'below' and definitions.direction = 'down')
    end as is_better
from named
inner join definitions on definitions.kpi_id = named.kpi_id
where not named.is_kept
