{#
    The rows of a raw feed as its system knows them now. raw keeps every delivered version; the
    latest change wins, then the later extraction, so the order of arrival never matters. A row
    whose latest version says it is deleted is gone.

    `key` is the feed's key without plant_id and source, which belong to every key. The delivery's
    extraction, watermark and system travel with the row: open intervals end where their
    table's newest extraction stands.

    Most keys were delivered once. Only the others are ranked: sorting every row of a large feed
    to find that it has no rival costs five times what counting the keys does.
#}
{% macro current_rows(feed, key) -%}
    {%- set keys = ["plant_id", "source"] + key -%}
    (
        with
            redelivered as (
                select {{ keys | join(", ") }}, count(*) as version_qty
                from {{ source("raw", feed) }}
                group by {{ keys | join(", ") }}
                having count(*) > 1
            ),

            versions as (
                select
                    delivered.*,
                    deliveries.system,
                    deliveries.extracted_at,
                    deliveries.open_until_at as watermark_at,
                    redelivered.version_qty
                from {{ source("raw", feed) }} as delivered
                left join
                    {{ ref("stg_deliveries") }} as deliveries
                    on deliveries.delivery_id = delivered.delivery_id
                left join
                    redelivered
                    on {% for column in keys -%}
                        {%- if not loop.first %} and {% endif -%}
                        redelivered.{{ column }} is not distinct from delivered.{{ column }}
                    {%- endfor %}
            ),

            ranked as (
                select
                    *,
                    row_number() over (
                        partition by {{ keys | join(", ") }}
                        order by
                            coalesce(changed_at, extracted_at) desc,
                            extracted_at desc,
                            delivery_id desc,
                            line_no desc
                    ) as version_no
                from versions
                where version_qty is not null
            )

        select *, 1 as version_no
        from versions
        where version_qty is null and not is_deleted
        union all
        select *
        from ranked
        where version_no = 1 and not is_deleted
    )
{%- endmacro %}
