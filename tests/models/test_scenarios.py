"""The models over whole scenarios: from raw rows to the figures people read."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The only row of a query."""
    rows = con.execute(query).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def kpi(
    con: duckdb.DuckDBPyConnection,
    plant: str,
    kpi_id: str,
    scope: str = "plant",
    period: str = "day",
) -> tuple[Any, ...]:
    """Value, numerator, denominator and reason of a KPI that has one row."""
    rows = con.execute(
        "select value, numerator, denominator, withheld_reason from marts.kpi_values "
        "where plant_id = ? and kpi_id = ? and scope_type = ? and period_type = ?",
        [plant, kpi_id, scope, period],
    ).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def seconds(con: duckdb.DuckDBPyConnection, plant: str) -> dict[str, float]:
    """Time elements of a plant."""
    names = ["pot_s", "pbt_s", "apt_s", "adet_s", "pdot_s", "not_observed_s", "unknown_schedule_s"]
    sums = ", ".join(f"sum({name})" for name in names)
    row = one(con, f"select {sums} from core.fct_machine_time where plant_id = '{plant}'")
    return {name: float(value) for name, value in zip(names, row, strict=True)}


def test_latest_change_wins_and_deleted_rows_are_gone(built: duckdb.DuckDBPyConnection) -> None:
    assert seconds(built, "forwards") == {
        "pot_s": 28800,
        "pbt_s": 28800,
        "apt_s": 27000,
        "adet_s": 1800,
        "pdot_s": 0,
        "not_observed_s": 0,
        "unknown_schedule_s": 0,
    }
    assert kpi(built, "forwards", "oee")[1:3] == (310 * 60, 28800)


@pytest.mark.parametrize(
    "table", ["core.fct_machine_time", "core.fct_production", "marts.kpi_values"]
)
def test_order_of_arrival_does_not_matter(built: duckdb.DuckDBPyConnection, table: str) -> None:
    columns = [
        name
        for (name,) in built.execute(
            "select column_name from information_schema.columns "
            "where table_schema || '.' || table_name = ?",
            [table],
        ).fetchall()
        # Keys and deliveries are hashes and names of the plant itself.
        if not name.endswith(("_key", "_id")) or name in ("kpi_id", "machine_id", "run_id")
    ]
    rows = {
        plant: built.execute(
            f"select {', '.join(columns)} from {table} where plant_id = ? order by all", [plant]
        ).fetchall()
        for plant in ("forwards", "backwards")
    }
    assert rows["forwards"]
    assert rows["forwards"] == rows["backwards"]


def test_line_is_a_ratio_of_sums(built: duckdb.DuckDBPyConnection) -> None:
    value, numerator, denominator, reason = kpi(built, "two", "oee", "line")
    assert (numerator, denominator, reason) == (215 * 60, 400 * 60, None)
    assert value == pytest.approx(0.5375, abs=1e-12)


def test_factors_multiply_to_oee(built: duckdb.DuckDBPyConnection) -> None:
    factors = [
        kpi(built, "two", name, "line")[0]
        for name in ("availability", "effectiveness", "quality_ratio")
    ]
    assert factors[0] * factors[1] * factors[2] == pytest.approx(0.5375, abs=1e-12)


def test_without_a_calendar_nothing_is_planned(built: duckdb.DuckDBPyConnection) -> None:
    times = seconds(built, "nocal")
    assert times["unknown_schedule_s"] == 86400
    assert times["pot_s"] == 0
    value, _, _, reason = kpi(built, "nocal", "oee")
    assert value is None
    assert reason == "no planned time: the plant has no shift calendar"
    # What needs no calendar is known all the same.
    assert kpi(built, "nocal", "scrap_ratio")[0] == pytest.approx(0.05)


def test_below_the_floor_a_figure_is_withheld(built: duckdb.DuckDBPyConnection) -> None:
    assert seconds(built, "half")["not_observed_s"] == 4 * 3600
    value, numerator, denominator, reason = kpi(built, "half", "oee")
    assert (value, numerator, denominator) == (None, 14400, 14400)
    assert reason == "coverage 0.50 below 0.80: planned time not observed"


