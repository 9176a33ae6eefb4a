{#
    The rows of a raw feed as its system knows them now. raw keeps every delivered version; the
    latest change wins, then the later extraction, so the order of arrival never matters. A row
    whose latest version says it is deleted is gone.

    `key` is the feed's key without plant_id and source, which belong to every key. The delivery's
    extraction, watermark and system travel with the row: open intervals end where their
    table's newest extraction stands.

    Most keys were delivered once. Only the others are ranked: sorting every row of a large feed
    to find that it has no rival costs five times what counting the keys does. Hashes of keys are
    counted, which take a tenth of their memory; where two keys share one, both are ranked and
    neither has a rival.
#}
{% macro current_rows(feed, key) -%}
    {%- set keys = ["plant_id", "source"] + key -%}
    {%- set delivered_keys = [] -%}
    {%- for column in keys -%}
        {%- do delivered_keys.append("delivered." ~ column) -%}
    {%- endfor -%}
    (
        with
            key_hashes as (select {{ hash_of(keys) }} as key_hash from {{ source("raw", feed) }}),

            redelivered as (select key_hash from key_hashes group by key_hash having count(*) > 1),

            -- The two kinds of rows are read apart: one list of both would be written out in full
            -- before either is picked from it.
            delivered_once as (
                select
                    delivered.*,
                    deliveries.system,
                    deliveries.extracted_at,
                    deliveries.open_until_at as watermark_at
                from {{ source("raw", feed) }} as delivered
                left join
                    {{ ref("stg_deliveries") }} as deliveries
                    on deliveries.delivery_id = delivered.delivery_id
                left join redelivered on redelivered.key_hash = {{ hash_of(delivered_keys) }}
                -- A file replaced by another of the same name no longer speaks.
                where redelivered.key_hash is null and deliveries.status <> 'superseded'
            ),

            ranked as (
                select
                    delivered.*,
                    deliveries.system,
                    deliveries.extracted_at,
                    deliveries.open_until_at as watermark_at,
                    row_number() over (
                        partition by
                            {% for column in keys -%}
                                {%- if not loop.first %}, {% endif -%} delivered.{{ column }}
                            {%- endfor %}
                        order by
                            coalesce(delivered.changed_at, deliveries.extracted_at) desc,
                            deliveries.extracted_at desc,
                            delivered.delivery_id desc,
                            delivered.line_no desc
                    ) as version_no
                from {{ source("raw", feed) }} as delivered
                inner join redelivered on redelivered.key_hash = {{ hash_of(delivered_keys) }}
                left join
                    {{ ref("stg_deliveries") }} as deliveries
                    on deliveries.delivery_id = delivered.delivery_id
                where deliveries.status <> 'superseded'
            )

        select *, 1 as version_no
        from delivered_once
        where not is_deleted
        union all
        select *
        from ranked
        where version_no = 1 and not is_deleted
    )
{%- endmacro %}
