"""KPIs from the additive parts: rolled up by scope and period, divided once, withheld where a
figure would say more than is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from oracle_floor import MICROSECOND, Sums, machine_windows, window_of, windows
from oracle_flow import (
    LeadTime,
    Released,
    finished_work,
    inventory_daily,
    lead_times,
    quantile,
    released_orders,
    still_open,
)
from oracle_orders import completed_orders, wip_days
from plant_truth import PlantTruth, once, seconds

HOUR_S = 3600
DAYS_OF_YEAR = 365
ONE, HALF = Fraction(1), Fraction(1, 2)


@dataclass(frozen=True, order=True)
class Cell:
    """Whose KPI it is, and of when; the shift is named by its day and code."""

    scope_type: str
    scope_id: str
    period_type: str
    period_start_date: date
    shift_code: str | None = None


@dataclass(frozen=True)
class Value:
    """A KPI of one scope and period; the value is null where it is withheld."""

    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None
    coverage_ratio: Fraction | None
    is_withheld: bool


Kpis = dict[tuple[str, Cell], Value]


@dataclass(frozen=True)
class Entry:
    """What the catalogue of KPIs says of one: for whom, by which period, and how much of what it
    needs must be known."""

    coverage_floor: Fraction
    scope_types: frozenset[str]
    period_types: frozenset[str]


Catalogue = dict[str, Entry]


def week_of(day: date) -> date:
    """The Monday of an ISO week."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    """The first day of a month."""
    return day.replace(day=1)


#: Period types of everything that is counted by day.
CALENDAR: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": week_of,
    "month": month_of,
}


def cells(
    scopes: Iterable[tuple[str, str]], day: date, shift_code: str | None = None
) -> Iterator[Cell]:
    """Every scope and period that something of one day, or one shift of it, counts for."""
    for scope_type, scope_id in scopes:
        for period_type, start_of in CALENDAR.items():
            yield Cell(scope_type, scope_id, period_type, start_of(day))
        if shift_code is not None:
            yield Cell(scope_type, scope_id, "shift", day, shift_code)


def machine_scopes(truth: PlantTruth, machine_id: str) -> list[tuple[str, str]]:
    """A machine, its line and its plant."""
    return [
        ("machine", machine_id),
        ("line", truth.line_of(machine_id)),
        ("plant", truth.plant_id),
    ]


@once
def floor_totals(truth: PlantTruth) -> dict[Cell, Sums]:
    """Time elements and quantities of every machine, line and plant, by period; and quantities
    of every item."""
    totals = item_totals(truth)
    for (machine_id, tile), part in machine_windows(truth).items():
        scopes = machine_scopes(truth, machine_id)
        for cell in cells(scopes, tile.production_date, tile.shift_code):
            total = totals.setdefault(cell, defaultdict(Fraction))
            for name, amount in part.items():
                total[name] += amount
    for total in totals.values():
        total["apt_and_delay_s"] = total["apt_s"] + total["adet_s"]
        total["operating_h"] = total["operating_s"] / HOUR_S
        total["watched_pot_s"] = total["pot_s"] - total["not_observed_s"]
        total["watched_calendar_s"] = total["window_s"] - total["not_observed_s"]
    return totals


def item_totals(truth: PlantTruth) -> dict[Cell, Sums]:
    """Quantities of every item by the shift they count for, and its day, week and month."""
    totals: dict[Cell, Sums] = {}
    tiles = windows(truth)
    for run in truth.runs:
        if not run.is_observed:
            continue
        tile = window_of(tiles, run.end_at - MICROSECOND)
        for cell in cells([("item", run.item_id)], tile.production_date, tile.shift_code):
            total = totals.setdefault(cell, defaultdict(Fraction))
            total["run_qty"] += 1
            total["scrap_qty"] += run.scrap_qty
            if run.pass_no == 1:
                total["first_pass_produced_qty"] += run.produced_qty
                total["first_pass_rework_qty"] += run.rework_qty
    return totals


#: KPI to its numerator and denominator over the sums of a cell (ISO 22400-2).
FLOOR_KPIS: dict[str, tuple[str, str]] = {
    "availability": ("apt_s", "pbt_s"),
    "effectiveness": ("ideal_s", "apt_s"),
    "quality_ratio": ("good_ideal_s", "ideal_s"),
    "oee": ("good_ideal_s", "pbt_s"),
    "effectiveness_current_standard": ("current_ideal_s", "apt_s"),
    "oee_current_standard": ("good_current_ideal_s", "pbt_s"),
    "oee_vorne": ("good_ideal_s", "aubt_s"),
    "ooe": ("good_ideal_s", "watched_pot_s"),
    "teep": ("good_ideal_s", "watched_calendar_s"),
    "utilization_ratio": ("aubt_s", "watched_calendar_s"),
    "allocation_efficiency": ("aubt_s", "pbt_s"),
    "utilization_efficiency": ("apt_s", "aubt_s"),
    "setup_ratio": ("aust_s", "aupt_s"),
    "technical_efficiency": ("apt_s", "apt_and_delay_s"),
    "scrap_ratio": ("scrap_qty", "first_pass_produced_qty"),
    "rework_ratio": ("first_pass_rework_qty", "first_pass_produced_qty"),
    "mtbf_h": ("operating_h", "failure_qty"),
    "observed_time_ratio": ("watched_pot_s", "pot_s"),
    "labelled_stop_ratio": ("labelled_stop_s", "stop_s"),
    # Every item of this plant has a standard.
    "rated_output_ratio": ("first_pass_produced_qty", "first_pass_produced_qty"),
}
#: KPIs that stand on what was counted, not on how long machines were watched.
COUNTED = ("scrap_ratio", "rework_ratio")
#: KPIs that say themselves how much is known.
ABOUT_DATA = ("observed_time_ratio", "labelled_stop_ratio", "rated_output_ratio")
#: KPIs over the whole shift or the whole clock, which need only what was planned to be watched.
BY_THE_CLOCK = ("ooe", "teep", "utilization_ratio")


def divided(
    numerator: Fraction, denominator: Fraction, coverage: Fraction | None, floor: Fraction
) -> Value:
    """The ratio, unless nothing stands below the line or too little is known."""
    too_little = coverage is None or coverage < floor
    withheld = too_little or denominator == 0
    value = None if withheld else numerator / denominator
    return Value(numerator, denominator, value, coverage, withheld)


def floor_coverage(kpi: str, total: Sums) -> Fraction | None:
    """The known share of what a KPI needs; null where nothing was to be known.

    Every run of this plant carries its quantities, and every item has a standard: what is not
    known is only what machines did while the data collector was down.
    """
    if kpi in COUNTED or kpi in ABOUT_DATA:
        return ONE
    missed = total["not_observed_s"]
    if kpi in BY_THE_CLOCK:
        return 1 - missed / total["pot_s"] if total["pot_s"] else ONE
    if kpi == "mtbf_h":
        # Failures happen at any time: of planned time the observed share, or where none was
        # planned, of all time.
        if total["pot_s"]:
            return 1 - missed / total["pot_s"]
        return 1 - total["unscheduled_not_observed_s"] / total["window_s"]
    known = total["pbt_s"] + missed
    return total["pbt_s"] / known if known else None


def floor_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """OEE and its parts, scrap, rework and MTBF."""
    found: Kpis = {}
    for cell, total in floor_totals(truth).items():
        for kpi, (numerator, denominator) in FLOOR_KPIS.items():
            if kpi in COUNTED and not total["run_qty"]:
                continue  # nothing was made, and nobody expects a figure
            if cell.scope_type == "item" and kpi not in COUNTED:
                continue
            coverage = floor_coverage(kpi, total)
            found[kpi, cell] = divided(total[numerator], total[denominator], coverage, floors[kpi])
        if cell.scope_type != "item":
            found["nee", cell] = nee(total, floors["nee"])
    return found


def nee(total: Sums, floor: Fraction) -> Value:
    """Net equipment effectiveness: the product of three shares, each of the cell's own sums."""
    coverage = floor_coverage("nee", total)
    factors = (
        divided(total["aupt_s"], total["pbt_s"], coverage, floor).value,
        divided(total["good_ideal_s"], total["apt_s"], coverage, floor).value,
    )
    value = None if None in factors else factors[0] * factors[1]
    return Value(None, total["pbt_s"], value, coverage, value is None)


