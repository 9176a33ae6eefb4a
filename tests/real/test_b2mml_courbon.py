"""Courbon's messages: each becomes what it says, or goes into no feed and is reported so."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from real_plants import Query


def test_the_weighing_consumed_material(query: Query) -> None:
    # It says no time of its own: the message was made on 29 November, whatever its file is called.
    assert query(
        "select item_id, order_id, movement_class, moved_qty, uom, posting_date "
        "from raw.stock_movements where plant_id = 'courbon'"
    ) == [("CRBN0001", "53107", "issue", Decimal("-0.41"), "KG", date(2012, 11, 29))]


def test_the_order_and_the_material(query: Query) -> None:
    assert query(
        "select order_id, item_id, planned_qty, created_at, due_at from raw.production_orders "
        "where plant_id = 'courbon'"
    ) == [("258456", "SO1215", 1, None, None)]
    assert query(
        "select item_id, item_name, base_uom from raw.items where plant_id = 'courbon'"
    ) == [("CRBN0001", "Product Courbon0001", "KG")]


def test_messages_without_a_feed_are_accepted_and_feed_nothing(query: Query) -> None:
    assert query(
        """
        select d.table_name, d.status, d.extracted_at, count(f.feed)
        from raw.deliveries as d left join raw.feed_deliveries as f using (delivery_id)
        where d.plant_id = 'courbon' and d.table_name in ('lot', 'sub_lot') group by all order by 1
        """
    ) == [
        ("lot", "accepted", datetime(2012, 12, 10, 16, 7, 18), 0),
        ("sub_lot", "accepted", datetime(2012, 12, 10, 16, 55, 55), 0),
    ]
    assert query(
        "select count(*) from raw.machine_states where plant_id = 'courbon' union all "
        "select count(*) from raw.production_counts where plant_id = 'courbon'"
    ) == [(0,), (0,)]
