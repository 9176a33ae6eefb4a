{#-
    Listed dates on either side whose stops may hang together with those of a date: two whole days
    are longer than any minor stop.
-#}
{%- set dates_around = 2 %}
{%- set around = (
    "over (partition by plant_id order by production_date rows between "
    ~ dates_around
    ~ " preceding and "
    ~ dates_around
    ~ " following)"
) %}
with
    windows as (select * from {{ ref("int_machine_windows__tiled") }}),
    plants as (select * from {{ ref("stg_plants") }}),

    pieces as (
        select
            window_no,
            {{ digest_of(ref("int_machine_time__tiled"), ["window_no", "state_no", "kind_no"]) }}
            as digest
        from {{ ref("int_machine_time__tiled") }}
        group by window_no
    ),

    window_digests as (
        select
            window_no, {{ digest_of(ref("int_machine_windows__tiled"), ["window_no"]) }} as digest
        from windows
        group by window_no
    ),

    -- One hash of a window with its pieces: these do not say themselves which machine they are of.
    parts_of_dates as (
        select
            windows.plant_id,
            windows.production_date,
            cast(
                {{
                    hash_of(
                        ["window_digests.digest", "pieces.digest", "plants.minor_stop_limit_s"]
                    )
                }} as decimal(38, 0)
            ) as digest
        from windows
        inner join plants on plants.plant_id = windows.plant_id
        inner join window_digests on window_digests.window_no = windows.window_no
        left join pieces on pieces.window_no = windows.window_no
    ),

    dates as (
        select plant_id, production_date, sum(digest) as digest
        from parts_of_dates
        group by plant_id, production_date
    ),

    changes as ({{ changes_of("dates", date_keys()) }}),

    near_changes as (
        select *, max(case when is_changed then 1 else 0 end) {{ around }} as near_qty from changes
    )

select
    plant_id,
    production_date,
    digest,
    near_qty > 0 as is_changed,
    max(near_qty) {{ around }} > 0 as is_read
from near_changes