@once
def lead_time_totals(truth: PlantTruth) -> dict[Cell, list[LeadTime]]:
    """Every finished order, by item and plant and the period it was finished in."""
    found: dict[Cell, list[LeadTime]] = defaultdict(list)
    for order in lead_times(truth):
        for cell in cells(order_scopes(truth, order.item_id), order.completed_on):
            found[cell].append(order)
    return found


#: Stated lead times and the share of orders that took no longer.
QUANTILES = {
    "lead_time_median_h": HALF,
    "lead_time_p85_h": Fraction(85, 100),
    "lead_time_p95_h": Fraction(95, 100),
}


def order_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Lead times of finished orders."""
    found: Kpis = {}
    for cell, orders in lead_time_totals(truth).items():
        count = Fraction(len(orders))
        # Every finished order of this plant has both dates.
        for kpi, values in (
            ("lead_time_mean_h", [order.hours for order in orders]),
            ("lead_time_working_h", [order.working_hours for order in orders]),
        ):
            found[kpi, cell] = divided(sum(values, Fraction(0)), count, ONE, floors[kpi])
        hours = [order.hours for order in orders]
        for kpi, share in QUANTILES.items():
            found[kpi, cell] = Value(None, count, quantile(hours, share), ONE, False)
    return found


def cohort_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Lead times of the orders released in a period, open ones as far as they have come."""
    cohorts: dict[Cell, list[Released]] = defaultdict(list)
    for order in released_orders(truth):
        for cell in cells(order_scopes(truth, order.item_id), order.released_on):
            cohorts[cell].append(order)
    found: Kpis = {}
    for cell, orders in cohorts.items():
        curve, count = still_open(orders), Fraction(len(orders))
        median = next((hours for hours, share in curve if share <= HALF), None)
        found["lead_time_by_release_median_h", cell] = Value(
            None, count, median, ONE, median is None
        )
        mean, since, share = Fraction(0), Fraction(0), ONE
        for hours, share_after in curve:
            mean += share * (hours - since)
            since, share = hours, share_after
        found["lead_time_restricted_mean_h", cell] = Value(None, count, mean, ONE, False)
    return found


