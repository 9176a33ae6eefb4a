"""Every rule passes on a healthy machine, and speaks when its fault is seeded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from facts import DAYS, FIRST_DAY, delivery, healthy

from orchestration.checks import gx_runner
from orchestration.checks.asset_checks import evidence, run_suites
from orchestration.checks.results import CheckOutcome, clear, require_passed, store
from orchestration.checks.suites import SUITES, Rule, Suite
from orchestration.errors import ChecksFailed

Fault = Callable[[duckdb.DuckDBPyConnection], object]


@pytest.fixture(scope="session")
def healthy_facts(empty_facts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("healthy") / "warehouse.duckdb"
    shutil.copy(empty_facts, path)
    with duckdb.connect(str(path)) as con:
        healthy(con)
    return path


@pytest.fixture
def spoilt(healthy_facts: Path, tmp_path: Path) -> Callable[[Fault], Path]:
    def spoil(fault: Fault) -> Path:
        path = tmp_path / "warehouse.duckdb"
        shutil.copy(healthy_facts, path)
        with duckdb.connect(str(path)) as con:
            fault(con)
        return path

    return spoil


def sql(*statements: str) -> Fault:
    """A fault as statements."""

    def run(con: duckdb.DuckDBPyConnection) -> None:
        for statement in statements:
            con.execute(statement)

    return run


def all_rules() -> dict[str, tuple[Suite, Rule]]:
    return {rule.name: (suite, rule) for suite in SUITES for rule in suite.rules}


def test_a_healthy_machine_passes_and_every_rule_had_something_to_look_at(
    healthy_facts: Path,
) -> None:
    outcomes = run_suites(healthy_facts)

    assert [outcome.check_name for outcome in outcomes if not outcome.passed] == []
    assert {outcome.check_name for outcome in outcomes} == set(all_rules())
    idle = [o.check_name for o in outcomes if o.observed.startswith(("0 of 0", "nothing"))]
    assert idle == [], "these rules would pass whatever the facts hold"


def test_an_empty_warehouse_passes(empty_facts: Path) -> None:
    outcomes = run_suites(empty_facts)

    assert all(outcome.passed for outcome in outcomes)
    assert {outcome.observed for outcome in outcomes} == {"nothing to check: no rows"}


def old_delivery(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "update raw.deliveries set extracted_at = extracted_at - interval 5 day "
        "where source = 'sap_mm'"
    )


def all_silent(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update raw.deliveries set extracted_at = extracted_at - interval 4 day")


#: Rule -> how to make it speak, and what its sample must name.
FAULTS: dict[str, tuple[Fault, str]] = {
    # The join that copies: the same time twice.
    "machine_time_fits_into_its_shift": (
        sql(
            "insert into core.fct_machine_time select * from core.fct_machine_time "
            f"where production_date = date '{FIRST_DAY}' and state = 'producing'"
        ),
        f"production_date={FIRST_DAY}, beyond_its_shift_s=25200",
    ),
    # Two shifts of the same hours.
    "machine_time_fits_into_its_day": (
        sql(
            *(
                "insert into core.dim_shift by name select *"
                f" replace ('again-{copy}' as shift_key) from core.dim_shift "
                f"where shift_key = 'shift-{FIRST_DAY}'"
                for copy in (1, 2)
            ),
            *(
                "insert into core.fct_machine_time by name select *"
                f" replace ('again-{copy}' as shift_key) from core.fct_machine_time "
                f"where shift_key = 'shift-{FIRST_DAY}'"
                for copy in (1, 2)
            ),
        ),
        "beyond_its_day_h=16",
    ),
    "planned_time_is_observed": (
        sql(
            "update core.fct_machine_time set not_observed_s = duration_s "
            f"where production_date = date '{FIRST_DAY}' and state = 'producing'"
        ),
        "observed_ratio=0.125",
    ),
    "volume_is_as_usual": (
        sql(
            "update core.fct_machine_time set piece_qty = 5 "
            f"where production_date = date '{FIRST_DAY + timedelta(days=42)}'"
        ),
        "volume_to_usual_ratio=0.1",
    ),
    # A decimal comma that slipped: 4,000 units instead of 400.
    "output_is_possible_at_rated_speed": (
        sql(
            "update core.fct_production set produced_qty = 4000, ideal_s = 240000 "
            f"where run_id = 'run-{FIRST_DAY}'"
        ),
        f"fastest_run=run-{FIRST_DAY}",
    ),
    "scrap_is_not_more_than_output": (
        sql(f"update core.fct_production set scrap_qty = 4000 where run_id = 'run-{FIRST_DAY}'"),
        "scrap_qty=4024",
    ),
    "performance_is_at_most_rated": (
        sql("update core.fct_production set ideal_s = ideal_s * 1.2"),
        "performance_ratio=1.14",
    ),
    "producing_time_has_output": (
        sql(
            "update core.fct_production set produced_qty = null, scrap_qty = null "
            f"where production_date < date '{FIRST_DAY + timedelta(days=7)}'"
        ),
        "output_while_producing_qty=0",
    ),
    "rejections_and_counts_agree": (
        sql(
            "update core.fct_scrap set rejected_qty = 100, scrap_qty = 100 "
            f"where scrap_id = 'scrap-{FIRST_DAY}'"
        ),
        "event_scrap_qty=124",
    ),
    "rejections_are_not_taken_back_twice": (
        sql(
            "update core.fct_scrap set rejected_qty = -40, scrap_qty = -40 "
            f"where scrap_id = 'scrap-{FIRST_DAY}'"
        ),
        "rejected_qty=-16",
    ),
    "stock_is_not_negative": (
        sql(
            "update core.fct_inventory_daily set closing_qty = -1 "
            f"where stock_date = date '{FIRST_DAY}'"
        ),
        f"negative_since={FIRST_DAY}",
    ),
    # A price unit of 100 that was not applied.
    "cost_does_not_jump": (
        sql(
            "update core.fct_inventory_daily set unit_cost_amount = 1000 "
            "where unit_cost_amount = 11"
        ),
        "cost_jump_ratio=100",
    ),
    "ledger_meets_the_stock_lists": (
        sql(
            "update core.fct_inventory_daily set listed_qty = 80, listed_difference_qty = -20 "
            "where listed_qty is not null"
        ),
        "list_difference_ratio=0.2",
    ),
    "inventory_value_is_not_negative": (
        sql("update core.fct_inventory_daily set closing_value_amount = -closing_value_amount"),
        "month_date=2026-01-01",
    ),
    # Ounces among pieces.
    "known_stock_is_counted_in_one_unit": (
        sql("update core.fct_stock_movement set uom = 'OZ' where movement_id = 'move-1'"),
        "uoms=OZ, PC",
    ),
    "items_are_moved_in_one_unit": (
        sql(
            "update core.dim_item set base_uom = 'KG'",
            "update core.fct_inventory_daily set is_stock_known = false",
        ),
        "uoms=KG, PC",
    ),
    "no_order_is_done_before_its_release": (
        sql("update core.fct_order_lead_time set lead_time_s = -3600 where order_id = 'order-3'"),
        "shortest_order=order-3",
    ),
    "no_order_takes_a_year": (
        sql("update core.fct_order_lead_time set lead_time_s = 4e7 where order_id = 'order-3'"),
        "longest_order=order-3",
    ),
    "no_repair_ends_before_it_starts": (
        sql(
            "update core.fct_maintenance_order set work_s = -60 "
            "where maintenance_order_id = 'repair-7'"
        ),
        "shortest_order=repair-7",
    ),
    "no_repair_takes_a_month": (
        sql(
            "update core.fct_maintenance_order set work_s = 4000000 "
            "where maintenance_order_id = 'repair-7'"
        ),
        "longest_order=repair-7",
    ),
    "work_does_not_start_before_its_report": (
        sql(
            "update core.fct_maintenance_order set response_s = -100000 "
            "where maintenance_order_id = 'repair-7'"
        ),
        "least_response_order=repair-7",
    ),
    "breakdowns_are_seen_by_both_systems": (
        sql(
            "update core.fct_machine_time set failure_qty = 0 "
            f"where production_date > date '{FIRST_DAY + timedelta(days=2)}'"
        ),
        "breakdown_orders=56",
    ),
    "sources_have_not_fallen_silent": (all_silent, "source=mapex"),
    "sources_of_a_plant_keep_step": (old_delivery, "source=sap_mm"),
}


def test_every_rule_has_its_fault() -> None:
    assert set(FAULTS) == set(all_rules())


@pytest.mark.parametrize("name", FAULTS)
def test_speaks_when_its_fault_is_seeded(name: str, spoilt: Callable[[Fault], Path]) -> None:
    suite, rule = all_rules()[name]
    fault, named = FAULTS[name]

    outcomes = {outcome.check_name: outcome for outcome in run_suites(spoilt(fault), [suite])}

    outcome = outcomes[name]
    assert not outcome.passed
    assert outcome.severity == rule.severity
    assert outcome.blocks == (rule.severity == "error")
    assert outcome.failing_rows is not None
    assert named in outcome.failing_rows
    assert outcome.what_to_do == rule.what_to_do


# --- thresholds that argue ------------------------------------------------------------------------


def test_a_standard_somewhat_too_slow_warns_and_does_not_block(
    spoilt: Callable[[Fault], Path],
) -> None:
    # 30 % faster than the standard: people know such machines. It must not stop a whole plant.
    outcomes = run_suites(spoilt(sql("update core.fct_production set ideal_s = ideal_s * 1.4")))

    failed = {outcome.check_name for outcome in outcomes if not outcome.passed}
    assert failed == {"performance_is_at_most_rated"}
    assert not any(outcome.blocks for outcome in outcomes)


def test_a_run_booked_after_midnight_is_not_too_fast(spoilt: Callable[[Fault], Path]) -> None:
    # A run of 20 h ends in the first hour of a day: all of its output counts there.
    def long_run(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(
            "update core.fct_production set start_at = end_at - interval 20 hour, "
            f"produced_qty = 1100, ideal_s = 66000 where run_id = 'run-{FIRST_DAY}'"
        )

    outcomes = run_suites(spoilt(long_run))

    assert "output_is_possible_at_rated_speed" not in {
        outcome.check_name for outcome in outcomes if not outcome.passed
    }


def still_running(last_at: str, *more: str) -> Fault:
    """The last day has hardly begun where the plant's export ends."""
    last_day = FIRST_DAY + timedelta(days=DAYS - 1)
    return sql(
        f"update core.fct_machine_time set piece_qty = 1 where production_date = date '{last_day}'",
        f"update raw.deliveries set watermark_at = date '{last_day}' + interval '{last_at}'",
        *more,
    )


