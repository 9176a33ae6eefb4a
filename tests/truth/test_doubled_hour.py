"""The night in which an hour comes twice: nothing is wrong but what nobody could know.

Lines whose time means one of two instants are put aside; the tests hold everything else to the
truth, and the lines put aside to really be of that hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

import pytest
from doubled_hour import (
    IN_THE_HOUR,
    NIGHT,
    RULE,
    SHIFT,
    delivered,
    lost_ids,
    lost_lines,
    unknown_orders,
    unknown_windows,
    what_is_known,
)
from expectations import (
    Expectation,
    Key,
    inventory,
    inventory_turns,
    kpi_values,
    lead_time_weekly,
    machine_time,
    maintenance_orders,
    oee_daily,
    oee_shift,
    orders,
    pareto,
    production,
    scrap,
    scrap_daily,
    stock_movements,
)
from oracle_floor import windows
from oracle_kpis import (
    OPERATION_KPIS,
    Cell,
    Kpis,
    all_kpis,
    cells,
    machine_scopes,
    order_scopes,
    week_of,
)
from plant_truth import PlantTruth
from simulated_night import Night, lines_of, read_catalogue


@pytest.fixture(scope="module")
def known(autumn: Night) -> PlantTruth:
    """The truth without what the lists of the office could not say."""
    return what_is_known(autumn)


@pytest.fixture(scope="module")
def kpis(autumn: Night, known: PlantTruth) -> Kpis:
    """Every KPI of what could be known."""
    return all_kpis(known, read_catalogue(autumn))


@dataclass(frozen=True)
class Unknown:
    """Machines and times of which that night a line was put aside."""

    windows: set[tuple[str, datetime]]
    shifts: set[tuple[str, date, str | None]]
    days: set[tuple[str, date]]


@pytest.fixture(scope="module")
def unknown(autumn: Night) -> Unknown:
    """What cannot be compared, because nobody can know it."""
    found = unknown_windows(autumn)
    every = len(windows(autumn.truth)) * len(autumn.truth.machines)
    assert len(found) < every / 5, "so much is unknown that little is left to compare"
    return Unknown(
        {(machine_id, tile.start_at) for machine_id, tile in found},
        {(machine_id, tile.production_date, tile.shift_code) for machine_id, tile in found},
        {(machine_id, tile.production_date) for machine_id, tile in found},
    )


def test_only_lines_of_that_hour_are_put_aside(autumn: Night) -> None:
    planted = {(d.file, d.line_no) for d in autumn.truth.defects if d.is_quarantined}
    found = autumn.con.execute("select file_path, line_no, rule from raw.quarantine").fetchall()
    assert planted <= {(file, line_no) for file, line_no, _ in found}
    ambiguous = [(file, line_no) for file, line_no, rule in found if rule == RULE]
    assert ambiguous, "nothing happened in the hour that comes twice"
    others = {(file, line_no) for file, line_no, rule in found if rule != RULE}
    assert others <= planted
    landing = autumn.settings.landing_dir
    texts = [lines_of(landing, file)[line_no - 1] for file, line_no in ambiguous]
    assert not [text for text in texts if not IN_THE_HOUR.search(text)]


def test_delivered_is_accepted_plus_quarantined_plus_duplicates(autumn: Night) -> None:
    wrong = autumn.con.execute(
        "select file_path from raw.deliveries "
        "where delivered_rows <> accepted_rows + quarantined_rows + duplicate_rows"
    ).fetchall()
    assert not wrong


def test_runs_are_told_apart_where_the_clock_steps_back(autumn: Night) -> None:
    """A machine whose next run starts earlier than the one before says itself which is which."""
    by_machine: dict[str, list[tuple[int, list[str], int]]] = defaultdict(list)
    for line in delivered(autumn, "his_prod"):
        if "his_prod_20261026" in line.file and line.fields[2] == "1":
            run = (int(line.fields[0]), line.fields[7:9], line.line_no)
            by_machine[line.fields[1]].append(run)
    lost = {line_no for file, line_no in lost_lines(autumn) if "his_prod_20261026" in file}
    told = 0
    for runs in by_machine.values():
        times = [
            datetime.strptime(text, "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007 (as exported)
            for _, pair, _ in sorted(runs)
            for text in pair
            if text
        ]
        if any(later < earlier for earlier, later in pairwise(times)):
            told += 1
            assert not lost & {line_no for _, _, line_no in runs}
    assert told, "no machine's runs step back: choose another seed"


def test_the_night_shift_has_nine_hours_and_its_day_twenty_five(autumn: Night) -> None:
    shift = autumn.con.execute(
        "select shift_s from core.dim_shift where shift_code = ? and production_date = ?",
        [SHIFT, NIGHT],
    ).fetchall()
    assert shift == [(9 * 3600,)]
    days = autumn.con.execute(
        "select machine_id, sum(duration_s), sum(pot_s) from core.fct_machine_time "
        "where production_date = ? group by machine_id",
        [NIGHT],
    ).fetchall()
    assert {(total, planned) for _, total, planned in days} == {(25 * 3600, 25 * 3600)}
    assert len(days) == 4


def test_machine_time(autumn: Night, unknown: Unknown) -> None:
    machine_time(autumn.truth).hold(autumn.con, lambda key: (key[0], key[3]) not in unknown.windows)


def test_runs_and_rejections(autumn: Night) -> None:
    lost = lost_ids(autumn, "his_prod") | {
        line.fields[1]
        for line in delivered(autumn, "his_prod_defecto")
        if (line.file, line.line_no) in lost_lines(autumn)
    }
    for expectation in (production, scrap):
        expectation(autumn.truth).hold(autumn.con, lambda key: key[0] not in lost)


@pytest.mark.parametrize(
    "expectation",
    [orders, stock_movements, inventory, maintenance_orders],
    ids=lambda f: f.__name__,
)
def test_office_fact(
    autumn: Night, known: PlantTruth, expectation: Callable[[PlantTruth], Expectation]
) -> None:
    expectation(known).hold(autumn.con)


@pytest.mark.parametrize(
    "expectation", [lead_time_weekly, inventory_turns], ids=lambda f: f.__name__
)
def test_office_mart(
    autumn: Night,
    known: PlantTruth,
    kpis: Kpis,
    expectation: Callable[[PlantTruth, Kpis], Expectation],
) -> None:
    expectation(known, kpis).hold(autumn.con)


def test_oee_by_shift(autumn: Night, known: PlantTruth, kpis: Kpis, unknown: Unknown) -> None:
    oee_shift(known, kpis).hold(autumn.con, lambda key: key not in unknown.shifts)


@pytest.mark.parametrize("expectation", [oee_daily, pareto, scrap_daily], ids=lambda f: f.__name__)
def test_day_of_machines(
    autumn: Night,
    known: PlantTruth,
    kpis: Kpis,
    unknown: Unknown,
    expectation: Callable[[PlantTruth, Kpis], Expectation],
) -> None:
    expectation(known, kpis).hold(autumn.con, lambda key: key[:2] not in unknown.days)


OFFICE_KPIS = (
    *("lead_time_median_h", "lead_time_mean_h", "lead_time_p85_h", "lead_time_p95_h"),
    *("lead_time_working_h", "lead_time_by_release_median_h", "lead_time_restricted_mean_h"),
    *("wip_orders_mean", "littles_law_residual", "inventory_turns"),
    *("mttr_h", "corrective_maintenance_ratio"),
)


def test_kpi_values(autumn: Night, known: PlantTruth, kpis: Kpis, unknown: Unknown) -> None:
    cells_in_the_dark = {
        cell
        for machine_id, day, shift in unknown.shifts
        for cell in cells([*machine_scopes(known, machine_id)], day, shift)
    }
    # Items are made on any machine.
    items_in_the_dark = {
        (cell.period_type, cell.period_start_date, cell.shift_code) for cell in cells_in_the_dark
    }

    # What was put aside is missing on the route of its order, whenever that was completed.
    lost_orders = unknown_orders(autumn)
    orders_in_the_dark = {
        cell
        for order in known.orders
        if order.order_id in lost_orders and order.completed_at is not None
        for cell in cells(order_scopes(known, order.item_id), known.local_date(order.completed_at))
    }

    def could_be_known(key: Key) -> bool:
        kpi, cell = key[0], Cell(*key[1:])
        if kpi in OFFICE_KPIS:
            return True
        if kpi in OPERATION_KPIS:
            return cell not in orders_in_the_dark
        if kpi == "epei_days":
            # A batch may begin earlier than anybody knows, and the next one later after it.
            return cell.period_type == "week" and cell.period_start_date < week_of(NIGHT)
        if cell.scope_type == "item":
            return key[3:] not in items_in_the_dark
        return cell not in cells_in_the_dark

    kpi_values(known, kpis).hold(autumn.con, could_be_known)
