"""What makes a fact implausible, declared: one suite per question, one rule per threshold.

A suite's evidence is one query that the warehouse answers: the keys and measures of a grain that
grows with machines, items and days, not with events. Rules are expectations over that small
frame. Great Expectations is not imported here; `gx_runner` turns rules into expectations.

A rule is of severity `error` only where a wrong KPI would be published; everything else is `warn`
and travels with the published numbers as `data_quality`. A measure is null where the question does
not arise, and null never fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestration.checks.results import Severity


@dataclass(frozen=True)
class Rule:
    """One expectation over a suite's evidence."""

    name: str
    expectation: str
    arguments: dict[str, Any]
    severity: Severity
    expected: str
    reason: str
    what_to_do: str


@dataclass(frozen=True)
class Suite:
    """One question to a fact."""

    name: str
    fact: str
    grain: str
    keys: tuple[str, ...]
    evidence: str
    rules: tuple[Rule, ...]
    is_gate: bool = True


def at_most(column: str, limit: float) -> dict[str, Any]:
    """Arguments of an upper bound."""
    return {"column": column, "max_value": limit}


def at_least(column: str, limit: float) -> dict[str, Any]:
    """Arguments of a lower bound."""
    return {"column": column, "min_value": limit}


BETWEEN = "ExpectColumnValuesToBeBetween"

# --- machine time ---------------------------------------------------------------------------------

MACHINE_DAYS = Suite(
    name="machine_days",
    fact="fct_machine_time",
    grain="machine-days",
    keys=("plant_id", "machine_id", "production_date"),
    evidence="""
with
    in_shifts as (
        select
            plant_id,
            machine_id,
            production_date,
            shift_key,
            sum(duration_s) as duration_s,
            sum(pot_s) as planned_s,
            sum(not_observed_s) as not_observed_s
        from core.fct_machine_time
        group by all
    ),
    days as (
        select plant_id, production_date, shift_s as day_s
        from core.dim_shift
        where shift_kind = 'outside_shifts'
    )
select
    in_shifts.plant_id,
    in_shifts.machine_id,
    cast(in_shifts.production_date as varchar) as production_date,
    cast(max(in_shifts.duration_s - shifts.shift_s) as double) as beyond_its_shift_s,
    cast((sum(in_shifts.duration_s) - max(days.day_s)) / 3600 as double) as beyond_its_day_h,
    cast(sum(in_shifts.planned_s) / 3600 as double) as planned_h,
    -- Too little planned time says nothing: one lost hour of four is no pattern.
    case
        when sum(in_shifts.planned_s) >= 4 * 3600
        then cast(1 - sum(in_shifts.not_observed_s) / sum(in_shifts.planned_s) as double)
    end as observed_ratio
from in_shifts
left join core.dim_shift as shifts on shifts.shift_key = in_shifts.shift_key
left join
    days
    on days.plant_id = in_shifts.plant_id
    and days.production_date = in_shifts.production_date
group by in_shifts.plant_id, in_shifts.machine_id, in_shifts.production_date
order by all
""",
    rules=(
        Rule(
            name="machine_time_fits_into_its_shift",
            expectation=BETWEEN,
            # Durations are exact to the microsecond; a millisecond is float noise of the frame.
            arguments=at_most("beyond_its_shift_s", 0.001),
            severity="error",
            expected="A machine's time in a shift is not longer than the shift.",
            reason="Time counted twice makes every share of it wrong: availability, OEE, MTBF.",
            what_to_do="Look for two sources that report the same machine, or a shift calendar "
            "with the same shift twice, in the deliveries of these days.",
        ),
        Rule(
            name="machine_time_fits_into_its_day",
            expectation=BETWEEN,
            # A shift may count for the day beside the one its hours lie in, which moves at most a
            # shift of 12 h; a day beyond that holds time twice.
            arguments=at_most("beyond_its_day_h", 12),
            severity="error",
            expected="A machine's time on a production day exceeds the day by at most 12 h.",
            reason="Overlapping shifts of one machine count its time once for each of them.",
            what_to_do="Compare the machine's shifts of these days in dim_shift: two overlap. "
            "Correct the delivered shift calendar, or the pattern in plants.toml.",
        ),
        Rule(
            name="planned_time_is_observed",
            expectation=BETWEEN,
            # Below half, the figures speak for the minority of the shift. The KPI's own floor
            # withholds it; this says where the collector was down.
            arguments=at_least("observed_ratio", 0.5),
            severity="warn",
            expected="At least half of a machine's planned time is observed.",
            reason="The KPI is withheld there or rests on little.",
            what_to_do="See whether the machine's data collector was down, or whether its export "
            "of these days is missing in mart_delivery_log.",
        ),
    ),
)

