"""The excavators' work orders, against the file itself."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from real_plants import DATASETS, Query

SHIFTED = ("2003-12-31", "B", "won", "t swing", "PM01")


def orders() -> list[tuple[str, ...]]:
    """The distinct orders of the file, read by Python's reader, without the shifted row."""
    path = DATASETS / "excavators_mwo" / "excavators.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = [tuple(row) for row in csv.reader(stream)][1:]
    assert len(rows) == 5485
    return [row for row in dict.fromkeys(rows) if row != SHIFTED]


def midnight_in_perth(day: str) -> datetime:
    """When that day began at the mine, in UTC; Perth tried summer time from 2006 to 2009."""
    local = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Australia/Perth"))
    return local.astimezone(UTC).replace(tzinfo=None)


def test_every_order_that_differs_from_the_others_is_loaded_once(query: Query) -> None:
    expected = orders()
    assert len(expected) == 5126
    found = query(
        """
        select machine_id, maintenance_kind, description, cost_amount, reported_at
        from raw.maintenance_orders
        """
    )
    kinds = {"PM01": "corrective", "PM02": "preventive"}
    assert Counter(found) == Counter(
        (asset, kinds.get(kind, "other"), text, Decimal(cost), midnight_in_perth(day))
        for day, asset, text, kind, cost in expected
    )
    assert query("select count(distinct maintenance_order_id) from raw.maintenance_orders") == [
        (5126,)
    ]


def test_kinds_costs_and_credits(query: Query) -> None:
    assert dict(
        query("select maintenance_kind, count(*) from raw.maintenance_orders group by 1")
    ) == {"corrective": 4870, "preventive": 148, "other": 108}
    assert query(
        "select count(*) filter (cost_amount < 0), max(cost_amount) from raw.maintenance_orders"
    ) == [(6, Decimal("1026684.2"))]


def test_quotes_after_backslashes_are_part_of_the_text(query: Query) -> None:
    assert query(
        "select line_no, description from raw.maintenance_orders "
        "where description like '%SHD24 \\%'"
    ) == [(5192, 'Repair two-way in SHD24 \\static\\""')]


def test_days_are_the_mines_own(query: Query) -> None:
    assert query(
        """
        select maintenance_order_id, reported_at from raw.maintenance_orders
        where maintenance_order_id in
            ('2006-05-05|A|SWAP BUCKET|PM01|0', '2008-12-04|A|A/C BLOWING HOT AIR|PM01|525.7')
        order by 1
        """
    ) == [
        ("2006-05-05|A|SWAP BUCKET|PM01|0", datetime(2006, 5, 4, 16)),
        ("2008-12-04|A|A/C BLOWING HOT AIR|PM01|525.7", datetime(2008, 12, 3, 15)),
    ]


def test_repair_times_are_unknown(query: Query) -> None:
    assert query(
        "select count(started_at), count(finished_at), count(labour_s), count(is_breakdown) "
        "from raw.maintenance_orders"
    ) == [(0, 0, 0, 0)]


def test_the_cleaned_copy_of_the_orders_feeds_nothing(query: Query) -> None:
    assert query(
        """
        select table_name, feed, feed_rows
        from raw.deliveries left join raw.feed_deliveries using (delivery_id)
        where plant_id = 'excavators' order by 1
        """
    ) == [("excavators", "maintenance_orders", 5126), ("excavators-cleaned", None, None)]