def test_a_day_that_is_still_going_on_is_not_short_of_volume(
    spoilt: Callable[[Fault], Path],
) -> None:
    suite, _ = all_rules()["volume_is_as_usual"]

    # The day goes from 06:00 to 06:00; the export ends a second too early.
    (running,) = run_suites(spoilt(still_running("29:59:59")), [suite])
    assert running.passed

    (complete,) = run_suites(spoilt(still_running("30:00:00")), [suite])
    assert not complete.passed


def test_a_day_whose_last_shift_is_still_going_on_is_not_short_of_volume(
    spoilt: Callable[[Fault], Path],
) -> None:
    suite, _ = all_rules()["volume_is_as_usual"]
    last_day = FIRST_DAY + timedelta(days=DAYS - 1)
    into_the_next_day = (
        f"update core.dim_shift set end_at = date '{last_day}' + interval '32:00:00' "
        f"where shift_key = 'shift-{last_day}'"
    )

    (running,) = run_suites(spoilt(still_running("31:00:00", into_the_next_day)), [suite])
    assert running.passed

    (complete,) = run_suites(spoilt(still_running("32:00:00", into_the_next_day)), [suite])
    assert not complete.passed


def test_two_units_of_an_unknown_stock_warn_and_do_not_block(
    spoilt: Callable[[Fault], Path],
) -> None:
    outcomes = run_suites(
        spoilt(
            sql(
                "update core.fct_stock_movement set uom = 'OZ' where movement_id = 'move-1'",
                "update core.fct_inventory_daily set is_stock_known = false",
            )
        )
    )

    failed = {outcome.check_name for outcome in outcomes if not outcome.passed}
    assert "items_are_moved_in_one_unit" in failed
    assert not any(outcome.blocks for outcome in outcomes)