#: KPI of completed orders to its numerator, its denominator, the orders it is known of and the time
#: that a part of which may not have been observed.
OPERATION_KPIS: dict[str, tuple[str, str, str, str | None]] = {
    "allocation_ratio": ("aubt_s", "busy_execution_s", "busy_qty", "busy_execution_s"),
    "throughput_rate": ("produced_qty", "made_h", "made_qty", None),
    "production_process_ratio": ("apt_s", "busy_execution_s", "busy_qty", "busy_execution_s"),
    "fall_off_ratio": ("first_scrap_qty", "first_produced_qty", "first_counted_qty", None),
    "queue_ratio": ("queue_s", "execution_s", "executed_qty", None),
    "process_cycle_efficiency": ("apt_s", "lead_s", "busy_qty", "lead_s"),
    # This plant plans no scrap.
    "actual_to_planned_scrap_ratio": ("nothing", "nothing", "nothing", None),
}


def operation_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """What completed orders took, from release to the end of their last operation."""
    totals: dict[Cell, Sums] = {}
    for order in completed_orders(truth):
        for cell in cells(order_scopes(truth, order.item_id), order.completed_on):
            total = totals.setdefault(cell, defaultdict(Fraction))
            for name, amount in order.parts.items():
                total[name] += amount
    found: Kpis = {}
    for cell, total in totals.items():
        for kpi, (numerator, denominator, known, watched) in OPERATION_KPIS.items():
            coverage = total[known] / total["order_qty"]
            if watched is not None:
                seen = 1 - total["unseen_s"] / total[watched] if total[watched] else Fraction(0)
                coverage = min(coverage, max(seen, Fraction(0)))
            found[kpi, cell] = divided(total[numerator], total[denominator], coverage, floors[kpi])
    return found


