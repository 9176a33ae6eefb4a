"""Company A's readings, against the file itself."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from real_plants import DATASETS, Query

FIVE_MINUTES = timedelta(minutes=5)


def readings() -> dict[str, list[tuple[datetime, str, Decimal, str]]]:
    """Time, status, items and product of every reading, by machine and in order of time."""
    path = DATASETS / "sme_company_a" / "company_A_labelled_subset.csv.gz"
    found = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            at = datetime.fromisoformat(row["ts"]).astimezone(UTC).replace(tzinfo=None)
            found[row["asset"]].append((at, row["status"], Decimal(row["items"]), row["product"]))
    return {machine: sorted(rows) for machine, rows in found.items()}


def test_rows_and_items_of_each_machine(query: Query) -> None:
    rows = readings()
    assert {machine: len(found) for machine, found in rows.items()} == {
        "0": 3206,
        "1": 4584,
        "2": 6702,
    }
    assert dict(
        query(
            "select machine_id, sum(produced_qty) from raw.production_counts "
            "where plant_id = 'company_a' group by 1"
        )
    ) == {"0": 12223, "1": 12940, "2": 14904}
    expected = {
        (machine, product, at, items)
        for machine, found in rows.items()
        for at, _, items, product in found
        if items
    }
    assert expected == set(
        query(
            "select machine_id, item_id, end_at, produced_qty from raw.production_counts "
            "where plant_id = 'company_a'"
        )
    )


def test_each_product_runs_on_one_machine(query: Query) -> None:
    assert query(
        "select machine_id, count(distinct item_id) from raw.production_counts "
        "where plant_id = 'company_a' group by 1 order by 1"
    ) == [("0", 3), ("1", 4), ("2", 7)]


def test_seconds_in_each_status(query: Query) -> None:
    # A reading stands until the next one; after a gap nobody knows more than its five minutes.
    expected: Counter[tuple[str, str, str | None]] = Counter()
    for machine, found in readings().items():
        for number, (at, status, _, _) in enumerate(found):
            after = found[number + 1][0] if number + 1 < len(found) else None
            stood = after - at if after and after - at <= 1.5 * FIVE_MINUTES else FIVE_MINUTES
            state = ("producing", None) if status == "2.0" else ("delay", status)
            expected[machine, *state] += int(stood.total_seconds())
    assert {
        row[:3]: row[3]
        for row in query(
            "select machine_id, state, reason_id, sum(epoch(end_at) - epoch(start_at)) "
            "from raw.machine_states where plant_id = 'company_a' group by all"
        )
    } == expected


def test_silence_is_no_state(query: Query) -> None:
    # Machine 0 reported nothing between 16:50 on 13 September and 07:35 the next morning.
    assert query(
        """
        select count(*) from raw.machine_states
        where plant_id = 'company_a' and machine_id = '0'
        and start_at < '2022-09-14 07:34' and coalesce(end_at, '2100-01-01') > '2022-09-13 17:00'
        """
    ) == [(0,)]