PLANT_DAYS = Suite(
    name="plant_days",
    fact="fct_machine_time",
    grain="plant-days",
    keys=("plant_id", "production_date"),
    evidence="""
with
    known_until as (
        select deliveries.plant_id, max(deliveries.watermark_at) as watermark_at
        from raw.deliveries as deliveries
        inner join raw.feed_deliveries as fed on fed.delivery_id = deliveries.delivery_id
        where fed.feed = 'machine_states'
        group by deliveries.plant_id
    ),
    -- Whole days only: a day that is still going on is always short. Its last shift counts for it
    -- also where that reaches into the next day.
    whole_days as (
        select shifts.plant_id, shifts.production_date
        from core.dim_shift as shifts
        inner join known_until on known_until.plant_id = shifts.plant_id
        group by shifts.plant_id, shifts.production_date, known_until.watermark_at
        having
            count_if(shifts.shift_kind = 'outside_shifts') > 0
            and max(shifts.end_at) <= known_until.watermark_at
    ),
    volumes as (
        select facts.plant_id, facts.production_date, sum(facts.piece_qty) as piece_qty
        from core.fct_machine_time as facts
        inner join
            whole_days
            on whole_days.plant_id = facts.plant_id
            and whole_days.production_date = facts.production_date
        where facts.state <> 'not_observed'
        group by facts.plant_id, facts.production_date
    ),
    -- Sundays are compared with Sundays.
    compared as (
        select
            *,
            count(*) over previous_weeks as compared_days,
            median(piece_qty) over previous_weeks as usual_qty
        from volumes
        window
            previous_weeks as (
                partition by plant_id, dayofweek(production_date)
                order by production_date
                rows between 4 preceding and 1 preceding
            )
    )
select
    plant_id,
    cast(production_date as varchar) as production_date,
    cast(piece_qty as double) as piece_qty,
    cast(usual_qty as double) as usual_qty,
    -- A handful of rows more or less is no sign of anything.
    case
        when compared_days >= 2 and usual_qty >= 50 then cast(piece_qty / usual_qty as double)
    end as volume_to_usual_ratio
from compared
order by all
""",
    rules=(
        Rule(
            name="volume_is_as_usual",
            expectation=BETWEEN,
            # Orders and holidays move a day by a factor of two or three; a lost or doubled export
            # shows beyond that.
            arguments={"column": "volume_to_usual_ratio", "min_value": 0.2, "max_value": 5},
            severity="warn",
            expected="A day has between a fifth and five times the state pieces of the same "
            "weekday in the four weeks before.",
            reason="An export that was cut off, or delivered for several plants at once, shows "
            "here first.",
            what_to_do="Compare the day's deliveries in mart_delivery_log with those of a week "
            "before; a holiday explains it as well.",
        ),
    ),
)

# --- production -----------------------------------------------------------------------------------

COUNTS = Suite(
    name="counts",
    fact="fct_production",
    grain="machine-days",
    keys=("plant_id", "machine_id", "production_date"),
    evidence="""
with
    runs as (
        select
            *,
            date_diff('microsecond', start_at, end_at) / 1e6 as elapsed_s
        from core.fct_production
        where pass_no = 1 and ideal_s is not null and end_at is not null
    )
select
    plant_id,
    machine_id,
    cast(production_date as varchar) as production_date,
    cast(sum(produced_qty) as double) as produced_qty,
    cast(sum(ideal_s) / 3600 as double) as ideal_h,
    sum(elapsed_s) / 3600 as elapsed_h,
    max_by(run_id, ideal_s / nullif(elapsed_s, 0)) as fastest_run,
    -- In a few minutes of run time one unit more or less is a multiple of the rated speed.
    case when sum(elapsed_s) >= 1800 then cast(sum(ideal_s) as double) / sum(elapsed_s) end
    as speed_ratio
from runs
group by plant_id, machine_id, production_date
order by all
""",
    rules=(
        Rule(
            name="output_is_possible_at_rated_speed",
            expectation=BETWEEN,
            # Measured against elapsed time of the runs, stops included: a lower bound of the true
            # speed that no booking over a boundary can inflate. A standard somewhat too slow stays
            # below 1.5; a decimal that slipped or cavities counted twice give 2 and more.
            arguments=at_most("speed_ratio", 1.5),
            severity="error",
            expected="A machine's runs of a day take at least two thirds of their ideal time.",
            reason="Nothing runs half as fast again as rated, stops included: the count or the "
            "standard is wrong, and performance and OEE would be published above 100 %.",
            what_to_do="Compare produced_qty and ideal_cycle_s of the run with the shop floor: a "
            "decimal mark, cavities or the unit of the standard. Deliver the corrected standard or "
            "count; the night then goes through.",
        ),
    ),
)

