"""Failures, restorations and preventive work, computed from the ledger order by order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from oracle_floor import Stop, machine_windows, stops
from oracle_kpis import (
    HOUR_S,
    ONE,
    Cell,
    Kpis,
    cells,
    divided,
    floor_coverage,
    floor_totals,
    machine_scopes,
)
from plant_truth import PlantTruth, Repair, seconds

#: Clocks differ: an order and a stop so far apart may still belong together.
TOLERANCE = timedelta(minutes=15)
#: Preventive work counts as done on its due date so many days before and after it.
PREVENTIVE_TOLERANCE = timedelta(days=3)


def stretch_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Mean time to failure: each failure ends a stretch of operation; each machine is in one."""
    operating: dict[Cell, set[str]] = defaultdict(set)
    for (machine_id, tile), part in machine_windows(truth).items():
        if part["operating_s"]:
            for cell in cells(machine_scopes(truth, machine_id), tile.production_date):
                operating[cell].add(machine_id)
    return {
        ("mttf_h", cell): divided(
            total["operating_s"] / HOUR_S,
            total["failure_qty"] + len(operating[cell]),
            floor_coverage("mtbf_h", total),
            floors["mttf_h"],
        )
        for cell, total in floor_totals(truth).items()
        if cell.scope_type != "item"
    }


def is_finished_breakdown(repair: Repair) -> bool:
    """True for a machine that stood and runs again."""
    return repair.kind == "corrective" and repair.is_breakdown and repair.finished_at is not None


def by_cell(truth: PlantTruth, repairs: Iterable[tuple[Repair, date]]) -> dict[Cell, list[Repair]]:
    """Orders of every machine, line and plant, by the period that holds a date of theirs."""
    found: dict[Cell, list[Repair]] = defaultdict(list)
    for repair, day in repairs:
        for cell in cells(machine_scopes(truth, repair.machine_id), day):
            found[cell].append(repair)
    return found


def finished_by_cell(truth: PlantTruth) -> dict[Cell, list[Repair]]:
    """Finished orders by the period they were finished in."""
    return by_cell(
        truth,
        ((r, truth.local_date(r.finished_at)) for r in truth.repairs if r.finished_at is not None),
    )


def mean_hours(
    finished: dict[Cell, list[Repair]], lengths_s: dict[str, int], kpi: str, floor: Fraction
) -> Kpis:
    """Mean of the known lengths of finished breakdowns, of every cell with finished orders."""
    found: Kpis = {}
    for cell, repairs in finished.items():
        breakdowns = [r.order_id for r in repairs if is_finished_breakdown(r)]
        known = [lengths_s[order_id] for order_id in breakdowns if order_id in lengths_s]
        coverage = Fraction(len(known), len(breakdowns)) if breakdowns else None
        hours = Fraction(sum(known), HOUR_S)
        found[kpi, cell] = divided(hours, Fraction(len(known)), coverage, floor)
    return found


def response_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Report to start of work; nobody writes down when a technician arrived."""
    lengths_s = {
        r.order_id: seconds(r.reported_at, r.started_at)
        for r in truth.repairs
        if is_finished_breakdown(r) and r.started_at is not None
    }
    kpi = "time_to_respond_h"
    return mean_hours(finished_by_cell(truth), lengths_s, kpi, floors[kpi])


def failures(truth: PlantTruth) -> dict[str, list[Stop]]:
    """The failure stops of every machine, as far as anybody knows how long they lasted."""
    found: dict[str, list[Stop]] = defaultdict(list)
    for stop in stops(truth):
        if stop.is_failure:
            end_at = min(stop.end_at, truth.known_until)
            found[stop.machine_id].append(replace(stop, end_at=end_at))
    return found


def belong_together(truth: PlantTruth, repair: Repair, stop: Stop) -> bool:
    """True where a breakdown order and a stop of its machine overlap, or nearly do."""
    return (
        repair.kind == "corrective"
        and repair.is_breakdown
        and repair.machine_id == stop.machine_id
        and stop.start_at <= (repair.finished_at or truth.known_until) + TOLERANCE
        and stop.end_at >= repair.reported_at - TOLERANCE
    )


def detection_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Start of the stop to the report, where anybody saw the stop."""
    stops_of = failures(truth)
    lengths_s: dict[str, int] = {}
    for repair in filter(is_finished_breakdown, truth.repairs):
        near = [
            (abs(stop.start_at - repair.reported_at), stop.start_at)
            for stop in stops_of[repair.machine_id]
            if belong_together(truth, repair, stop)
        ]
        if near:
            _, start_at = min(near)
            lengths_s[repair.order_id] = max(0, seconds(start_at, repair.reported_at))
    kpi = "time_to_detect_h"
    return mean_hours(finished_by_cell(truth), lengths_s, kpi, floors[kpi])


def preventive_kpis(truth: PlantTruth, floors: dict[str, Fraction]) -> Kpis:
    """Preventive orders finished in time, of those that were due and can no longer be."""
    today = truth.local_date(truth.known_until)
    due: list[tuple[Repair, date]] = []
    in_time: set[str] = set()
    for repair in truth.repairs:
        if repair.kind != "preventive":
            continue
        assert repair.due_date is not None, "preventive work is due some day"
        if repair.finished_at is None and repair.due_date + PREVENTIVE_TOLERANCE >= today:
            continue
        due.append((repair, repair.due_date))
        if repair.finished_at is not None:
            distance = abs(truth.local_date(repair.finished_at) - repair.due_date)
            if distance <= PREVENTIVE_TOLERANCE:
                in_time.add(repair.order_id)
    kpi = "pm_compliance_ratio"
    return {
        (kpi, cell): divided(
            Fraction(sum(repair.order_id in in_time for repair in repairs)),
            Fraction(len(repairs)),
            ONE,
            floors[kpi],
        )
        for cell, repairs in by_cell(truth, due).items()
    }
