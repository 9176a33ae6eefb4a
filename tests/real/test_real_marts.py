"""The whole way: one night over the real plants, its published file held to known answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from real_plants import Query, lay_out
from test_nist_mtconnect import active_in_shifts


@pytest.fixture(scope="session")
def night(data_sets: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory after `leankpi nightly` ran on all of them; it published."""
    data_dir = lay_out(tmp_path_factory.mktemp("real_night") / "data")
    command = [str(Path(sys.executable).with_name("leankpi")), "nightly", "--data-dir"]
    done = subprocess.run([*command, str(data_dir)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return data_dir


@pytest.fixture(scope="session")
def marts(night: Path) -> Iterator[Query]:
    """Rows of a query on the published file."""
    with duckdb.connect(str(night / "published" / "marts.duckdb"), read_only=True) as con:
        yield lambda sql, *values: con.execute(sql, list(values)).fetchall()


def test_the_night_of_all_plants_is_published(night: Path) -> None:
    last_night: dict[str, Any] = json.loads((night / "last_night.json").read_text())
    assert last_night["outcome"] == "published"


def test_downtime_of_the_bottling_line(marts: Query) -> None:
    assert marts(
        """
        select reason_name, sum(duration_s) / 60 from mart_stop_pareto
        where plant_id = 'maven' and state = 'delay' group by 1 order by 2 desc
        """
    )[:5] == [
        ("Machine adjustment", 332),
        ("Machine failure", 254),
        ("Inventory shortage", 225),
        ("Batch change", 160),
        ("Batch coding error", 145),
    ]
    assert marts(
        "select sum(duration_s) / 60 from mart_stop_pareto "
        "where plant_id = 'maven' and state = 'delay'"
    ) == [(1388,)]


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_line_efficiency_of_the_bottling_line(marts: Query, period: str) -> None:
    # ISO 22400 calls it utilization efficiency: APT / AUBT, run time less downtime over run time.
    [(rows, withheld, numerator, denominator, without_value)] = marts(
        """
        select count(*), sum(is_withheld::int), sum(numerator), sum(denominator),
            count(*) filter ((abs(value - numerator / denominator) < 1e-9) is not true)
        from kpi_values
        where plant_id = 'maven' and kpi_id = 'utilization_efficiency'
        and scope_type = 'plant' and period_type = ? and denominator > 0
        """,
        period,
    )
    assert (rows > 0, withheld, without_value) == (True, 0, 0)
    assert numerator / denominator == pytest.approx(2470 / 3858, abs=1e-9)


@pytest.mark.parametrize(
    ("plant", "kpis"),
    [
        (
            "maven",
            [
                "availability",
                "effectiveness",
                "quality_ratio",
                "oee",
                "scrap_ratio",
                "lead_time_median_h",
                "inventory_turns",
                "mttr_h",
            ],
        ),
        ("excavators", ["oee", "mttr_h", "corrective_maintenance_ratio", "inventory_turns"]),
        ("gbi", ["inventory_turns", "oee", "lead_time_median_h", "mttr_h"]),
        ("gbi_ei", ["inventory_turns", "oee", "lead_time_median_h", "mttr_h"]),
        ("gbi_pirates", ["inventory_turns", "oee", "lead_time_median_h", "mttr_h"]),
    ],
)
def test_what_a_plant_cannot_support_is_withheld_with_its_reason(
    marts: Query, plant: str, kpis: list[str]
) -> None:
    rows = marts(
        """
        select kpi_id, value, is_withheld, withheld_reason from kpi_values
        where plant_id = ? and scope_type = 'plant' and period_type = 'month'
        and list_contains(?, kpi_id)
        """,
        plant,
        kpis,
    )
    assert {kpi for kpi, *_ in rows} == set(kpis)
    assert [row for row in rows if row[1] is not None or not row[2] or not row[3]] == []


def test_every_maintenance_order_is_there_once(marts: Query) -> None:
    assert marts(
        "select maintenance_kind, count(*) from fct_maintenance_order "
        "where plant_id = 'excavators' group by 1 order by 1"
    ) == [("corrective", 4870), ("other", 108), ("preventive", 148)]


def test_movements_per_type(marts: Query) -> None:
    found = marts(
        """
        select plant_id, movement_code, count(*) from fct_stock_movement
        where plant_id like 'gbi%' group by all order by 1, 3 desc, 2
        """
    )
    assert found == [
        ("gbi", "101", 482),
        ("gbi", "261", 162),
        ("gbi", "161", 41),
        ("gbi", "122", 1),
        ("gbi_ei", "101", 2137),
        ("gbi_ei", "261", 847),
        ("gbi_ei", "551", 765),
        ("gbi_ei", "333", 663),
        ("gbi_pirates", "501", 319),
        ("gbi_pirates", "101", 234),
        ("gbi_pirates", "261", 189),
        ("gbi_pirates", "412", 36),
        ("gbi_pirates", "601", 21),
        ("gbi_pirates", "561", 19),
        ("gbi_pirates", "301", 16),
        ("gbi_pirates", "502", 10),
        ("gbi_pirates", "311", 4),
        ("gbi_pirates", "351", 2),
        ("gbi_pirates", "102", 1),
    ]


def test_every_movement_has_the_day_it_was_posted(marts: Query) -> None:
    # Half of one plant's lines and all of another's take it from their document.
    assert marts(
        """
        select plant_id, count(posting_date), min(posting_date)::text, max(posting_date)::text
        from fct_stock_movement where plant_id like 'gbi%' group by 1 order by 1
        """
    ) == [
        ("gbi", 686, "2017-01-24", "2017-02-23"),
        ("gbi_ei", 4412, "2017-01-24", "2017-02-23"),
        ("gbi_pirates", 851, "2018-04-23", "2018-05-21"),
    ]


def test_production_time_of_the_test_bed_by_the_clocks_of_new_york(marts: Query) -> None:
    found = marts(
        """
        select scope_id, strftime(period_start_date, '%Y-%m-01'), numerator from kpi_values
        where plant_id = 'nist' and kpi_id = 'availability' and scope_type = 'machine'
        and period_type = 'month' and scope_id like 'Mazak%' and numerator > 0
        """
    )
    assert {row[:2]: row[2] for row in found} == pytest.approx(
        {key: seconds for key, seconds in active_in_shifts().items() if seconds}, rel=1e-9
    )