OUTPUT_WEEKS = Suite(
    name="output_weeks",
    fact="fct_production",
    grain="machine-weeks",
    keys=("plant_id", "machine_id", "week_date"),
    evidence="""
with
    counted as (
        select
            plant_id,
            machine_id,
            cast(date_trunc('week', production_date) as date) as week_date,
            sum(ideal_s) as ideal_s,
            sum(produced_qty) as produced_qty,
            sum(scrap_qty) as scrap_qty
        from core.fct_production
        group by all
    ),
    busy as (
        select
            plant_id,
            machine_id,
            cast(date_trunc('week', production_date) as date) as week_date,
            sum(case when state = 'producing' then duration_s else 0 end) as producing_s
        from core.fct_machine_time
        group by all
    ),
    -- Where a plant counts nothing at all, that is known and no surprise.
    counting_plants as (
        select plant_id from core.fct_production where produced_qty is not null group by plant_id
    )
select
    plant_id,
    machine_id,
    cast(week_date as varchar) as week_date,
    cast(counted.produced_qty as double) as produced_qty,
    cast(counted.scrap_qty as double) as scrap_qty,
    cast(busy.producing_s / 3600 as double) as producing_h,
    -- A count is booked where its run ends, so a week needs some hours to be judged.
    case
        when busy.producing_s >= 8 * 3600 then cast(counted.ideal_s / busy.producing_s as double)
    end as performance_ratio,
    case
        when busy.producing_s >= 8 * 3600 and plant_id in (select plant_id from counting_plants)
        then cast(coalesce(counted.produced_qty, 0) as double)
    end as output_while_producing_qty,
    cast(counted.scrap_qty / nullif(counted.produced_qty, 0) as double) as scrap_to_output_ratio
from counted
full join busy using (plant_id, machine_id, week_date)
order by all
""",
    rules=(
        Rule(
            name="scrap_is_not_more_than_output",
            expectation=BETWEEN,
            arguments={"column": "scrap_to_output_ratio", "min_value": 0, "max_value": 1},
            severity="error",
            expected="A machine scraps at most what it made in the week, and not less than none.",
            reason="A scrap ratio below 0 or above 100 % would be published.",
            what_to_do="Look at the runs of the week with the largest scrap_qty: scrap booked "
            "without output, or a correction that takes back more than was booked.",
        ),
        Rule(
            name="performance_is_at_most_rated",
            expectation=BETWEEN,
            # 5 % for counts booked in the next week; steadily above, the standard is too slow.
            arguments=at_most("performance_ratio", 1.05),
            severity="warn",
            expected="A machine's ideal time of a week is at most its producing time, and 5 %.",
            reason="The standard is slower than what people do every day, so it hides losses.",
            what_to_do="Have the standard rate of the machine's items measured again.",
        ),
        Rule(
            name="producing_time_has_output",
            expectation=BETWEEN,
            arguments=at_least("output_while_producing_qty", 0.000001),
            severity="warn",
            expected="A machine that produced for 8 h of a week has counted something.",
            reason="Time without counts lowers performance and OEE although the machine ran.",
            what_to_do="See whether the counter or the export of counts failed that week.",
        ),
    ),
)

# --- scrap ----------------------------------------------------------------------------------------