def test_open_stop_lasts_until_the_watermark_and_fails_once(
    built: duckdb.DuckDBPyConnection,
) -> None:
    rows = built.execute(
        "select s.shift_code, t.adet_s, t.stop_qty, t.failure_qty, t.open_s "
        "from core.fct_machine_time as t join core.dim_shift as s using (shift_key) "
        "where t.plant_id = 'open' and t.state = 'delay' order by 1"
    ).fetchall()
    assert rows == [("M", 1800, 1, 1, 1800), ("T", 4200, 0, 0, 4200)]
    # Nothing was counted at all: output is unknown, not zero.
    assert kpi(built, "open", "oee")[3] == "no output counted"


def test_nothing_is_known_after_the_watermark(built: duckdb.DuckDBPyConnection) -> None:
    (last,) = one(
        built,
        "select max(window_end_at) from intermediate.int_machine_windows__tiled "
        "where plant_id = 'open'",
    )
    assert f"{last:%H:%M}" == "15:10"


def test_without_a_standard_performance_is_unknown(built: duckdb.DuckDBPyConnection) -> None:
    assert kpi(built, "unrated", "availability")[0] == 1
    for name in ("effectiveness", "quality_ratio", "oee"):
        assert kpi(built, "unrated", name)[0] is None
        assert kpi(built, "unrated", name)[3] == "no standard rate"


def test_what_nothing_explains_is_counted(built: duckdb.DuckDBPyConnection) -> None:
    rows = built.execute(
        "select feed, reference_kind, reference_id, row_qty from marts.mart_unresolved "
        "where plant_id = 'lost' order by all"
    ).fetchall()
    assert rows == [
        ("machine_states", "run", "nowhere", 1),
        ("machine_states", "stop reason", "unheard", 1),
        ("production_counts", "item", "gone", 1),
        ("scrap_events", "run", "nowhere", 1),
        ("scrap_events", "scrap reason", "crack", 1),
    ]
    # The unexplained stop is a delay all the same, in sight in the Pareto.
    assert one(
        built,
        "select reason_name, duration_s from marts.mart_stop_pareto "
        "where plant_id = 'lost' and state = 'delay'",
    ) == ("unknown reason unheard", 600)


def test_spring_night_shift_has_seven_hours(built: duckdb.DuckDBPyConnection) -> None:
    times = seconds(built, "dst")
    assert (times["pot_s"], times["apt_s"], times["not_observed_s"]) == (25200, 21600, 3600)


def test_turns_need_an_opening_stock(built: duckdb.DuckDBPyConnection) -> None:
    value, numerator, denominator, reason = kpi(
        built, "unlisted", "inventory_turns", period="month"
    )
    assert (value, numerator, denominator) == (None, 10, None)
    assert reason == "no opening stock delivered"


def test_turns_of_a_day(built: duckdb.DuckDBPyConnection) -> None:
    # 5 sold net at 2, 365 left at 2 in the two places: 10 / (730 / 365) = 5 a year.
    value, numerator, denominator, reason = kpi(built, "listed", "inventory_turns", period="month")
    assert reason is None
    assert (numerator, denominator, value) == (10, 2, 5)


def test_transfers_net_to_zero_over_the_plant(built: duckdb.DuckDBPyConnection) -> None:
    assert one(
        built,
        "select sum(transfer_qty), sum(opening_qty), sum(closing_qty) "
        "from core.fct_inventory_daily where plant_id = 'listed'",
    ) == (0, 370, 365)


def test_every_kpi_owes_each_plant_a_figure_or_a_reason(built: duckdb.DuckDBPyConnection) -> None:
    kpis, plants = one(
        built,
        "select (select count(*) from marts.kpi_definitions), "
        "(select count(distinct plant_id) from core.dim_plant)",
    )
    rows = built.execute(
        # A KPI that is reported for items alone is answered by its items.
        "select kpi_id, plant_id from marts.kpi_values inner join marts.kpi_definitions "
        "using (kpi_id) where (scope_type = 'plant' or scope_types not like '%plant%') "
        "and period_type = 'month' and (value is not null or withheld_reason <> '') group by all"
    ).fetchall()
    assert len(rows) == kpis * plants
    assert kpi(built, "listed", "oee", period="month")[3] == "no machine states delivered"
