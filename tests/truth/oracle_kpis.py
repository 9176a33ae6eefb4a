"""KPIs from the additive parts: rolled up by scope and period, divided once, withheld where a
figure would say more than is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from oracle_floor import MICROSECOND, Sums, machine_windows, window_of, windows
from oracle_flow import finished_work, inventory_daily, lead_times, quantile
from plant_truth import PlantTruth

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
    "allocation_efficiency": ("aubt_s", "pbt_s"),
    "utilization_efficiency": ("apt_s", "aubt_s"),
    "setup_ratio": ("aust_s", "aupt_s"),
    "technical_efficiency": ("apt_s", "apt_and_delay_s"),
    "scrap_ratio": ("scrap_qty", "first_pass_produced_qty"),
    "rework_ratio": ("first_pass_rework_qty", "first_pass_produced_qty"),
    "mtbf_h": ("operating_h", "failure_qty"),
}
#: KPIs that stand on what was counted, not on how long machines were watched.
COUNTED = ("scrap_ratio", "rework_ratio")


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
    if kpi in COUNTED:
        return ONE
    missed = total["not_observed_s"]
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
        total["apt_and_delay_s"] = total["apt_s"] + total["adet_s"]
        total["operating_h"] = total["operating_s"] / HOUR_S
        for kpi, (numerator, denominator) in FLOOR_KPIS.items():
            if kpi in COUNTED and not total["run_qty"]:
                continue  # nothing was made, and nobody expects a figure
            if cell.scope_type == "item" and kpi not in COUNTED:
                continue
            coverage = floor_coverage(kpi, total)
            found[kpi, cell] = divided(total[numerator], total[denominator], coverage, floors[kpi])
    return found


def lead_time_totals(truth: PlantTruth) -> dict[Cell, list[Fraction]]:
    """The hours of every finished order, by item and plant and the period it was finished in."""
    hours: dict[Cell, list[Fraction]] = defaultdict(list)
    for order in lead_times(truth):
        for cell in cells(order_scopes(truth, order.item_id), order.completed_on):
            hours[cell].append(order.hours)
    return hours


def order_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Lead times of finished orders."""
    found: Kpis = {}
    for cell, values in lead_time_totals(truth).items():
        count = Fraction(len(values))
        # Every finished order of this plant has both dates.
        found["lead_time_mean_h", cell] = divided(
            sum(values, Fraction(0)), count, ONE, floors["lead_time_mean_h"]
        )
        found["lead_time_median_h", cell] = Value(None, count, quantile(values, HALF), ONE, False)
    return found


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
    ]
    days |= {truth.local_date(at) for at in instants if at is not None}
    return {month_of(day) for day in days}


def all_kpis(truth: PlantTruth, catalogue: Catalogue) -> Kpis:
    """Every KPI of the catalogue, for the scopes and periods it is reported for."""
    # These stand on what is defined above.
    from oracle_quality import quality_kpis, route_kpis

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
        stock_kpis,
        maintenance_kpis,
        quality_kpis,
        route_kpis,
    ):
        found |= family(truth, floors)
    return {
        (kpi, cell): value
        for (kpi, cell), value in found.items()
        if cell.scope_type in catalogue[kpi].scope_types
        and cell.period_type in catalogue[kpi].period_types
    }