REJECTIONS = Suite(
    name="rejections",
    fact="fct_scrap",
    grain="machine-weeks",
    keys=("plant_id", "machine_id", "week_date"),
    evidence="""
with
    rejected as (
        select
            scrap.plant_id,
            machines.machine_id,
            cast(date_trunc('week', scrap.production_date) as date) as week_date,
            sum(scrap.scrap_qty) as event_scrap_qty,
            min(scrap.rejected_qty) as smallest_rejection_qty,
            sum(scrap.rejected_qty) as rejected_qty
        from core.fct_scrap as scrap
        inner join core.dim_machine as machines on machines.machine_key = scrap.machine_key
        group by all
    ),
    counted as (
        select
            plant_id,
            machine_id,
            cast(date_trunc('week', production_date) as date) as week_date,
            sum(produced_qty) as produced_qty,
            sum(scrap_qty) as counted_scrap_qty
        from core.fct_production
        -- Plants that book rejections one by one; where none are booked there is nothing to hold
        -- the counts against.
        where plant_id in (select plant_id from core.fct_scrap)
        group by all
    )
select
    plant_id,
    machine_id,
    cast(week_date as varchar) as week_date,
    cast(counted.produced_qty as double) as produced_qty,
    cast(counted.counted_scrap_qty as double) as counted_scrap_qty,
    cast(coalesce(rejected.event_scrap_qty, 0) as double) as event_scrap_qty,
    cast(rejected.rejected_qty as double) as rejected_qty,
    cast(
        abs(coalesce(rejected.event_scrap_qty, 0) - counted.counted_scrap_qty)
        / nullif(counted.produced_qty, 0) as double
    ) as scrap_difference_ratio
from counted
full join rejected using (plant_id, machine_id, week_date)
order by all
""",
    rules=(
        Rule(
            name="rejections_and_counts_agree",
            expectation=BETWEEN,
            # Two per cent of the output: rejections are often booked a day later than counted.
            arguments=at_most("scrap_difference_ratio", 0.02),
            severity="warn",
            expected="Rejections and counted scrap of a machine-week differ by at most 2 % of its "
            "output.",
            reason="The scrap ratio rests on the counts, the Pareto of reasons on the rejections: "
            "apart, they tell two stories.",
            what_to_do="Compare fct_scrap with fct_production by run: rejections without a run, or "
            "counts corrected without their rejections.",
        ),
        Rule(
            name="rejections_are_not_taken_back_twice",
            expectation=BETWEEN,
            arguments=at_least("rejected_qty", 0),
            severity="warn",
            expected="A machine's rejections of a week sum to zero or more.",
            reason="A reversal without the entry it reverses makes a reason look like a gain.",
            what_to_do="Look for negative rejected_qty of that week in fct_scrap.",
        ),
    ),
)

# --- inventory ------------------------------------------------------------------------------------

STOCK = Suite(
    name="stock",
    fact="fct_inventory_daily",
    grain="items at a location",
    keys=("plant_id", "item_id", "location_id"),
    evidence="""
with
    item_costs as (
        select plant_id, item_id, unit_cost_amount, min(stock_date) as first_date
        from core.fct_inventory_daily
        where unit_cost_amount > 0
        group by plant_id, item_id, unit_cost_amount
    ),
    cost_steps as (
        select
            plant_id,
            item_id,
            unit_cost_amount / lag(unit_cost_amount) over (
                partition by plant_id, item_id order by first_date
            ) as step_ratio
        from item_costs
    ),
    jumps as (
        select plant_id, item_id, max(greatest(step_ratio, 1 / step_ratio)) as jump_ratio
        from cost_steps
        group by plant_id, item_id
    )
select
    stock.plant_id,
    stock.item_id,
    stock.location_id,
    cast(min(stock.closing_qty) as double) as lowest_qty,
    cast(min(case when stock.closing_qty < 0 then stock.stock_date end) as varchar)
    as negative_since,
    count_if(stock.closing_qty < 0) as negative_days,
    cast(max(jumps.jump_ratio) as double) as cost_jump_ratio,
    cast(
        max(
            abs(stock.listed_difference_qty)
            / nullif(greatest(abs(stock.listed_qty), abs(stock.opening_qty)), 0)
        ) as double
    ) as list_difference_ratio
from core.fct_inventory_daily as stock
left join jumps on jumps.plant_id = stock.plant_id and jumps.item_id = stock.item_id
group by stock.plant_id, stock.item_id, stock.location_id
order by all
""",
    rules=(
        Rule(
            name="stock_is_not_negative",
            expectation=BETWEEN,
            arguments=at_least("lowest_qty", 0),
            severity="warn",
            expected="Nothing lies on a shelf less than not at all.",
            reason="Movements are missing, late or booked to another location; average inventory "
            "comes out too low and turns too high.",
            what_to_do="Look at the movements before the first negative day in fct_stock_movement: "
            "usually an issue booked before its receipt, or an opening stock that was not listed.",
        ),
        Rule(
            name="cost_does_not_jump",
            expectation=BETWEEN,
            # A revaluation moves a cost by per cents; a price unit (per 100, per 1000) by 10 and
            # more.
            arguments=at_most("cost_jump_ratio", 5),
            severity="warn",
            expected="A new standard cost is between a fifth of the old one and five times it.",
            reason="A price unit that was not applied multiplies inventory value and turns.",
            what_to_do="Compare the item's costs and their price unit in the ERP's export.",
        ),
        Rule(
            name="ledger_meets_the_stock_lists",
            expectation=BETWEEN,
            # Five per cent: postings on the day of a count shift by hours.
            arguments=at_most("list_difference_ratio", 0.05),
            severity="warn",
            expected="Movements lead from one stock list to the next within 5 %.",
            reason="What the movements do not explain is in no usage and so in no turn.",
            what_to_do="Compare listed_qty with opening_qty at the item's list dates: movements "
            "that were not delivered, or a movement type with a wrong class.",
        ),
    ),
)