def test_a_source_without_a_rhythm_cannot_fall_silent(spoilt: Callable[[Fault], Path]) -> None:
    def delivered_once(con: duckdb.DuckDBPyConnection) -> None:
        delivery(con, "one_workbook", datetime(2020, 1, 1))

    outcomes = run_suites(spoilt(delivered_once))

    assert all(outcome.passed for outcome in outcomes)


# --- the engine -----------------------------------------------------------------------------------


def test_a_dead_engine_cannot_pass(healthy_facts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a dead engine looks like: every expectation says success, the canary's too.
    monkeypatch.setattr(gx_runner, "_is_alive", lambda result: False)

    outcomes = run_suites(healthy_facts, SUITES[:1])

    assert all(outcome.blocks for outcome in outcomes)
    assert {outcome.observed for outcome in outcomes} == {"not evaluated: the canary was not found"}


def test_the_canary_is_found_by_a_living_engine(healthy_facts: Path) -> None:
    import great_expectations as gx
    import great_expectations.expectations as gxe

    suite = SUITES[0]
    frame = evidence(healthy_facts, [suite])[suite.name]
    context = gx.get_context(mode="ephemeral")
    batch = (
        context.data_sources.add_pandas("x")
        .add_dataframe_asset("y")
        .add_batch_definition_whole_dataframe("z")
        .get_batch(batch_parameters={"dataframe": frame})
    )
    must_fail = gxe.ExpectColumnValuesToBeInSet(column="plant_id", value_set=[gx_runner.CANARY])
    must_pass = gxe.ExpectColumnValuesToBeInSet(column="plant_id", value_set=["p1"])

    assert gx_runner._is_alive(batch.validate(gx.ExpectationSuite("a", expectations=[must_fail])))
    assert not gx_runner._is_alive(
        batch.validate(gx.ExpectationSuite("b", expectations=[must_pass]))
    )


def test_a_rule_that_cannot_be_evaluated_blocks_whatever_its_severity(healthy_facts: Path) -> None:
    suite = SUITES[0]
    broken = replace(
        next(rule for rule in suite.rules if rule.severity == "warn"),
        name="looks_at_nothing",
        arguments={"column": "no_such_column", "max_value": 1},
    )

    outcomes = {
        outcome.check_name: outcome
        for outcome in run_suites(healthy_facts, [replace(suite, rules=(*suite.rules, broken))])
    }

    assert outcomes["looks_at_nothing"].blocks
    assert outcomes["looks_at_nothing"].observed == "not evaluated: the expectation raised"
    # The others of the suite were evaluated all the same.
    assert outcomes["machine_time_fits_into_its_shift"].passed


def test_data_docs_show_the_night(healthy_facts: Path, tmp_path: Path) -> None:
    docs = tmp_path / "data_docs"

    run_suites(healthy_facts, SUITES[:2], docs)

    assert (docs / "index.html").exists()
    assert len(list((docs / "validations").rglob("*.html"))) == 2


# --- results --------------------------------------------------------------------------------------


def outcome_named(name: str, *, passed: bool) -> CheckOutcome:
    return CheckOutcome(
        stage="facts",
        engine="great_expectations",
        check_name=name,
        fact="fct_scrap",
        severity="error",
        passed=passed,
        observed="1 of 2 rows",
        expected="nothing",
        failing_rows_qty=0 if passed else 1,
        failing_rows=None if passed else "a=1",
        reason="because",
        what_to_do="look",
        checked_at=datetime.now(UTC).replace(tzinfo=None),
    )


def test_results_are_those_of_the_last_run_of_a_stage(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    clear(warehouse)
    store(warehouse, "run-1", "facts", [outcome_named("old", passed=False)])
    store(warehouse, "run-2", "core", [replace(outcome_named("core", passed=True), stage="core")])
    store(warehouse, "run-2", "facts", [outcome_named("new", passed=True)])

    with duckdb.connect(str(warehouse)) as con:
        rows = con.execute("select run_id, check_name from checks.results order by 2").fetchall()
    assert rows == [("run-2", "core"), ("run-2", "new")]

    clear(warehouse)
    with duckdb.connect(str(warehouse)) as con:
        assert con.execute("select count(*) from checks.results").fetchall() == [(0,)]


def test_a_publication_by_hand_needs_one_run_that_passed(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    clear(warehouse)
    with pytest.raises(ChecksFailed, match="not built and checked in one run"):
        require_passed(warehouse)

    store(warehouse, "run-1", "core", [replace(outcome_named("a", passed=True), stage="core")])
    store(warehouse, "run-1", "facts", [outcome_named("b", passed=True)])
    require_passed(warehouse)

    # Marts built again by hand, over facts that nobody checked since.
    store(warehouse, "run-2", "marts", [replace(outcome_named("c", passed=True), stage="marts")])
    with pytest.raises(ChecksFailed, match="not built and checked in one run"):
        require_passed(warehouse)

    store(warehouse, "run-1", "marts", [])
    store(warehouse, "run-1", "facts", [outcome_named("b", passed=False)])
    with pytest.raises(ChecksFailed, match="fct_scrap: b"):
        require_passed(warehouse)


def test_rules_explain_themselves() -> None:
    for name, (suite, rule) in all_rules().items():
        for text in (rule.expected, rule.reason, rule.what_to_do):
            assert text.endswith("."), f"{suite.name}.{name}: {text!r}"