def wip_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """How many orders were under way, and whether what was completed explains it."""
    totals: dict[Cell, Sums] = {}
    lengths: dict[tuple[str, date], Fraction] = defaultdict(Fraction)
    for wip in wip_days(truth):
        for period_type, start_of in CALENDAR.items():
            lengths[period_type, start_of(wip.day)] += wip.length_s
        for cell in cells([plant_scope(truth)], wip.day):
            totals.setdefault(cell, defaultdict(Fraction))
        for item_id, part in wip.items.items():
            for cell in cells(order_scopes(truth, item_id), wip.day):
                total = totals.setdefault(cell, defaultdict(Fraction))
                for name, amount in part.items():
                    total[name] += amount
    found: Kpis = {}
    for cell, total in totals.items():
        length = lengths[cell.period_type, cell.period_start_date]
        unexplained = total["open_order_s"] - total["lead_time_s"]
        for kpi, numerator, denominator in (
            ("wip_orders_mean", total["open_order_s"], length),
            ("littles_law_residual", unexplained, total["open_order_s"]),
        ):
            found[kpi, cell] = divided(numerator, denominator, ONE, floors[kpi])
    return found


def batch_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """How long it takes until a machine begins the same item again."""
    tiles = windows(truth)
    seen = [run for run in truth.runs if run.is_observed and run.pass_no == 1]
    days: dict[Cell, list[Fraction]] = defaultdict(list)
    for machine_id in truth.machines:
        making: str | None = None
        begun: dict[str, datetime] = {}
        own = (run for run in seen if run.machine_id == machine_id)
        for run in sorted(own, key=lambda run: run.start_at):
            if run.item_id == making:
                continue
            making = run.item_id
            day = window_of(tiles, run.end_at - MICROSECOND).production_date
            scopes = [("machine", machine_id), *order_scopes(truth, run.item_id)]
            for cell in cells(scopes, day):
                since = days[cell]
                if run.item_id in begun:
                    length_s = seconds(begun[run.item_id], run.start_at)
                    since.append(Fraction(length_s, 24 * HOUR_S))
            begun[run.item_id] = run.start_at
    return {
        ("epei_days", cell): divided(
            sum(since, Fraction(0)), Fraction(len(since)), ONE, floors["epei_days"]
        )
        for cell, since in days.items()
    }


def order_scopes(truth: PlantTruth, item_id: str) -> list[tuple[str, str]]:
    """An item and its plant."""
    return [("item", item_id), ("plant", truth.plant_id)]


def stock_totals(truth: PlantTruth) -> dict[Cell, Sums]:
    """Usage and stock at standard cost, of every item, item type and the plant, by period.

    What the plant used is what it sold; its stock is all that it owns.
    """
    totals: dict[Cell, Sums] = {}
    days: dict[Cell, set[date]] = defaultdict(set)
    for (item_id, _, day), part in inventory_daily(truth).items():
        own = [("item", item_id), ("item_type", truth.item_types[item_id])]
        for used, scopes in (("cogs_amount", own), ("sales_cogs_amount", [plant_scope(truth)])):
            for cell in cells(scopes, day):
                total = totals.setdefault(cell, defaultdict(Fraction))
                total["usage_cost_amount"] += part[used]
                total["daily_stock_value_amount"] += part["closing_amount"]
                if cell.scope_type == "item":
                    is_finished = truth.item_types[item_id] == "finished"
                    total["usage_qty"] -= part["sale_qty" if is_finished else "issue_qty"]
                    total["daily_stock_qty"] += part["closing_qty"]
                total["negative_day_qty"] += part["closing_qty"] < 0
                days[cell].add(day)
    for cell, known in days.items():
        totals[cell]["day_qty"] = Fraction(len(known))
    return totals


def plant_scope(truth: PlantTruth) -> tuple[str, str]:
    """The whole plant."""
    return ("plant", truth.plant_id)