STOCK_VALUE = Suite(
    name="stock_value",
    fact="fct_inventory_daily",
    grain="plant-months",
    keys=("plant_id", "month_date"),
    evidence="""
select
    plant_id,
    cast(cast(date_trunc('month', stock_date) as date) as varchar) as month_date,
    cast(sum(closing_value_amount) as double) as closing_value_amount
from core.fct_inventory_daily
where is_stock_known and is_cost_known
group by plant_id, date_trunc('month', stock_date)
order by all
""",
    rules=(
        Rule(
            name="inventory_value_is_not_negative",
            expectation=BETWEEN,
            arguments=at_least("closing_value_amount", 0),
            severity="error",
            expected="A plant's inventory of a month is worth something, or nothing.",
            reason="Negative turns would be published.",
            what_to_do="See stock_is_not_negative for the items, and whether the first stock list "
            "of the plant is complete: what it does not name counts as empty then.",
        ),
    ),
)

UNITS = Suite(
    name="units",
    fact="fct_stock_movement",
    grain="items",
    keys=("plant_id", "item_id"),
    evidence="""
with
    moved as (
        select plant_id, item_id, item_key, uom
        from core.fct_stock_movement
        where is_owned and movement_class <> 'revaluation'
        group by all
    ),
    units as (
        select plant_id, item_id, uom
        from moved
        union
        select moved.plant_id, moved.item_id, items.base_uom as uom
        from moved
        inner join core.dim_item as items on items.item_key = moved.item_key
        where items.base_uom is not null
    ),
    listed as (
        select plant_id, item_id, bool_or(is_stock_known) as is_stock_known
        from core.fct_inventory_daily
        group by plant_id, item_id
    )
select
    units.plant_id,
    units.item_id,
    string_agg(units.uom, ', ' order by units.uom) as uoms,
    cast(count(*) as double) as unit_qty,
    -- Turns and stock values are published where the stock is known.
    case
        when bool_or(listed.is_stock_known) then cast(count(*) as double)
    end as published_unit_qty
from units
left join listed on listed.plant_id = units.plant_id and listed.item_id = units.item_id
group by units.plant_id, units.item_id
order by all
""",
    rules=(
        Rule(
            name="known_stock_is_counted_in_one_unit",
            expectation=BETWEEN,
            arguments=at_most("published_unit_qty", 1),
            severity="error",
            expected="An item whose stock is known moves in its base unit alone.",
            reason="Grams added to ounces make a stock, a value and turns that mean nothing, and "
            "all three would be published.",
            what_to_do="Convert the quantity to the item's base unit in the source module "
            "(SAP has it as MENGE in MEINS), or correct the base unit in the item's master data.",
        ),
        Rule(
            name="items_are_moved_in_one_unit",
            expectation=BETWEEN,
            # No more than a warning: without a list of stock no turns are published.
            arguments=at_most("unit_qty", 1),
            severity="warn",
            expected="An item moves in its base unit alone.",
            reason="Its quantities make no sum; as soon as a list of stock is delivered, this "
            "stops the night.",
            what_to_do="See known_stock_is_counted_in_one_unit.",
        ),
    ),
)

