{{
    config(
        materialized="incremental",
        pre_hook="{{ forget_changed(ref('rollup_date_changes'), date_keys()) }}",
    )
}}

with
    changed as (select * from {{ ref("rollup_date_changes") }} where is_changed),
    machine_time as ({{ changed_rows(ref("fct_machine_time"), date_keys()) }}),
    production as ({{ changed_rows(ref("fct_production"), date_keys()) }}),
    machines as (select * from {{ ref("dim_machine") }}),
    shifts as (select * from {{ ref("dim_shift") }}),

    -- A machine that never counted a piece, on no date, has an unknown output; one that counts
    -- and has nothing
    -- booked in a shift made nothing in it.
    counting_machines as (
        select plant_id, machine_key
        from {{ ref("fct_production") }}
        where produced_qty is not null
        group by plant_id, machine_key
    ),

    day_starts as (
        select plant_id, production_date, start_at as day_start_at
        from shifts
        where shift_kind = 'outside_shifts'
    ),

    placed_production as (
        select
            production.*,
            case
                when shifts.shift_kind = 'shift' then shifts.start_at else production.end_at
            end as shift_start_at,
            case
                when shifts.shift_kind = 'shift' then day_starts.day_start_at else production.end_at
            end as day_start_at
        from production
        left join shifts on shifts.shift_key = production.shift_key
        left join
            day_starts
            on day_starts.plant_id = production.plant_id
            and day_starts.production_date = production.production_date
    ),

    times as (
        select
            plant_id,
            machine_key,
            shift_key,
            production_date,
            sum(pot_s) as pot_s,
            sum(pbt_s) as pbt_s,
            sum(apt_s) as apt_s,
            sum(aust_s) as aust_s,
            sum(adet_s) as adet_s,
            sum(breakdown_s) as breakdown_s,
            sum(minor_stop_s) as minor_stop_s,
            sum(other_delay_s) as other_delay_s,
            sum(rework_s) as rework_s,
            sum(adot_s) as adot_s,
            sum(pdot_s) as pdot_s,
            sum(not_observed_s) as not_observed_s,
            sum(unscheduled_s) as unscheduled_s,
            sum(unscheduled_busy_s) as unscheduled_busy_s,
            sum(unknown_schedule_s) as unknown_schedule_s,
            sum(
                case when schedule = 'unknown' and state = 'producing' then duration_s else 0 end
            ) as unknown_apt_s,
            sum(
                case when schedule = 'unknown' and state = 'setup' then duration_s else 0 end
            ) as unknown_aust_s,
            sum(
                case when schedule = 'unknown' and state = 'delay' then duration_s else 0 end
            ) as unknown_adet_s,
            sum(
                case when schedule = 'unknown' and state = 'rework' then duration_s else 0 end
            ) as unknown_rework_s,
            sum(
                case when schedule = 'unknown' and state = 'not_observed' then duration_s else 0 end
            ) as unknown_not_observed_s,
            sum(case when state = 'producing' then duration_s else 0 end) as producing_s,
            sum(operating_s) as operating_s,
            sum(case when state <> 'not_observed' then duration_s else 0 end) as observed_s,
            sum(
                case when state in ('delay', 'planned_down', 'no_order') then duration_s else 0 end
            ) as stop_s,
            sum(
                case
                    when state in ('delay', 'planned_down', 'no_order') and is_labelled
                    then duration_s
                    else 0
                end
            ) as labelled_stop_s,
            sum(duration_s) as calendar_s,
            sum(failure_qty) as failure_qty
        from machine_time
        group by plant_id, machine_key, shift_key, production_date
    ),

    outputs as (
        select
            plant_id,
            machine_key,
            shift_key,
            production_date,
            count(*) as run_qty,
            sum(case when produced_qty is not null then 1 else 0 end) as counted_run_qty,
            sum(produced_qty) as produced_qty,
            sum(good_qty) as good_qty,
            sum(scrap_qty) as scrap_qty,
            sum(rework_qty) as rework_qty,
            sum(first_pass_produced_qty) as first_pass_produced_qty,
            sum(first_pass_good_qty) as first_pass_good_qty,
            sum(first_pass_rework_qty) as first_pass_rework_qty,
            sum(produced_qty_without_standard) as produced_qty_without_standard,
            sum(produced_qty_without_good) as produced_qty_without_good,
            sum(ideal_s) as ideal_s,
            sum(good_ideal_s) as good_ideal_s,
            sum(produced_qty_without_current_standard) as produced_qty_without_current_standard,
            sum(current_ideal_s) as current_ideal_s,
            sum(good_current_ideal_s) as good_current_ideal_s,
            sum(rework_ideal_s) as rework_ideal_s,
            sum(case when good_ideal_s is null then ideal_s end) as unjudged_ideal_s,
            -- How long the rated first passes lasted by their own clock, and what of them was
            -- booked here but begun before the shift, or the day, or outside any shift.
            sum(
                case when ideal_s is not null then {{ seconds_between("start_at", "end_at") }} end
            ) as run_s,
            sum(case when start_at < shift_start_at then ideal_s end) as outside_shift_ideal_s,
            sum(case when start_at < day_start_at then ideal_s end) as outside_day_ideal_s
        from placed_production
        group by plant_id, machine_key, shift_key, production_date
    ),

    machine_shifts as (
        select plant_id, machine_key, shift_key, production_date
        from times
        union
        select plant_id, machine_key, shift_key, production_date
        from outputs
    )

