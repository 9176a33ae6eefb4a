"""Global Bike's material documents: types, signs, units and dates, against the files themselves."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest
from real_plants import DATASETS, Query

FILES = {"gbi": "MSEG", "gbi_ei": "MSEG_EI", "gbi_pirates": "MSEG_Pirates"}


def lines(name: str) -> list[dict[str, str]]:
    """A file's own lines, read by Python's reader."""
    path = DATASETS / "sap_gbi" / f"{name}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def amount(text: str) -> Decimal:
    return Decimal(text.strip().replace(",", ""))


def test_movements_per_type(query: Query) -> None:
    counts = {
        plant: dict(
            query(
                "select movement_code, count(*) from raw.stock_movements "
                "where plant_id = ? group by 1",
                plant,
            )
        )
        for plant in FILES
    }
    assert counts == {
        "gbi": {"101": 482, "261": 162, "161": 41, "122": 1},
        "gbi_ei": {"101": 2137, "261": 847, "551": 765, "333": 663},
        "gbi_pirates": {
            "501": 319,
            "101": 234,
            "261": 189,
            "412": 36,
            "601": 21,
            "561": 19,
            "301": 16,
            "502": 10,
            "311": 4,
            "351": 2,
            "102": 1,
        },
    }


@pytest.mark.parametrize("plant", FILES)
def test_quantities_and_values_per_type_unit_and_direction(query: Query, plant: str) -> None:
    quantities: Counter[tuple[str, str, bool]] = Counter()
    values: Counter[tuple[str, str, bool]] = Counter()
    for line in lines(FILES[plant]):
        sign = -1 if line["SHKZG"] == "H" else 1
        group = (line["BWART"], line["MEINS"], sign < 0)
        quantities[group] += sign * amount(line["MENGE"])
        values[group] += sign * amount(line["DMBTR"])
    found = query(
        """
        select movement_code, uom, moved_qty < 0, sum(moved_qty), sum(value_amount)
        from raw.stock_movements where plant_id = ? group by all
        """,
        plant,
    )
    assert {tuple(row[:3]): row[3] for row in found} == dict(quantities)
    assert {tuple(row[:3]): row[4] for row in found} == dict(values)
    assert query(
        "select distinct currency, is_owned from raw.stock_movements where plant_id = ?", plant
    ) == [("USD", True)]


def test_what_the_types_do_to_stock(query: Query) -> None:
    classes = query(
        """
        select distinct movement_code, order_id is not null, movement_class, is_reversal
        from raw.stock_movements where source = 'sap_gbi' order by all
        """
    )
    assert classes == [
        ("101", False, "receipt_purchase", False),
        ("101", True, "receipt_production", False),
        ("102", True, "receipt_production", True),
        ("122", False, "return_vendor", False),
        ("161", False, "return_vendor", False),
        ("261", False, "issue", False),
        ("261", True, "issue", False),
        ("301", False, "transfer", False),
        ("311", False, "transfer", False),
        ("333", False, "scrap", False),
        ("351", False, "transfer", False),
        ("412", False, "transfer", True),
        ("501", False, "receipt_purchase", False),
        ("502", False, "receipt_purchase", True),
        ("551", False, "scrap", False),
        ("561", False, "count", False),
        ("601", False, "sale", False),
    ]


def test_a_material_keeps_the_units_it_was_moved_in(query: Query) -> None:
    assert query(
        """
        select plant_id, item_id, list(distinct uom order by uom) from raw.stock_movements
        where source = 'sap_gbi' group by all having count(distinct uom) > 1 order by 2
        """
    ) == [("gbi_ei", "GOLD", ["G", "OZ"]), ("gbi_ei", "TEST", ["FT3", "LB"])]


def test_posting_dates_stand_on_the_line_or_on_its_document(query: Query) -> None:
    assert query(
        """
        select
            plant_id,
            count(*),
            count(moved.posting_date),
            count(documents.posting_date),
            min(coalesce(moved.posting_date, documents.posting_date)),
            max(coalesce(moved.posting_date, documents.posting_date)),
            count(coalesce(moved.posting_date, documents.posting_date))
        from raw.stock_movements as moved
        left join raw.stock_documents as documents using (plant_id, source, document_id)
        where source = 'sap_gbi' group by 1 order by 1
        """
    ) == [
        ("gbi", 686, 686, 524, date(2017, 1, 24), date(2017, 2, 23), 686),
        ("gbi_ei", 4412, 2137, 4412, date(2017, 1, 24), date(2017, 2, 23), 4412),
        ("gbi_pirates", 851, 0, 851, date(2018, 4, 23), date(2018, 5, 21), 851),
    ]


def test_times_of_both_clocks_are_the_same_instants(query: Query) -> None:
    # 10:07:38 AM and 10:07:38 in Dallas in January; 16:37:23 there in April.
    assert query(
        """
        select plant_id, min(entered_at) from raw.stock_documents
        where document_id in ('2017-5000000010', '2018-4900002060') group by 1 order by 1
        """
    ) == [
        ("gbi", datetime(2017, 1, 24, 16, 7, 38)),
        ("gbi_ei", datetime(2017, 1, 24, 16, 7, 38)),
        ("gbi_pirates", datetime(2018, 4, 23, 21, 37, 23)),
    ]
    assert query(
        "select entered_at from raw.stock_movements "
        "where plant_id = 'gbi' and movement_id = '2017-5000000010-1'"
    ) == [(datetime(2017, 1, 24, 16, 7, 38),)]


def test_orders_and_places(query: Query) -> None:
    orders = {line["AUFNR"] for line in lines("MSEG_Pirates")} - {""}
    found = query(
        "select distinct order_id from raw.stock_movements "
        "where source = 'sap_gbi' and order_id is not null"
    )
    assert {f"{order}.0" for (order,) in found} == orders
    places = Counter(
        line["WERKS"] + (f"-{line['LGORT']}" if line["LGORT"] else "")
        for line in lines("MSEG_Pirates")
    )
    assert places == dict(
        query(
            "select location_id, count(*) from raw.stock_movements "
            "where plant_id = 'gbi_pirates' group by 1"
        )
    )


@pytest.mark.parametrize(("plant", "name"), [("gbi", "EKPO"), ("gbi_pirates", "EKPO_Pirates")])
def test_items_come_from_the_purchase_orders(query: Query, plant: str, name: str) -> None:
    types = {"RAW": "raw", "BIKES": "finished", "SFTY": "finished", "UTIL": "other"}
    assert {
        (line["MATNR"], types[line["MATKL"]], line["LMEIN"])
        for line in lines(name)
        if line["MATNR"]
    } == set(query("select item_id, item_type, base_uom from raw.items where plant_id = ?", plant))


def test_no_opening_stock_and_no_standard_cost_is_invented(query: Query) -> None:
    assert query(
        """
        select (select count(*) from raw.stock_snapshots), (select count(*) from raw.item_costs)
        """
    ) == [(0, 0)]
