"""What every fact and mart must hold, row by row, computed from the plant's ledger alone.

An expectation is the oracle's table beside the query that reads the product's; comparing them
is the same for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb
from comparison import assert_equal, fetch
from oracle_bridge import oee_bridge
from oracle_delivery import judged
from oracle_floor import (
    ELEMENT,
    MICROSECOND,
    Sums,
    Window,
    cut,
    delays_by_kind,
    is_minor,
    machine_windows,
    stop_pareto,
    stops,
    watched_from,
    window_of,
    windows,
)
from oracle_flow import inventory_daily, lead_times, quantile, rejections
from oracle_kpis import (
    Cell,
    Kpis,
    floor_totals,
    lead_time_totals,
    maintenance_totals,
    month_of,
    stock_totals,
)
from oracle_losses import performance_flag, time_losses
from oracle_maintenance import belong_together, failures
from oracle_orders import wip_days
from oracle_quality import observed_runs, route_length
from oracle_records import labour_time, metered, samples
from plant_truth import PlantTruth, seconds

Key = tuple[Any, ...]
Rows = dict[Key, dict[str, Any]]
ZERO = Fraction(0)


@dataclass(frozen=True)
class Expectation:
    """The rows that a table must have, by key, and how to read those it has."""

    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Rows
    query: str

    def hold(
        self, con: duckdb.DuckDBPyConnection, keep: Callable[[Key], bool] = lambda key: True
    ) -> None:
        """Compare both ways; `keep` limits both sides to some keys."""
        # A sum that nothing was added to is zero.
        expected = {
            key: {column: row.get(column, ZERO) for column in self.columns}
            for key, row in self.rows.items()
            if keep(key)
        }
        found = fetch(con, self.query, self.keys)
        actual = {key: row for key, row in found.items() if keep(key)}
        assert_equal(self.table, self.keys, expected, actual, self.columns)


def _expectation(table: str, keys: tuple[str, ...], rows: Rows, query: str = "") -> Expectation:
    """An expectation of every column that the rows name."""
    columns = tuple(dict.fromkeys(column for row in rows.values() for column in row))
    return Expectation(table, keys, columns, rows, query or f"select * from core.{table}")


# Facts


def machine_time(truth: PlantTruth) -> Expectation:
    """Seconds of every machine by window, state and reason; stops and failures where they start."""
    tiles = windows(truth)
    rows: dict[Key, Sums] = {}

    def row(machine_id: str, tile: Window, state: str, reason: str | None) -> Sums:
        schedule = "not_scheduled" if tile.shift_code is None else "scheduled"
        key = (machine_id, tile.production_date, schedule, tile.start_at, state, reason)
        return rows.setdefault(key, defaultdict(Fraction))

    for piece, tile, length_s in cut(truth):
        state = piece.state if piece.is_observed else "not_observed"
        part = row(piece.machine_id, tile, state, piece.reason_code if piece.is_observed else None)
        part["duration_s"] += length_s
        if tile.shift_code is not None:
            part[ELEMENT[state] if piece.is_observed else "not_observed_s"] += length_s
    for stop in stops(truth):
        tile = window_of(tiles, stop.start_at)
        part = row(stop.machine_id, tile, stop.state, stop.reason_code)
        part["stop_qty"] += 1
        part["failure_qty"] += stop.is_failure
        part["minor_stop_qty"] += is_minor(truth, stop)
    for stop, tile, kind, length_s in delays_by_kind(truth):
        if tile.shift_code is not None:
            row(stop.machine_id, tile, stop.state, stop.reason_code)[kind] += length_s
    keys = (
        "machine_id",
        "production_date",
        "schedule",
        "window_start_at",
        "state",
        "reason_code",
    )
    columns = (
        *("duration_s", *ELEMENT.values(), "not_observed_s"),
        *("breakdown_s", "minor_stop_s", "other_delay_s"),
        *("stop_qty", "minor_stop_qty", "failure_qty"),
    )
    query = f"""
        select machine_id, production_date, schedule, window_start_at, f.state, reason_code,
            {", ".join(f"sum({column}) as {column}" for column in columns)}
        from core.fct_machine_time as f left join core.dim_reason using (reason_key)
        group by all
    """
    return Expectation("fct_machine_time", keys, columns, dict(rows), query)


def production(truth: PlantTruth) -> Expectation:
    """Every run that was observed."""
    tiles = windows(truth)
    rows: Rows = {}
    for run in truth.runs:
        if not run.is_observed:
            continue
        first = run.pass_no == 1
        rows[(run.run_id,)] = {
            "machine_id": run.machine_id,
            "order_id": run.order_id,
            "item_id": run.item_id,
            "pass_no": run.pass_no,
            "production_date": window_of(tiles, run.end_at - MICROSECOND).production_date,
            "start_at": run.start_at,
            "end_at": run.end_at,
            "produced_qty": run.produced_qty,
            "good_qty": run.good_qty,
            "scrap_qty": run.scrap_qty,
            "rework_qty": run.rework_qty,
            "ideal_cycle_s": run.ideal_cycle_s,
            # Ideal time is what a first pass should have taken; a second has none.
            "ideal_s": run.produced_qty * run.ideal_cycle_s if first else None,
            "good_ideal_s": run.good_qty * run.ideal_cycle_s if first else None,
        }
    return _expectation("fct_production", ("run_id",), rows)


def scrap(truth: PlantTruth) -> Expectation:
    """Rejected units by run, reason and disposition."""
    runs = {run.run_id: run for run in truth.runs if run.is_observed}
    tiles = windows(truth)
    rows: dict[Key, Sums] = {}
    for rejection in truth.rejections:
        if run := runs.get(rejection.run_id):
            day = window_of(tiles, run.end_at - MICROSECOND).production_date
            key = (run.run_id, run.machine_id, run.item_id, day, rejection.reason_code)
            row = rows.setdefault((*key, rejection.disposition), defaultdict(Fraction))
            row["rejected_qty"] += rejection.qty
    keys = ("run_id", "machine_id", "item_id", "production_date", "reason_code", "disposition")
    query = """
        select p.run_id, m.machine_id, i.item_id, s.production_date, r.reason_code, s.disposition,
            sum(s.rejected_qty) as rejected_qty
        from core.fct_scrap as s
        left join core.fct_production as p using (production_key)
        left join core.dim_machine as m on m.machine_key = s.machine_key
        left join core.dim_item as i on i.item_key = s.item_key
        left join core.dim_reason as r on r.reason_key = s.reason_key
        group by all
    """
    return _expectation("fct_scrap", keys, dict(rows), query)


def orders(truth: PlantTruth) -> Expectation:
    """Every production order, open, finished or cancelled."""
    done = {order.order_id: order for order in lead_times(truth)}
    rows: Rows = {}
    for order in truth.orders:
        lead_time = done.get(order.order_id)
        rows[(order.order_id,)] = {
            "item_id": order.item_id,
            "created_at": order.created_at,
            "released_at": order.released_at,
            "completed_at": order.completed_at,
            "completed_date": lead_time.completed_on if lead_time else None,
            "planned_qty": order.planned_qty,
            "completed_qty": order.completed_qty,
            "is_cancelled": order.is_cancelled,
            "is_completed": lead_time is not None,
            "lead_time_s": lead_time.hours * 3600 if lead_time else None,
            "working_s": lead_time.working_hours * 3600 if lead_time else None,
        }
    return _expectation("fct_order_lead_time", ("order_id",), rows)


def stock_movements(truth: PlantTruth) -> Expectation:
    """Every line of a stock document."""
    rows: Rows = {
        (move.movement_id,): {
            "item_id": move.item_id,
            "location_id": move.location_id,
            "posting_date": move.posting_date,
            "moved_qty": move.qty,
            "movement_class": move.movement_class,
            "is_owned": move.is_owned,
            "standard_value_amount": move.qty * truth.cost_on(move.item_id, move.posting_date),
        }
        for move in truth.moves
    }
    return _expectation("fct_stock_movement", ("movement_id",), rows)


def inventory(truth: PlantTruth) -> Expectation:
    """Owned stock of every item, place and day."""
    classes = ("receipt_purchase", "receipt_production", "issue", "sale", "scrap", "count")
    columns = (
        "opening_qty",
        *(f"{name}_qty" for name in (*classes, "transfer")),
        "closing_qty",
        "closing_value_amount",
    )
    rows: Rows = {
        key: {**part, "closing_value_amount": part["closing_amount"]}
        for key, part in inventory_daily(truth).items()
    }
    keys = ("item_id", "location_id", "stock_date")
    query = "select * from core.fct_inventory_daily"
    return Expectation("fct_inventory_daily", keys, columns, rows, query)


def maintenance_orders(truth: PlantTruth) -> Expectation:
    """Every maintenance order."""
    rows: Rows = {}
    for repair in truth.repairs:
        start, end = repair.started_at, repair.finished_at
        rows[(repair.order_id,)] = {
            "machine_id": repair.machine_id,
            "maintenance_kind": repair.kind,
            "is_breakdown": repair.is_breakdown,
            "reported_at": repair.reported_at,
            "started_at": start,
            "finished_at": end,
            "finished_date": truth.local_date(end) if end else None,
            "response_s": seconds(repair.reported_at, start) if start else None,
            "work_s": seconds(start, end) if start and end else None,
        }
    return _expectation("fct_maintenance_order", ("maintenance_order_id",), rows)


def order_lines(truth: PlantTruth) -> Expectation:
    """Every line of a customer's order and of one to a supplier."""
    rows: Rows = {}
    for kind, lines in (("sales", truth.sales_lines), ("purchase", truth.purchase_lines)):
        of_line = {one.line.line_id: one for one in judged(truth, lines)}
        for line in lines:
            one = of_line.get(line.line_id)
            is_due = one is not None and one.is_due
            rows[kind, line.line_id] = {
                "order_id": line.order_id,
                "partner_id": line.partner_id,
                "item_id": line.item_id,
                "ordered_qty": line.ordered_qty,
                "ordered_at": line.ordered_at,
                "ordered_date": truth.local_date(line.ordered_at),
                "first_promised_date": line.first_promised_date,
                "promised_date": line.promised_date,
                "done_qty": line.arrived_qty,
                "done_at": line.arrived_at,
                "is_cancelled": line.is_cancelled,
                "is_due": is_due,
                "is_on_time": one.is_on_time if one and is_due else None,
                "is_in_full": one.is_in_full if one and is_due else None,
                "cycle_s": one.hours * 3600 if one and one.hours is not None else None,
            }
    shared = "item_id, ordered_qty, ordered_at, ordered_date, first_promised_date, promised_date, "
    judgements = "is_cancelled, is_due, is_on_time, is_in_full"
    query = f"""
        select 'sales' as kind, sales_order_line_id as line_id, sales_order_id as order_id,
            customer_id as partner_id, {shared} delivered_qty as done_qty,
            delivered_at as done_at, {judgements}, fulfilment_s as cycle_s
        from core.fct_sales_order_line
        union all
        select 'purchase', purchase_order_line_id, purchase_order_id, supplier_id, {shared}
            received_qty, received_at, {judgements}, lead_time_s
        from core.fct_purchase_order_line
    """
    return _expectation("fct_order_lines", ("kind", "line_id"), rows, query)