# --- orders ---------------------------------------------------------------------------------------

ORDERS = Suite(
    name="orders",
    fact="fct_order_lead_time",
    grain="order weeks",
    keys=("plant_id", "week_date"),
    evidence="""
select
    plant_id,
    cast(cast(date_trunc('week', completed_date) as date) as varchar) as week_date,
    count(lead_time_s) as orders,
    cast(min(lead_time_s) / 3600 as double) as shortest_h,
    min_by(order_id, lead_time_s) as shortest_order,
    cast(max(lead_time_s) / 3600 as double) as longest_h,
    max_by(order_id, lead_time_s) as longest_order
from core.fct_order_lead_time
where is_completed
group by plant_id, date_trunc('week', completed_date)
order by all
""",
    rules=(
        Rule(
            name="no_order_is_done_before_its_release",
            expectation=BETWEEN,
            arguments=at_least("shortest_h", 0),
            severity="error",
            expected="No order is completed before it is released.",
            reason="Negative lead times pull the published median down.",
            what_to_do="Compare released_at and completed_at of the order: two systems in two "
            "time zones, or a completion of an order number used again.",
        ),
        Rule(
            name="no_order_takes_a_year",
            expectation=BETWEEN,
            arguments=at_most("longest_h", 365 * 24),
            severity="warn",
            expected="An order takes at most a year.",
            reason="Orders that are closed in a tidy-up long after their work distort the week.",
            what_to_do="See whether the order was finished that week or only closed.",
        ),
    ),
)

# --- maintenance ----------------------------------------------------------------------------------

REPAIRS = Suite(
    name="repairs",
    fact="fct_maintenance_order",
    grain="machine-months",
    keys=("plant_id", "machine_id", "month_date"),
    evidence="""
select
    plant_id,
    machine_id,
    cast(cast(date_trunc('month', reported_date) as date) as varchar) as month_date,
    cast(min(work_s) / 3600 as double) as shortest_work_h,
    min_by(maintenance_order_id, work_s) as shortest_order,
    cast(max(work_s) / 3600 as double) as longest_work_h,
    max_by(maintenance_order_id, work_s) as longest_order,
    cast(min(response_s) / 3600 as double) as shortest_response_h,
    min_by(maintenance_order_id, response_s) as least_response_order
from core.fct_maintenance_order
group by plant_id, machine_id, date_trunc('month', reported_date)
order by all
""",
    rules=(
        Rule(
            name="no_repair_ends_before_it_starts",
            expectation=BETWEEN,
            arguments=at_least("shortest_work_h", 0),
            severity="error",
            expected="No maintenance order is finished before it is started.",
            reason="MTTR and the corrective ratio would be published too low, or negative.",
            what_to_do="Compare started_at and finished_at of the order in the maintenance system.",
        ),
        Rule(
            name="no_repair_takes_a_month",
            expectation=BETWEEN,
            arguments=at_most("longest_work_h", 30 * 24),
            severity="warn",
            expected="Work on an order takes at most 30 days.",
            reason="Orders left open after the work make MTTR a measure of paperwork.",
            what_to_do="See when the machine ran again (fct_machine_time), and close orders then.",
        ),
        Rule(
            name="work_does_not_start_before_its_report",
            expectation=BETWEEN,
            # A day: orders are often written down after the night shift's repair.
            arguments=at_least("shortest_response_h", -24),
            severity="warn",
            expected="Work starts at most a day before it was reported.",
            reason="Response times computed from these orders mean nothing.",
            what_to_do="Compare reported_at and started_at: a zone, or a day and month exchanged.",
        ),
    ),
)

