"""A peer, the package `oee`: where it and the marts overlap they agree, and where it is wrong.

Its `from_log` weighs quality by pieces and performance by time. As soon as products with different
cycles share a machine the two weights do not fit together, and OEE is no longer good ideal time
over planned time. Parts of one product each, added up by its `aggregate`, are right.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import oee
import pytest


def of_the_marts(con: duckdb.DuckDBPyConnection, plant: str, **scope: str) -> dict[str, float]:
    """The plant's figures of 2 March."""
    return dict(
        con.execute(
            "select kpi_id, value from kpi_values where plant_id = ? and scope_type = ? "
            "and scope_id = ? and period_type = 'day' and period_start_date = '2026-03-02' "
            "and value is not null",
            [plant, scope.get("scope_type", "plant"), scope.get("scope_id", plant)],
        ).fetchall()
    )


def test_one_product_on_one_machine(
    golden: duckdb.DuckDBPyConnection, record_property: Callable[[str, object], None]
) -> None:
    peer = oee.oee(
        planned_production_time=420,
        downtime=47,
        ideal_cycle_time=1 / 60,
        total_count=19271,
        reject_count=423,
    )
    ours = of_the_marts(golden, "vorne_shift")
    assert ours["availability"] == pytest.approx(peer.availability, abs=1e-9)
    assert ours["effectiveness"] == pytest.approx(peer.performance, abs=1e-9)
    assert ours["quality_ratio"] == pytest.approx(peer.quality, abs=1e-9)
    assert ours["oee"] == pytest.approx(peer.oee, abs=1e-9)
    assert ours["oee_vorne"] == pytest.approx(peer.oee, abs=1e-9)
    for kpi_id in ("availability", "effectiveness", "quality_ratio", "oee"):
        record_property("proof", f"{kpi_id}:peer")


def test_two_machines_added_up(golden: duckdb.DuckDBPyConnection) -> None:
    first = oee.oee(100, downtime=0, ideal_cycle_time=1, total_count=80, reject_count=0)
    second = oee.oee(300, downtime=0, ideal_cycle_time=1, total_count=135, reject_count=0)
    ours = of_the_marts(golden, "rollup")
    assert ours["oee"] == pytest.approx(oee.aggregate([first, second]).oee, abs=1e-9)


def test_two_products_on_one_machine(golden: duckdb.DuckDBPyConnection) -> None:
    runs = [
        {"count": 100, "good": 100, "ideal_cycle_time": 1},
        {"count": 10, "good": 0, "ideal_cycle_time": 10},
    ]
    ours = of_the_marts(golden, "mixed_products")
    # 100 good minutes in 400 planned ones.
    assert ours["oee"] == pytest.approx(0.25, abs=1e-9)
    # Ten pieces that took half of the time count as a eleventh of them.
    assert oee.from_log(400, runs=runs).oee == pytest.approx(5 / 11, abs=1e-9)
    parts = [
        oee.oee(
            planned,
            downtime=0,
            ideal_cycle_time=run["ideal_cycle_time"],
            total_count=run["count"],
            good_count=run["good"],
        )
        for planned, run in zip((180, 220), runs, strict=True)
    ]
    assert ours["oee"] == pytest.approx(oee.aggregate(parts).oee, abs=1e-9)


def test_faster_than_the_standard(golden: duckdb.DuckDBPyConnection) -> None:
    peer = oee.oee(60, downtime=0, ideal_cycle_time=1, total_count=90, reject_count=0)
    # The peer caps at 1 and keeps the figure aside; the marts never cap.
    assert (peer.performance, peer.performance_raw) == (1.0, 1.5)
    assert of_the_marts(golden, "too_fast")["effectiveness"] == pytest.approx(1.5, abs=1e-9)


def test_the_family_of_definitions(
    golden: duckdb.DuckDBPyConnection, record_property: Callable[[str, object], None]
) -> None:
    # 390 of 480 minutes of the shift were planned for production, 90 were planned stops or idle.
    peer = oee.oee(
        390,
        run_time=225,
        ideal_cycle_time=1,
        total_count=180,
        good_count=171,
        planned_downtime=90,
        all_time=24 * 60,
    )
    ours = of_the_marts(golden, "oee_family", scope_type="machine", scope_id="m1")
    assert ours["oee_vorne"] == pytest.approx(peer.oee, abs=1e-9)
    assert ours["ooe"] == pytest.approx(peer.ooe, abs=1e-9)
    assert ours["teep"] == pytest.approx(peer.teep, abs=1e-9)
    assert ours["utilization_ratio"] == pytest.approx(peer.utilization, abs=1e-9)
    for kpi_id in ("oee_vorne", "ooe", "teep", "utilization_ratio"):
        record_property("proof", f"{kpi_id}:peer")