select
    machine_shifts.plant_id,
    machine_shifts.machine_key,
    machine_shifts.shift_key,
    machine_shifts.production_date,
    machines.machine_id,
    machines.line_id,
    shifts.shift_id,
    shifts.shift_code,
    shifts.shift_kind,
    coalesce(times.pot_s, 0) as pot_s,
    coalesce(times.pbt_s, 0) as pbt_s,
    coalesce(times.apt_s, 0) as apt_s,
    coalesce(times.aust_s, 0) as aust_s,
    coalesce(times.adet_s, 0) as adet_s,
    coalesce(times.breakdown_s, 0) as breakdown_s,
    coalesce(times.minor_stop_s, 0) as minor_stop_s,
    coalesce(times.other_delay_s, 0) as other_delay_s,
    coalesce(times.rework_s, 0) as rework_s,
    coalesce(times.adot_s, 0) as adot_s,
    coalesce(times.pdot_s, 0) as pdot_s,
    coalesce(times.not_observed_s, 0) as not_observed_s,
    coalesce(times.unscheduled_s, 0) as unscheduled_s,
    coalesce(times.unscheduled_busy_s, 0) as unscheduled_busy_s,
    coalesce(times.unknown_schedule_s, 0) as unknown_schedule_s,
    coalesce(times.unknown_apt_s, 0) as unknown_apt_s,
    coalesce(times.unknown_aust_s, 0) as unknown_aust_s,
    coalesce(times.unknown_adet_s, 0) as unknown_adet_s,
    coalesce(times.unknown_rework_s, 0) as unknown_rework_s,
    coalesce(times.unknown_not_observed_s, 0) as unknown_not_observed_s,
    coalesce(times.producing_s, 0) as producing_s,
    coalesce(times.operating_s, 0) as operating_s,
    coalesce(times.observed_s, 0) as observed_s,
    coalesce(times.stop_s, 0) as stop_s,
    coalesce(times.labelled_stop_s, 0) as labelled_stop_s,
    coalesce(times.calendar_s, 0) as calendar_s,
    coalesce(times.failure_qty, 0) as failure_qty,
    case
        when counting_machines.machine_key is null
        then coalesce(times.apt_s + times.unknown_apt_s, 0)
        else 0
    end as uncounted_apt_s,
    case
        when counting_machines.machine_key is null then coalesce(times.producing_s, 0) else 0
    end as uncounted_producing_s,
    coalesce(outputs.run_qty, 0) as run_qty,
    coalesce(outputs.counted_run_qty, 0) as counted_run_qty,
    coalesce(outputs.produced_qty, 0) as produced_qty,
    coalesce(outputs.good_qty, 0) as good_qty,
    coalesce(outputs.scrap_qty, 0) as scrap_qty,
    coalesce(outputs.rework_qty, 0) as rework_qty,
    coalesce(outputs.first_pass_produced_qty, 0) as first_pass_produced_qty,
    coalesce(outputs.first_pass_good_qty, 0) as first_pass_good_qty,
    coalesce(outputs.first_pass_rework_qty, 0) as first_pass_rework_qty,
    coalesce(outputs.produced_qty_without_standard, 0) as produced_qty_without_standard,
    coalesce(outputs.produced_qty_without_good, 0) as produced_qty_without_good,
    coalesce(outputs.ideal_s, 0) as ideal_s,
    coalesce(outputs.good_ideal_s, 0) as good_ideal_s,
    coalesce(
        outputs.produced_qty_without_current_standard, 0
    ) as produced_qty_without_current_standard,
    coalesce(outputs.current_ideal_s, 0) as current_ideal_s,
    coalesce(outputs.good_current_ideal_s, 0) as good_current_ideal_s,
    coalesce(outputs.rework_ideal_s, 0) as rework_ideal_s,
    coalesce(outputs.unjudged_ideal_s, 0) as unjudged_ideal_s,
    coalesce(outputs.run_s, 0) as run_s,
    coalesce(outputs.outside_shift_ideal_s, 0) as outside_shift_ideal_s,
    coalesce(outputs.outside_day_ideal_s, 0) as outside_day_ideal_s
from machine_shifts
inner join
    machines
    on machines.plant_id = machine_shifts.plant_id
    and machines.machine_key = machine_shifts.machine_key
left join shifts on shifts.shift_key = machine_shifts.shift_key
left join
    times
    on times.machine_key = machine_shifts.machine_key
    and times.shift_key = machine_shifts.shift_key
    and times.production_date = machine_shifts.production_date
left join
    outputs
    on outputs.machine_key = machine_shifts.machine_key
    and outputs.shift_key = machine_shifts.shift_key
    and outputs.production_date = machine_shifts.production_date
left join counting_machines on counting_machines.machine_key = machine_shifts.machine_key