def labour(truth: PlantTruth) -> Expectation:
    """Time of people by machine and shift; attendance has no machine."""
    rows: Rows = {}
    for (machine_id, tile), hours in labour_time(truth).items():
        key = (machine_id, tile.production_date, tile.shift_code)
        row = rows.setdefault(key, {"apwt_s": ZERO, "attended_apwt_s": ZERO, "apat_s": ZERO})
        row["apwt_s"] += hours.work_s
        row["attended_apwt_s"] += hours.attended_s
        row["apat_s"] += hours.present_s
    query = """
        select l.*, s.shift_code from core.fct_labour_time as l
        left join core.dim_shift as s on s.shift_key = l.shift_key
    """
    keys = ("machine_id", "production_date", "shift_code")
    return _expectation("fct_labour_time", keys, rows, query)


def energy(truth: PlantTruth) -> Expectation:
    """What every meter counted, by reading and production day."""
    readings = {reading.reading_id: reading for reading in truth.energy}
    rows: Rows = {
        key: {
            "meter_id": readings[key[0]].meter_id,
            "machine_id": readings[key[0]].machine_id,
            "line_id": readings[key[0]].line_id,
            "metered_s": length_s,
            "energy_kwh": energy_kwh,
        }
        for key, (length_s, energy_kwh) in metered(truth).items()
    }
    return _expectation("fct_energy", ("reading_id", "production_date"), rows)