def stock_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Inventory turns per year: cost of what was used over the average value on hand; of one item
    also by its quantities. Days on hand the other way round, and the average value itself."""
    found: Kpis = {}
    for cell, total in stock_totals(truth).items():
        usage, value = total["usage_cost_amount"], total["daily_stock_value_amount"]
        parts = {
            "inventory_turns": (usage, value / DAYS_OF_YEAR),
            "days_on_hand": (value, usage),
            "average_stock_amount": (value, total["day_qty"]),
        }
        if cell.scope_type == "item":
            parts["inventory_turns_by_quantity"] = (
                total["usage_qty"],
                total["daily_stock_qty"] / DAYS_OF_YEAR,
            )
        for kpi, (numerator, denominator) in parts.items():
            found[kpi, cell] = divided(numerator, denominator, ONE, floors[kpi])
    return found


def maintenance_totals(truth: PlantTruth) -> dict[Cell, Sums]:
    """Finished maintenance orders of every machine, line and plant, by the period they were
    finished in."""
    totals: dict[Cell, Sums] = {}
    for work in finished_work(truth):
        for cell in cells(machine_scopes(truth, work.machine_id), work.finished_on):
            total = totals.setdefault(cell, defaultdict(Fraction))
            total["finished_order_qty"] += 1
            total["work_s"] += work.work_s
            total["labour_s"] += work.labour_s
            total["cost_amount"] += work.cost_amount
            total[f"{work.kind}_qty"] += 1
            total[f"{work.kind}_s"] += work.work_s
            if work.kind == "corrective" and work.is_breakdown:
                total["breakdown_qty"] += 1
                total["breakdown_h"] += work.work_s / HOUR_S
    return totals


def maintenance_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """MTTR and the share of corrective work."""
    found: Kpis = {}
    for cell, total in maintenance_totals(truth).items():
        # Every finished order of this plant has its times; without one there is nothing to know.
        repaired = ONE if total["breakdown_qty"] else None
        for kpi, numerator, denominator, coverage in (
            ("mttr_h", "breakdown_h", "breakdown_qty", repaired),
            ("corrective_maintenance_ratio", "corrective_s", "work_s", ONE),
        ):
            found[kpi, cell] = divided(total[numerator], total[denominator], coverage, floors[kpi])
    return found


def months_of_data(truth: PlantTruth) -> set[date]:
    """Every month in which the systems say that something happened."""
    days = {tile.production_date for _, tile in machine_windows(truth)}
    days |= {move.posting_date for move in truth.moves}
    days |= {day for _, _, day in truth.later_counts} | {truth.opening_date}
    instants = [
        *(at for o in truth.orders for at in (o.created_at, o.released_at, o.completed_at)),
        *(at for r in truth.repairs for at in (r.reported_at, r.finished_at)),
        *(
            at
            for line in (*truth.sales_lines, *truth.purchase_lines)
            for at in (line.ordered_at, line.arrived_at)
        ),
    ]
    days |= {truth.local_date(at) for at in instants if at is not None}
    return {month_of(day) for day in days}


def all_kpis(truth: PlantTruth, catalogue: Catalogue) -> Kpis:
    """Every KPI of the catalogue, for the scopes and periods it is reported for."""
    # These stand on what is defined above.
    from oracle_delivery import delivery_kpis, planned_interval_kpis, takt_kpis
    from oracle_maintenance import detection_kpis, preventive_kpis, response_kpis, stretch_kpis
    from oracle_quality import quality_kpis, route_kpis
    from oracle_records import capability_kpis, energy_kpis, labour_kpis

    floors = {kpi: entry.coverage_floor for kpi, entry in catalogue.items()}
    # In a month with data of any kind, the plant has every figure, or is told that it has not.
    found: Kpis = {
        (kpi, Cell(*plant_scope(truth), "month", month)): Value(None, None, None, None, True)
        for month in months_of_data(truth)
        for kpi in catalogue
    }
    for family in (
        floor_kpis,
        order_kpis,
        cohort_kpis,
        operation_kpis,
        wip_kpis,
        batch_kpis,
        stock_kpis,
        maintenance_kpis,
        quality_kpis,
        route_kpis,
        stretch_kpis,
        detection_kpis,
        response_kpis,
        preventive_kpis,
        delivery_kpis,
        takt_kpis,
        planned_interval_kpis,
        labour_kpis,
        energy_kpis,
        capability_kpis,
    ):
        found |= {
            (kpi, cell): value
            for (kpi, cell), value in family(truth, floors).items()
            if cell.scope_type in catalogue[kpi].scope_types
            and cell.period_type in catalogue[kpi].period_types
        }
    # What only items or the like have needs no word of the plant where one of them has it.
    answered = {
        (kpi, month_of(cell.period_start_date))
        for kpi, cell in found
        if "plant" not in catalogue[kpi].scope_types
        and cell.scope_type != "plant"
        and cell.period_type != "week"
    }
    return {
        (kpi, cell): value
        for (kpi, cell), value in found.items()
        if cell.scope_type in catalogue[kpi].scope_types
        or (kpi, cell.period_start_date) not in answered
    }
