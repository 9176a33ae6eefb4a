{#- The facts that are rolled up by production date, and the dimensions that are read with them. -#}
{%- set facts = {
    "fct_machine_time": ["machine", "shift", "reason"],
    "fct_production": ["machine", "shift", "item"],
    "fct_scrap": ["machine", "item", "reason"],
} %}
{%- set dimensions = facts.values() | sum(start=[]) | unique %}
with
    {%- for fact in facts %} {{ fact }} as (select * from {{ ref(fact) }}), {%- endfor %}
    {%- for dimension in dimensions %}
        {{ dimension }}_digests as (
            select {{ dimension }}_key, {{ digest_of(ref("dim_" ~ dimension)) }} as digest
            from {{ ref("dim_" ~ dimension) }}
            group by {{ dimension }}_key
        ),
    {%- endfor %}
    shifts as (select * from {{ ref("dim_shift") }}),
    costs as (select * from {{ ref("int_item_costs__valid") }}),
    operation_costs as (select * from {{ ref("int_operation_costs__valid") }}),
    operations as (select * from {{ ref("int_order_operations__resolved") }}),

    own_rows as (
        {%- for fact in facts %}
            select plant_id, production_date, {{ digest_of(ref(fact)) }} as digest
            from {{ fact }}
            group by plant_id, production_date
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    -- What the facts of a date name: a machine that moves to another line changes its dates.
    named as (
        {%- for fact, read in facts.items() %}
            {%- set outer_loop = loop %}
            {%- for dimension in read %}
                select named.plant_id, named.production_date, {{ dimension }}_digests.digest
                from
                    (
                        select distinct plant_id, production_date, {{ dimension }}_key
                        from {{ fact }}
                    ) as named
                inner join
                    {{ dimension }}_digests
                    on {{ dimension }}_digests.{{ dimension }}_key = named.{{ dimension }}_key
                {%- if not (loop.last and outer_loop.last) %}
                    union all
                {%- endif %}
            {%- endfor %}
        {%- endfor %}
    ),

    -- Where the production day begins.
    days as (
        select
            plant_id,
            production_date,
            cast({{ hash_of(["start_at", "end_at"]) }} as decimal(38, 0)) as digest
        from shifts
        where shift_kind = 'outside_shifts'
    ),

    counting_machines as (
        select distinct machine_key from fct_production where produced_qty is not null
    ),

    counted as (
        select
            machine_dates.plant_id,
            machine_dates.production_date,
            cast({{ hash_of(["machine_dates.machine_key"]) }} as decimal(38, 0)) as digest
        from
            (
                select distinct plant_id, production_date, machine_key from fct_machine_time
            ) as machine_dates
        inner join counting_machines on counting_machines.machine_key = machine_dates.machine_key
    ),

    -- What a unit cost on the date, and whether it left the plant's machines there.
    costed as (
        select
            production.plant_id,
            production.production_date,
            cast(
                {{
                    hash_of(
                        [
                            "production.production_key",
                            "operations.is_last_operation",
                            "costs.unit_cost_amount",
                            "operation_costs.unit_cost_amount",
                        ]
                    )
                }} as decimal(38, 0)
            ) as digest
        from fct_production as production
        left join
            operations
            on operations.plant_id = production.plant_id
            and operations.source = production.source
            and operations.operation_id = production.operation_id
        left join
            costs
            on costs.plant_id = production.plant_id
            and costs.item_id = production.item_id
            and {{ valid_at("costs", "production.production_date") }}
        left join
            operation_costs
            on operation_costs.plant_id = production.plant_id
            and operation_costs.item_id = production.item_id
            and operation_costs.sequence_no = production.sequence_no
            and {{ valid_at("operation_costs", "production.production_date") }}
    ),

    parts_of_dates as (
        {%- for part in ["own_rows", "named", "days", "counted", "costed"] %}
            select plant_id, production_date, digest
            from {{ part }}
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    dates as (
        select plant_id, production_date, sum(digest) as digest
        from parts_of_dates
        group by plant_id, production_date
    )

    {{ changes_of("dates", date_keys()) }}
