with
    runs as (select * from {{ ref("int_production_runs__resolved") }}),
    windows as (select * from {{ ref("int_machine_windows__by_date") }}),
    plant_windows as (select * from {{ ref("int_plant_windows__tiled") }}),
    pieces as (select * from {{ ref("int_production_runs__cut") }}),

    -- Unless the plant spreads runs over their time, what came out counts where it was booked: at
    -- the run's last instant. It is never copied to the other windows that the run touched.
    last_instants as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            runs.machine_id,
            runs.start_at,
            runs.end_at,
            runs.end_at - interval 1 microsecond as booked_at
        from runs
        left join
            pieces
            on pieces.plant_id = runs.plant_id
            and pieces.source = runs.source
            and pieces.run_id = runs.run_id
        where pieces.run_id is null
    ),

    windows_of_runs as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            windows.production_date,
            windows.shift_id,
            windows.schedule
        from last_instants as runs
        inner join
            windows
            on windows.plant_id = runs.plant_id
            and windows.machine_id = runs.machine_id
            and windows.utc_date = cast(runs.booked_at as date)
            and windows.window_start_at <= runs.booked_at
            and windows.window_end_at > runs.booked_at
    ),

    -- Where the states of a machine are not known, its plant's shifts are: a machine may count what
    -- it makes and say nothing else, or be counted beyond its last state.
    windows_of_plant as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            plant_windows.production_date,
            plant_windows.shift_id,
            'unknown' as schedule
        from last_instants as runs
        left join
            windows_of_runs
            on windows_of_runs.plant_id = runs.plant_id
            and windows_of_runs.source = runs.source
            and windows_of_runs.run_id = runs.run_id
        inner join
            plant_windows
            on plant_windows.plant_id = runs.plant_id
            and plant_windows.utc_date = cast(runs.booked_at as date)
            and plant_windows.window_start_at <= runs.booked_at
            and plant_windows.window_end_at > runs.booked_at
        where windows_of_runs.run_id is null
    ),

    all_windows as (
        select *
        from windows_of_runs
        union all
        select *
        from windows_of_plant
    ),

    whole_runs as (
        select
            runs.plant_id,
            runs.source,
            runs.run_id,
            1 as piece_no,
            runs.start_at as piece_start_at,
            runs.end_at as piece_end_at,
            0.0 as from_ratio,
            1.0 as to_ratio,
            all_windows.production_date,
            all_windows.shift_id,
            coalesce(all_windows.schedule, 'unknown') as schedule
        from last_instants as runs
        left join
            all_windows
            on all_windows.plant_id = runs.plant_id
            and all_windows.source = runs.source
            and all_windows.run_id = runs.run_id
    ),

    all_pieces as (
        select *
        from whole_runs
        union all
        select *
        from pieces
    )

select
    runs.plant_id,
    runs.source,
    runs.run_id,
    pieces.piece_no,
    runs.machine_id,
    runs.operation_id,
    runs.sequence_no,
    runs.order_id,
    runs.item_id,
    runs.pass_no,
    runs.start_at,
    runs.end_at,
    pieces.piece_start_at,
    pieces.piece_end_at,
    pieces.from_ratio,
    pieces.to_ratio,
    runs.is_open,
    -- Where produced is the sum of the others it stays so, piece by piece.
    case
        when runs.produced_qty = runs.good_qty + runs.scrap_qty + runs.rework_qty
        then
            {{ piece_of("runs.good_qty", "pieces.from_ratio", "pieces.to_ratio") }}
            + {{ piece_of("runs.scrap_qty", "pieces.from_ratio", "pieces.to_ratio") }}
            + {{ piece_of("runs.rework_qty", "pieces.from_ratio", "pieces.to_ratio") }}
        else {{ piece_of("runs.produced_qty", "pieces.from_ratio", "pieces.to_ratio") }}
    end as produced_qty,
    {{ piece_of("runs.good_qty", "pieces.from_ratio", "pieces.to_ratio") }} as good_qty,
    {{ piece_of("runs.scrap_qty", "pieces.from_ratio", "pieces.to_ratio") }} as scrap_qty,
    {{ piece_of("runs.rework_qty", "pieces.from_ratio", "pieces.to_ratio") }} as rework_qty,
    runs.quantity_origin,
    runs.ideal_cycle_s,
    runs.ideal_cycle_origin,
    runs.current_ideal_cycle_s,
    runs.delivery_id,
    runs.line_no,
    pieces.production_date,
    pieces.shift_id,
    pieces.schedule
from runs
inner join
    all_pieces as pieces
    on pieces.plant_id = runs.plant_id
    and pieces.source = runs.source
    and pieces.run_id = runs.run_id
