"""The night in which an hour comes twice: nothing is wrong but what nobody could know.

Lines whose time means one of two instants are put aside; the tests hold everything else to the
truth, and the lines put aside to really be of that hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
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
    machines_with_losses,
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
from oracle_kpis import Kpis, all_kpis, month_of, week_of
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


@pytest.fixture(scope="module")
def dark(autumn: Night) -> set[str]:
    """Machines of which that night a line was put aside."""
    machines = machines_with_losses(autumn)
    assert machines < set(autumn.truth.machines), "no machine is left to compare that night"
    return machines


def test_only_lines_of_that_hour_are_put_aside(autumn: Night) -> None:
    planted = {(d.file, d.line_no) for d in autumn.truth.defects if d.is_quarantined}
    found = autumn.raw.execute("select file_path, line_no, rule from raw.quarantine").fetchall()
    assert planted <= {(file, line_no) for file, line_no, _ in found}
    ambiguous = [(file, line_no) for file, line_no, rule in found if rule == RULE]
    assert ambiguous, "nothing happened in the hour that comes twice"
    others = {(file, line_no) for file, line_no, rule in found if rule != RULE}
    assert others <= planted
    landing = autumn.settings.landing_dir
    texts = [lines_of(landing, file)[line_no - 1] for file, line_no in ambiguous]
    assert not [text for text in texts if not IN_THE_HOUR.search(text)]


def test_delivered_is_accepted_plus_quarantined_plus_duplicates(autumn: Night) -> None:
    wrong = autumn.raw.execute(
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
    shift = autumn.marts.execute(
        "select shift_s from core.dim_shift where shift_code = ? and production_date = ?",
        [SHIFT, NIGHT],
    ).fetchall()
    assert shift == [(9 * 3600,)]
    days = autumn.marts.execute(
        "select machine_id, sum(duration_s), sum(pot_s) from core.fct_machine_time "
        "where production_date = ? group by machine_id",
        [NIGHT],
    ).fetchall()
    assert {(total, planned) for _, total, planned in days} == {(25 * 3600, 25 * 3600)}
    assert len(days) == 4


def test_machine_time(autumn: Night, dark: set[str]) -> None:
    starts_at = datetime(2026, 10, 24, 20)  # 22:00 of the plant, in UTC
    machine_time(autumn.truth).hold(
        autumn.marts, lambda key: key[0] not in dark or key[1] != NIGHT or key[3] != starts_at
    )


def test_runs_and_rejections(autumn: Night) -> None:
    lost = lost_ids(autumn, "his_prod") | {
        line.fields[1]
        for line in delivered(autumn, "his_prod_defecto")
        if (line.file, line.line_no) in lost_lines(autumn)
    }
    for expectation in (production, scrap):
        expectation(autumn.truth).hold(autumn.marts, lambda key: key[0] not in lost)


@pytest.mark.parametrize(
    "expectation",
    [orders, stock_movements, inventory, maintenance_orders],
    ids=lambda f: f.__name__,
)
def test_office_fact(
    autumn: Night, known: PlantTruth, expectation: Callable[[PlantTruth], Expectation]
) -> None:
    expectation(known).hold(autumn.marts)


@pytest.mark.parametrize(
    "expectation", [lead_time_weekly, inventory_turns], ids=lambda f: f.__name__
)
def test_office_mart(
    autumn: Night,
    known: PlantTruth,
    kpis: Kpis,
    expectation: Callable[[PlantTruth, Kpis], Expectation],
) -> None:
    expectation(known, kpis).hold(autumn.marts)


def test_oee_by_shift(autumn: Night, known: PlantTruth, kpis: Kpis, dark: set[str]) -> None:
    oee_shift(known, kpis).hold(
        autumn.marts, lambda key: key[0] not in dark or key[1:] != (NIGHT, SHIFT)
    )


@pytest.mark.parametrize("expectation", [oee_daily, pareto, scrap_daily], ids=lambda f: f.__name__)
def test_day_of_machines(
    autumn: Night,
    known: PlantTruth,
    kpis: Kpis,
    dark: set[str],
    expectation: Callable[[PlantTruth, Kpis], Expectation],
) -> None:
    expectation(known, kpis).hold(autumn.marts, lambda key: key[0] not in dark or key[1] != NIGHT)


#: Periods that the long night counts for.
OF_THE_NIGHT = {"day": NIGHT, "shift": NIGHT, "week": week_of(NIGHT), "month": month_of(NIGHT)}
OFFICE_KPIS = (
    *("lead_time_median_h", "lead_time_mean_h", "inventory_turns"),
    *("mttr_h", "corrective_maintenance_ratio"),
)


def test_kpi_values(autumn: Night, known: PlantTruth, kpis: Kpis, dark: set[str]) -> None:
    def could_be_known(key: Key) -> bool:
        kpi, scope_type, scope_id, period_type, start, shift = key
        if kpi in OFFICE_KPIS:
            return True
        if scope_type == "machine" and scope_id not in dark:
            return True
        day: date = OF_THE_NIGHT[period_type]
        return bool(start != day or (period_type == "shift" and shift != SHIFT))

    kpi_values(known, kpis).hold(autumn.marts, could_be_known)
