"""The bottling line's known answers, from the rows that were loaded."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from real_plants import Query

from ingestion.columns import Context
from ingestion.conform import conform
from ingestion.plants import Plant
from ingestion.sources.maven_bottling_line import DOWNTIME, batches, downtime

MINUTES = "cast(sum(epoch(end_at - start_at)) as bigint) // 60"


def test_run_minimum_and_downtime(query: Query) -> None:
    assert query(
        f"select layer, is_placed, state, {MINUTES}, count(distinct machine_id) "
        "from raw.machine_states where plant_id = 'maven' group by all order by layer"
    ) == [(0, False, "producing", 3858, 1), (1, True, None, 1388, 1)]


def test_every_batch_ran_its_minimum_time_besides_its_downtime(query: Query) -> None:
    rows = query(
        """
        with minutes as (
            select split_part(state_id, '-', 1) as batch, layer, sum(epoch(end_at - start_at)) as s
            from raw.machine_states where plant_id = 'maven' group by all
        )
        select orders.order_id, runs.s - coalesce(stops.s, 0), rates.ideal_cycle_s
        from raw.production_orders as orders
        join minutes as runs on runs.batch = orders.order_id and runs.layer = 0
        left join minutes as stops on stops.batch = orders.order_id and stops.layer = 1
        join raw.standard_rates as rates
            on rates.item_id = orders.item_id and rates.plant_id = orders.plant_id
        where orders.plant_id = 'maven'
        """
    )
    assert len(rows) == 38
    assert [batch for batch, net_s, minimum_s in rows if net_s != minimum_s] == []
    assert sum(minimum_s for _, _, minimum_s in rows) == Decimal(2470 * 60)


def test_downtime_by_factor(query: Query) -> None:
    factors = query(
        f"""
        select reason_name, reason_group, is_failure, {MINUTES}
        from raw.machine_states as states
        join raw.reasons as reasons using (plant_id, source, reason_id)
        where plant_id = 'maven' and reasons.state = 'delay' group by all order by 4 desc
        """
    )
    assert factors[:5] == [
        ("Machine adjustment", "Operator error", False, 332),
        ("Machine failure", "Not operator error", True, 254),
        ("Inventory shortage", "Not operator error", False, 225),
        ("Batch change", "Operator error", False, 160),
        ("Batch coding error", "Operator error", False, 145),
    ]
    assert sum(minutes for *_, minutes in factors) == 1388
    assert sum(failure for _, _, failure, _ in factors) == 1
    by_group = {"Operator error": 0, "Not operator error": 0}
    for _, group, _, minutes in factors:
        by_group[group] += minutes
    assert by_group == {"Operator error": 776, "Not operator error": 612}


def test_the_batch_over_midnight_starts_the_day_before(query: Query) -> None:
    assert query("select start_at, end_at from raw.machine_states where state_id = '422148'") == [
        (datetime(2024, 9, 2, 22, 55), datetime(2024, 9, 3, 1, 5))
    ]
    # It follows the batch before it without a gap, as batches of one evening do.
    assert query("select end_at from raw.machine_states where state_id = '422147'") == [
        (datetime(2024, 9, 2, 22, 55),)
    ]


def test_stops_are_placed_one_after_the_other_up_to_the_end_of_their_batch(query: Query) -> None:
    # 422118: 14 min of factor 6, 16 of 7, 10 of 11, 20 of 12, in a run from 04:05 to 06:05.
    placed = query(
        "select reason_id, start_at, end_at from raw.machine_states "
        "where state_id like '422118-%' order by start_at"
    )
    assert [(reason, f"{start:%H:%M}", f"{end:%H:%M}") for reason, start, end in placed] == [
        ("6", "05:05", "05:19"),
        ("7", "05:19", "05:35"),
        ("11", "05:35", "05:45"),
        ("12", "05:45", "06:05"),
    ]
    outside = query(
        """
        select stops.state_id
        from raw.machine_states as stops
        join raw.machine_states as runs
            on runs.plant_id = stops.plant_id and runs.layer = 0
            and runs.state_id = split_part(stops.state_id, '-', 1)
        where stops.layer = 1 and stops.plant_id = 'maven'
        and (stops.start_at < runs.start_at or stops.end_at > runs.end_at)
        """
    )
    assert outside == []


def test_nothing_is_claimed_that_the_workbook_does_not_say(query: Query) -> None:
    fed = query(
        "select feed from raw.feed_deliveries join raw.deliveries using (delivery_id) "
        "where plant_id = 'maven' and feed_rows > 0 order by 1"
    )
    assert [feed for (feed,) in fed] == [
        "items",
        "machine_states",
        "machine_states",
        "machines",
        "production_orders",
        "reasons",
        "standard_rates",
    ]
    assert query(
        "select count(*), count(released_at), count(created_at), count(completed_at) "
        "from raw.production_orders where plant_id = 'maven'"
    ) == [(38, 0, 0, 38)]


PLANT = Plant(plant_id="p", name="P", time_zone="UTC", currency="USD")


def sheets(*matrix: tuple[str | None, ...]) -> dict[str, pl.DataFrame]:
    """A workbook with one batch (A, 10:00 to 11:00) and these rows of its downtime matrix."""

    def sheet(rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
        columns = {f"c{i}": list(cells) for i, cells in enumerate(zip(*rows, strict=True))}
        return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
            line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
        )

    return {
        "Line productivity": sheet(
            [
                ("Date", "Product", "Batch", "Operator", "Start Time", "End Time"),
                ("2024-08-29 00:00:00", "P", "A", "Mac", "10:00:00", "1899-12-31 11:00:00"),
                (None, None, None, None, None, None),
            ]
        ),
        "Line downtime": sheet(
            [(None, "Downtime factor", None), ("Batch", "1", "2"), *matrix],
        ),
    }


@pytest.mark.parametrize(
    ("row", "stops", "rules"),
    [
        (("A", "5", "10"), [("1", 45, 50), ("2", 50, 60)], []),
        (("A", "0", "10"), [("2", 50, 60)], []),
        (("A", None, None), [], []),
        (("A", "7.5", None), [("1", 52.5, 60)], []),
        (("A", "ten", "10"), [], ["not_a_number"]),
        (("A", "-5", None), [], ["end_after_start"]),
        (("B", "5", None), [], ["required_value"]),
    ],
)
def test_cells_of_the_downtime_matrix(
    row: tuple[str | None, ...], stops: list[tuple[str, float, float]], rules: list[str]
) -> None:
    rows = downtime(sheets(row)).with_columns(raw_line=pl.lit("as read"))
    ctx = Context(DOWNTIME.dialect, PLANT, datetime(2024, 9, 1))
    result = conform(rows, DOWNTIME, ctx)
    begin = datetime(2024, 8, 29, 10)
    found = [
        (
            stop["reason_id"],
            (stop["start_at"] - begin).total_seconds() / 60,
            (stop["end_at"] - begin).total_seconds() / 60,
        )
        for stop in result.accepted[0].sort("start_at").to_dicts()
    ]
    assert found == stops
    assert sorted({rule for frame in result.faults for rule in frame["rule"]}) == rules


def test_a_blank_row_of_a_sheet_is_no_record() -> None:
    assert batches(sheets(("A", "5", "10")))["Batch"].to_list() == ["A"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("Date", "Product", "Batch", "Operator", "Start", "End Time"), "Start Time"),
        ((None, None, None, None, None, None), "unable to find column"),
    ],
)
def test_a_sheet_laid_out_otherwise_is_refused_as_a_whole(
    row: tuple[str | None, ...], why: str
) -> None:
    book = sheets(("A", "5", "10"))
    texts = dict(zip(book["Line productivity"].columns, row, strict=False))
    book["Line productivity"] = pl.concat(
        [
            pl.DataFrame([texts], schema=dict.fromkeys(texts, pl.String)).with_columns(
                line_no=pl.lit(1, pl.Int64)
            ),
            book["Line productivity"].slice(1),
        ]
    )
    # The reader turns this into a rejected file with the rule missing_column.
    with pytest.raises(pl.exceptions.PolarsError, match=why):
        batches(book)
