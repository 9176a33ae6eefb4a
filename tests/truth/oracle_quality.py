"""Yields and the cost of scrap, computed from the ledger run by run."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import prod

from oracle_floor import MICROSECOND, Sums, Window, window_of, windows
from oracle_kpis import ONE, Cell, Kpis, Value, cells, divided, machine_scopes, plant_scope
from plant_truth import PlantTruth, Run, once

#: Longer lines are several routes, and then a line does not say which machines an order passes.
LONGEST_ROUTE = 10


@once
def observed_runs(truth: PlantTruth) -> list[tuple[Run, Window]]:
    """Every run that a system knows of, and the shift in which it ended."""
    tiles = windows(truth)
    return [
        (run, window_of(tiles, run.end_at - MICROSECOND)) for run in truth.runs if run.is_observed
    ]


def route_length(truth: PlantTruth, line_id: str) -> int:
    """An order passes every machine of its line, one operation at each."""
    stations = [m for m in truth.machines if truth.line_of(m) == line_id]
    assert len(stations) <= LONGEST_ROUTE
    return len(stations)


def quality_totals(truth: PlantTruth) -> dict[Cell, Sums]:
    """Units and the cost of scrap, of every item, machine, line and the plant."""
    totals: dict[Cell, Sums] = {}
    for run, tile in observed_runs(truth):
        cost = truth.cost_on(run.item_id, tile.production_date)
        last = 10 * route_length(truth, truth.line_of(run.machine_id))
        scopes = [*machine_scopes(truth, run.machine_id), ("item", run.item_id)]
        for cell in cells(scopes, tile.production_date, tile.shift_code):
            total = totals.setdefault(cell, defaultdict(Fraction))
            total["good_qty"] += run.good_qty
            total["scrap_cost_amount"] += run.scrap_qty * cost
            if run.operation_no == last:
                total["output_value_amount"] += run.good_qty * cost
            if run.pass_no == 1:
                total["first_pass_run_qty"] += 1
                total["entered_qty"] += run.produced_qty
                total["first_pass_good_qty"] += run.good_qty
    return totals


def quality_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """First pass and final yield, and the cost of poor quality. All that is made is counted in
    pieces, every run carries its quantities and every item has a cost, so all of it is known."""
    found: Kpis = {}
    for cell, total in quality_totals(truth).items():
        if total["first_pass_run_qty"]:
            for kpi, good in (
                ("first_pass_yield", "first_pass_good_qty"),
                ("final_yield", "good_qty"),
            ):
                found[kpi, cell] = divided(total[good], total["entered_qty"], ONE, floors[kpi])
        cost = total["scrap_cost_amount"]
        found["copq_amount", cell] = Value(cost, None, cost, ONE, False)
        found["copq_ratio", cell] = divided(
            cost,
            total["output_value_amount"],
            ONE,
            floors["copq_ratio"],
        )
    return found


def route_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Rolled throughput yield of every item, and of the plant by the units that entered."""
    line_of: dict[str, str] = {}
    routes: dict[Cell, dict[int, Sums]] = {}
    for run, tile in observed_runs(truth):
        line_of[run.item_id] = truth.line_of(run.machine_id)
        if run.pass_no != 1:
            continue
        for cell in cells([("item", run.item_id)], tile.production_date):
            step = routes.setdefault(cell, {}).setdefault(run.operation_no, defaultdict(Fraction))
            step["produced_qty"] += run.produced_qty
            step["good_qty"] += run.good_qty
    found: Kpis = {}
    plant: dict[Cell, Sums] = {}
    for cell, route in routes.items():
        length = route_length(truth, line_of[cell.scope_id])
        known = [step for step in route.values() if step["produced_qty"]]
        entered = route.get(10, {}).get("produced_qty", Fraction(0))
        total = plant.setdefault(
            Cell(*plant_scope(truth), cell.period_type, cell.period_start_date),
            defaultdict(Fraction),
        )
        total["entered_qty"] += entered
        if len(known) < length:
            share = Fraction(len(known), length)
            found["rolled_throughput_yield", cell] = Value(None, None, None, share, True)
            continue
        passed = entered * prod(step["good_qty"] / step["produced_qty"] for step in known)
        total["known_qty"] += entered
        total["passed_qty"] += passed
        found["rolled_throughput_yield", cell] = divided(passed, entered, ONE, ONE)
    for cell, total in plant.items():
        known_qty, entered = total["known_qty"], total["entered_qty"]
        coverage = known_qty / entered if entered else None
        floor = floors["rolled_throughput_yield"]
        found["rolled_throughput_yield", cell] = (
            divided(total["passed_qty"], known_qty, coverage, floor)
            if known_qty
            else Value(None, None, None, coverage, True)
        )
    return found