def measured(truth: PlantTruth) -> Expectation:
    """Every sample of measured values."""
    tiles = windows(truth)
    rows: Rows = {}
    for sample in samples(truth):
        first = sample.first
        key = (first.characteristic_id, first.machine_id, first.measured_at)
        assert key not in rows, "two samples at once: choose another seed"
        rows[key] = {
            "item_id": first.item_id,
            "subgroup_id": first.subgroup_id,
            "production_date": window_of(tiles, first.measured_at).production_date,
            "lower_limit": first.lower_limit,
            "upper_limit": first.upper_limit,
            "measurement_qty": len(sample.values),
            "measured_sum": sum((m.value for m in sample.values), ZERO),
            "squared_deviation_sum": sample.squares_about(sample.mean),
        }
    keys = ("characteristic_id", "machine_id", "first_measured_at")
    return _expectation("fct_measurement_subgroup", keys, rows)


FACTS: tuple[Callable[[PlantTruth], Expectation], ...] = (
    machine_time,
    production,
    scrap,
    orders,
    stock_movements,
    inventory,
    maintenance_orders,
    labour,
    energy,
    measured,
)
#: Of plants whose offices type their lines.
TYPED_FACTS = (order_lines,)


# Marts


def kpi_values(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every figure of the catalogue with what it is made of."""
    keys = (
        "kpi_id",
        "scope_type",
        "scope_id",
        "period_type",
        "period_start_date",
        "shift_code",
    )
    rows: Rows = {
        (
            kpi,
            cell.scope_type,
            cell.scope_id,
            cell.period_type,
            cell.period_start_date,
            cell.shift_code,
        ): vars(value)
        for (kpi, cell), value in kpis.items()
    }
    query = f"""
        select {", ".join(f"k.{key}" for key in keys[:-1])}, s.shift_code,
            k.numerator, k.denominator, k.value, k.coverage_ratio, k.is_withheld
        from marts.kpi_values as k
        left join core.dim_shift as s on s.plant_id = k.plant_id and s.shift_id = k.shift_id
    """
    return _expectation("kpi_values", keys, rows, query)


#: Ratio columns of the wide OEE marts and the KPI each is.
OEE_RATIOS = {
    "availability_ratio": "availability",
    "effectiveness_ratio": "effectiveness",
    "quality_ratio": "quality_ratio",
    "oee_ratio": "oee",
}
OEE_COLUMNS = (
    *("line_id", "pot_s", "pbt_s", "apt_s", "aust_s", "adet_s", "rework_s", "adot_s", "pdot_s"),
    *("not_observed_s", "unscheduled_busy_s"),
    *("produced_qty", "good_qty", "scrap_qty", "rework_qty", "ideal_s", "good_ideal_s"),
    *("first_pass_produced_qty", "first_pass_good_qty", "first_pass_rework_qty"),
    *(*OEE_RATIOS, "oee_coverage_ratio", "is_withheld", "performance_flag"),
)


def _oee_row(truth: PlantTruth, kpis: Kpis, cell: Cell, total: Sums) -> dict[str, Any]:
    oee = kpis["oee", cell]
    return {
        **total,
        **{column: kpis[kpi, cell].value for column, kpi in OEE_RATIOS.items()},
        "oee_coverage_ratio": oee.coverage_ratio,
        "is_withheld": oee.is_withheld,
        "line_id": truth.line_of(cell.scope_id),
        "performance_flag": performance_flag(total, cell.period_type),
    }


def oee_shift(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every machine and shift instance."""
    rows: Rows = {}
    for (machine, tile), part in machine_windows(truth).items():
        if tile.shift_code is not None:
            cell = Cell("machine", machine, "shift", tile.production_date, tile.shift_code)
            key = (machine, tile.production_date, tile.shift_code)
            rows[key] = _oee_row(truth, kpis, cell, part)
    keys = ("machine_id", "production_date", "shift_code")
    query = "select *, oee_withheld_reason is not null as is_withheld from marts.mart_oee_shift"
    return Expectation("mart_oee_shift", keys, OEE_COLUMNS, rows, query)


def oee_daily(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every machine and production day, time outside shifts included."""
    totals: dict[Key, Sums] = {}
    for (machine, tile), part in machine_windows(truth).items():
        total = totals.setdefault((machine, tile.production_date), defaultdict(Fraction))
        for name, amount in part.items():
            total[name] += amount
    rows: Rows = {
        (machine, day): _oee_row(truth, kpis, Cell("machine", machine, "day", day), total)
        for (machine, day), total in totals.items()
    }
    keys = ("machine_id", "production_date")
    query = "select *, oee_withheld_reason is not null as is_withheld from marts.mart_oee_daily"
    return Expectation("mart_oee_daily", keys, OEE_COLUMNS, rows, query)


def losses(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every loss bucket of every machine and production day."""
    rows: Rows = {key: {"duration_s": length_s} for key, length_s in time_losses(truth).items()}
    keys = ("machine_id", "production_date", "loss_bucket")
    return _expectation("mart_time_losses", keys, rows, "select * from marts.mart_time_losses")


def bridge(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """What moved OEE of every line and plant between two weeks or months."""
    rows: Rows = dict(oee_bridge(truth, kpis))
    keys = ("scope_type", "scope_id", "period_type", "before_start_date", "after_start_date")
    return _expectation("mart_oee_bridge", keys, rows, "select * from marts.mart_oee_bridge")


def coverage(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """How much is known of every machine, line and plant."""
    columns = ("observed_time_ratio", "labelled_stop_ratio", "rated_output_ratio")
    keys = ("scope_type", "scope_id", "period_type", "period_start_date")
    rows: Rows = {}
    for (kpi, cell), value in kpis.items():
        if kpi in columns and value.value is not None:
            key = (cell.scope_type, cell.scope_id, cell.period_type, cell.period_start_date)
            rows.setdefault(key, dict.fromkeys(columns))[kpi] = value.value
    query = f"""
        select * from marts.mart_coverage where coalesce({", ".join(columns)}) is not null
    """
    return Expectation("mart_coverage", keys, columns, rows, query)


def pareto(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """What every machine stood for on every production day."""
    rows: Rows = {
        (key.machine_id, key.production_date, key.schedule, key.state, key.reason_code): part
        for key, part in stop_pareto(truth).items()
    }
    keys = ("machine_id", "production_date", "schedule", "state", "reason_code")
    query = """
        select p.*, r.reason_code
        from marts.mart_stop_pareto as p
        left join core.dim_reason as r on r.reason_key = p.reason_key
    """
    columns = ("duration_s", "stop_qty", "failure_qty")
    return Expectation("mart_stop_pareto", keys, columns, rows, query)


def scrap_daily(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every machine and production day with output, and what rejections explain of it."""
    explained: dict[tuple[str, date], Sums] = defaultdict(lambda: defaultdict(Fraction))
    for (machine, day, item, _, disposition), qty in rejections(truth).items():
        explained[machine, day][f"explained_{disposition}_qty"] += qty
        if disposition == "scrap":
            explained[machine, day]["scrap_cost_amount"] += qty * truth.cost_on(item, day)
    rows: Rows = {}
    for cell, total in floor_totals(truth).items():
        if (cell.scope_type, cell.period_type) == ("machine", "day") and total["run_qty"]:
            ratio = kpis["scrap_ratio", cell]
            rows[cell.scope_id, cell.period_start_date] = {
                **total,
                **explained[cell.scope_id, cell.period_start_date],
                "scrap_ratio": ratio.value,
                "rework_ratio": kpis["rework_ratio", cell].value,
                "scrap_coverage_ratio": ratio.coverage_ratio,
            }
    columns = (
        *("first_pass_produced_qty", "good_qty", "scrap_qty", "rework_qty"),
        *("explained_scrap_qty", "explained_rework_qty", "scrap_cost_amount"),
        *("scrap_ratio", "rework_ratio", "scrap_coverage_ratio"),
    )
    keys = ("machine_id", "production_date")
    query = "select * from marts.mart_scrap_daily"
    return Expectation("mart_scrap_daily", keys, columns, rows, query)


def scrap_pareto(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every machine, item, reason and production day with a rejection."""
    rows: dict[Key, Sums] = {}
    for (machine, day, item, reason, disposition), qty in rejections(truth).items():
        row = rows.setdefault((machine, item, reason, day), defaultdict(Fraction))
        row[f"{disposition}_qty"] += qty
        if disposition == "scrap":
            row["scrap_cost_amount"] += qty * truth.cost_on(item, day)
    keys = ("machine_id", "item_id", "reason_code", "production_date")
    query = """
        select p.*, r.reason_code
        from marts.mart_scrap_pareto as p
        left join core.dim_reason as r on r.reason_key = p.reason_key
    """
    columns = ("scrap_qty", "rework_qty", "scrap_cost_amount")
    return Expectation("mart_scrap_pareto", keys, columns, dict(rows), query)


def lead_time_weekly(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Orders finished in every week, of the plant and of every item."""
    rows: Rows = {}
    for cell, orders in lead_time_totals(truth).items():
        if cell.period_type == "week":
            hours = [order.hours for order in orders]
            count = Fraction(len(hours))
            rows[cell.scope_type, cell.scope_id, cell.period_start_date] = {
                "completed_order_qty": count,
                "measured_order_qty": count,
                "lead_time_s": sum(hours, ZERO) * 3600,
                "lead_time_mean_h": sum(hours, ZERO) / count,
                "lead_time_median_h": quantile(hours, Fraction(1, 2)),
                "lead_time_p85_h": quantile(hours, Fraction(85, 100)),
                "lead_time_coverage_ratio": Fraction(1),
                "lead_time_withheld_reason": None,
            }
    keys = ("scope_type", "scope_id", "week_start_date")
    query = "select * from marts.mart_lead_time_weekly"
    return _expectation("mart_lead_time_weekly", keys, rows, query)


def wip_daily(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Work in process of every item on every day that is over."""
    rows: Rows = {
        (item_id, wip.day): {name: amount for name, amount in part.items() if name in WIP_COLUMNS}
        for wip in wip_days(truth)
        for item_id, part in wip.items.items()
    }
    keys = ("item_id", "wip_date")
    query = "select * from marts.mart_wip_daily"
    return Expectation("mart_wip_daily", keys, WIP_COLUMNS, rows, query)


WIP_COLUMNS = (
    *("open_order_qty", "open_qty", "open_up_to_7_days_order_qty", "open_8_to_30_days_order_qty"),
    *("open_over_30_days_order_qty", "open_order_s", "released_order_qty", "completed_order_qty"),
)


def inventory_turns(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Usage and stock of every month, of the plant, every item type and item."""
    rows: Rows = {}
    for cell, total in stock_totals(truth).items():
        if cell.period_type == "month":
            turns = kpis["inventory_turns", cell]
            shown = ("day_qty", "negative_day_qty", "usage_cost_amount", "daily_stock_value_amount")
            rows[cell.scope_type, cell.scope_id, cell.period_start_date] = {
                **{name: total[name] for name in shown},
                "turns_per_year": turns.value,
                "turns_coverage_ratio": turns.coverage_ratio,
                "turns_withheld_reason": None,
            }
    keys = ("scope_type", "scope_id", "month_start_date")
    query = "select * from marts.mart_inventory_turns_monthly"
    return _expectation("mart_inventory_turns_monthly", keys, rows, query)


def maintenance_monthly(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every machine and month: finished orders, operating time, failures."""
    works = maintenance_totals(truth)
    rows: Rows = {}
    for cell, total in floor_totals(truth).items():
        if (cell.scope_type, cell.period_type) != ("machine", "month"):
            continue
        mtbf = kpis["mtbf_h", cell]
        row: dict[str, Any] = {
            **works.get(cell, {"labour_s": None, "cost_amount": None}),
            "operating_s": total["operating_s"],
            "failure_qty": total["failure_qty"],
            "mtbf_h": mtbf.value,
            "mtbf_coverage_ratio": mtbf.coverage_ratio,
            "line_id": truth.line_of(cell.scope_id),
        }
        for kpi in ("mttr_h", "corrective_maintenance_ratio"):
            row[kpi] = kpis[kpi, cell].value if cell in works else None
        rows[cell.scope_id, cell.period_start_date] = row
    columns = (
        *("line_id", "finished_order_qty", "breakdown_qty", "corrective_qty", "preventive_qty"),
        *("corrective_s", "preventive_s", "labour_s", "cost_amount"),
        *("operating_s", "failure_qty", "mtbf_h", "mttr_h", "corrective_maintenance_ratio"),
        "mtbf_coverage_ratio",
    )
    keys = ("machine_id", "month_start_date")
    query = "select * from marts.mart_maintenance_monthly"
    return Expectation("mart_maintenance_monthly", keys, columns, rows, query)


def stop_reconciliation(truth: PlantTruth, _: Kpis) -> Expectation:
    """Every failure stop with its order, and every breakdown order that no stop belongs to."""
    rows: Rows = {}
    tiles = windows(truth)
    for machine_id in truth.machines:
        stops_of = failures(truth)[machine_id]
        for stop in stops_of:
            near = [
                (abs(stop.start_at - repair.reported_at), repair.order_id, repair.reported_at)
                for repair in truth.repairs_of[machine_id]
                if belong_together(truth, repair, stop)
            ]
            _, order_id, reported_at = min(near) if near else (None, None, None)
            rows[machine_id, stop.start_at, order_id] = {
                "match_kind": "matched" if near else "stop_without_order",
                "stop_s": seconds(stop.start_at, stop.end_at),
                "event_date": window_of(tiles, stop.start_at).production_date,
                "reported_at": reported_at,
            }
        since = watched_from(truth, machine_id)
        for repair in truth.repairs_of[machine_id]:
            if (
                repair.kind == "corrective"
                and repair.is_breakdown
                and since <= repair.reported_at < truth.known_until
                and not any(belong_together(truth, repair, stop) for stop in stops_of)
            ):
                rows[machine_id, None, repair.order_id] = {
                    "match_kind": "order_without_stop",
                    "stop_s": None,
                    "event_date": truth.local_date(repair.reported_at),
                    "reported_at": repair.reported_at,
                }
    keys = ("machine_id", "stop_start_at", "maintenance_order_id")
    query = "select * from marts.mart_stop_reconciliation"
    return _expectation("mart_stop_reconciliation", keys, rows, query)


def reconciliation_production(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every order: good units of the last operation, and what was received into stock of it."""
    rows: dict[Key, Sums] = {}
    for run, _ in observed_runs(truth):
        if run.operation_no == 10 * route_length(truth, truth.line_of(run.machine_id)):
            row = rows.setdefault((run.order_id, run.item_id), defaultdict(Fraction))
            row["mes_good_qty"] += run.good_qty
    for move in truth.moves:
        if move.movement_class == "receipt_production":
            row = rows.setdefault((move.order_id, move.item_id), defaultdict(Fraction))
            row["erp_received_qty"] += move.qty
    for row in rows.values():
        row["difference_qty"] = row["mes_good_qty"] - row["erp_received_qty"]
    keys = ("order_id", "item_id")
    columns = ("mes_good_qty", "erp_received_qty", "difference_qty")
    query = "select * from marts.mart_reconciliation_production"
    return Expectation("mart_reconciliation_production", keys, columns, dict(rows), query)


def reconciliation_scrap(truth: PlantTruth, kpis: Kpis) -> Expectation:
    """Every item made and month: scrap of the MES, and scrap that left the stock."""
    rows: dict[Key, Sums] = {}
    made = set()
    for run, tile in observed_runs(truth):
        made.add(run.item_id)
        key = (run.item_id, month_of(tile.production_date))
        rows.setdefault(key, defaultdict(Fraction))["mes_scrap_qty"] += run.scrap_qty
    for move in truth.moves:
        if move.movement_class == "scrap" and move.is_owned and move.item_id in made:
            key = (move.item_id, month_of(move.posting_date))
            rows.setdefault(key, defaultdict(Fraction))["erp_scrap_qty"] -= move.qty
    for row in rows.values():
        row["difference_qty"] = row["mes_scrap_qty"] - row["erp_scrap_qty"]
    keys = ("item_id", "month_start_date")
    columns = ("mes_scrap_qty", "erp_scrap_qty", "difference_qty")
    query = "select * from marts.mart_reconciliation_scrap"
    return Expectation("mart_reconciliation_scrap", keys, columns, dict(rows), query)


MARTS: tuple[Callable[[PlantTruth, Kpis], Expectation], ...] = (
    kpi_values,
    oee_shift,
    oee_daily,
    losses,
    bridge,
    coverage,
    pareto,
    scrap_daily,
    scrap_pareto,
    lead_time_weekly,
    wip_daily,
    inventory_turns,
    maintenance_monthly,
    stop_reconciliation,
    reconciliation_production,
    reconciliation_scrap,
)
