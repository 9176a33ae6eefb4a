{#
    The series of mart_kpi_signals with fewer kept points than a baseline may have, where anything of
    their plant and period type changed; a hook in front of it, after forget_changed.
#}
{% macro forget_short_series(changes, most_points) -%}
    {%- if is_incremental() %}
        delete from {{ this }}
        where
            series_key in (
                select series_key
                from {{ this }}
                group by series_key
                having count(*) < {{ most_points }}
            )
            and exists (
                select 1
                from {{ changes }} as changes
                where
                    changes.is_changed
                    and {{ same_partition(this, "changes", ["plant_id", "period_type"]) }}
            )
    {%- endif %}
{%- endmacro %}