BREAKDOWNS = Suite(
    name="breakdowns",
    fact="fct_maintenance_order",
    grain="machines",
    keys=("plant_id", "machine_id"),
    evidence="""
with
    seen_by_mes as (
        select plant_id, machine_id, sum(failure_qty) as failure_qty
        from core.fct_machine_time
        group by plant_id, machine_id
    ),
    seen_by_maintenance as (
        select plant_id, machine_id, count(*) as breakdown_orders
        from core.fct_maintenance_order
        where is_breakdown and maintenance_kind = 'corrective'
        group by plant_id, machine_id
    )
select
    plant_id,
    machine_id,
    cast(seen_by_mes.failure_qty as double) as failure_qty,
    cast(seen_by_maintenance.breakdown_orders as double) as breakdown_orders,
    -- With fewer than ten, chance alone parts the two.
    case
        when greatest(seen_by_mes.failure_qty, seen_by_maintenance.breakdown_orders) >= 10
        then
            cast(
                least(seen_by_mes.failure_qty, seen_by_maintenance.breakdown_orders)
                / greatest(seen_by_mes.failure_qty, seen_by_maintenance.breakdown_orders) as double
            )
    end as agreement_ratio
from seen_by_mes
inner join seen_by_maintenance using (plant_id, machine_id)
order by all
""",
    rules=(
        Rule(
            name="breakdowns_are_seen_by_both_systems",
            expectation=BETWEEN,
            arguments=at_least("agreement_ratio", 0.2),
            severity="warn",
            expected="Failures in the MES and breakdown orders differ by at most a factor of 5.",
            reason="MTBF counts failures of the MES, MTTR orders of the maintenance system: far "
            "apart, they do not describe the same machine.",
            what_to_do="See which stop reasons count as failures (raw.reasons, is_failure), and "
            "whether orders are written for every breakdown.",
        ),
    ),
)

# --- freshness ------------------------------------------------------------------------------------

FRESHNESS = Suite(
    name="freshness",
    fact="deliveries",
    grain="sources of a plant",
    keys=("plant_id", "source"),
    # Deliveries stand before the facts: a gate there would have to open before it can be judged.
    is_gate=False,
    evidence="""
with
    drawn as (
        select plant_id, source, date_trunc('hour', extracted_at) as extracted_at
        from raw.deliveries
        where status <> 'rejected'
        group by all
    ),
    gaps as (
        select
            *,
            date_diff(
                'minute',
                lag(extracted_at) over (partition by plant_id, source order by extracted_at),
                extracted_at
            )
            / 60.0 as gap_h
        from drawn
    ),
    rhythms as (
        select
            plant_id,
            source,
            max(extracted_at) as last_at,
            -- A source that delivered a few times has no rhythm to fall out of.
            case when count(gap_h) >= 4 then greatest(median(gap_h), 12) end as usual_gap_h
        from gaps
        group by plant_id, source
    )
select
    plant_id,
    source,
    strftime(last_at, '%Y-%m-%d %H:%M') as last_delivery,
    usual_gap_h,
    date_diff('minute', last_at, make_timestamp(epoch_us(now()))) / 60.0 as silent_h,
    date_diff('minute', last_at, make_timestamp(epoch_us(now())))
    / 60.0
    / usual_gap_h as silence_ratio,
    date_diff('minute', last_at, max(last_at) over (partition by plant_id))
    / 60.0
    / usual_gap_h as behind_ratio
from rhythms
order by all
""",
    rules=(
        Rule(
            name="sources_have_not_fallen_silent",
            expectation=BETWEEN,
            # Three times the usual gap: a long weekend is no silence.
            arguments=at_most("silence_ratio", 3),
            severity="warn",
            expected="The newest export is at most three usual gaps old.",
            reason="The marts end where the deliveries end.",
            what_to_do="Ask whoever runs the plant's export job.",
        ),
        Rule(
            name="sources_of_a_plant_keep_step",
            expectation=BETWEEN,
            arguments=at_most("behind_ratio", 3),
            severity="warn",
            expected="No source lags more than three of its usual gaps behind the plant's newest.",
            reason="KPIs that join systems (scrap cost, turns, MTTR beside MTBF) mix old and new.",
            what_to_do="Ask whoever runs the export job of the source that lags.",
        ),
    ),
)

SUITES: tuple[Suite, ...] = (
    MACHINE_DAYS,
    PLANT_DAYS,
    COUNTS,
    OUTPUT_WEEKS,
    REJECTIONS,
    STOCK,
    STOCK_VALUE,
    UNITS,
    ORDERS,
    REPAIRS,
    BREAKDOWNS,
    FRESHNESS,
)
