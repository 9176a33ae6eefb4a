"""SAP Materials Management: material documents (MB51 list), stock, materials and prices.

The quantity of a material document is unsigned and its direction stands in SHKZG (S into
stock, H out of it); lists drawn with signs carry the minus behind the number and leave SHKZG
empty. A reversal is the movement type plus one.
"""

from __future__ import annotations

from ingestion.columns import code, day, either, joined, local_time, number, ratio_of, signed, text
from ingestion.feeds import ItemCosts, Items, StockMovements, StockSnapshots
from ingestion.source import Delimited, FeedMapping, Source, Table

LIST = Delimited(
    encoding="cp1252",
    delimiter="\t",
    decimal=",",
    thousands=".",
    trailing_minus=True,
    nulls=("", "00.00.0000"),
    final_newline=True,
    totals_mark="*",
)
DATE = "%d.%m.%Y"

#: Movement types to what they do to owned stock; the reversal of each is the type plus one.
MOVEMENT_TYPES = {
    "122": "return_vendor",
    "161": "return_vendor",
    "201": "issue",
    "221": "issue",
    "261": "issue",
    "281": "issue",
    "291": "issue",
    "301": "transfer",
    "303": "transfer",
    "305": "transfer",
    "309": "transfer",
    "311": "transfer",
    "313": "transfer",
    "315": "transfer",
    "321": "transfer",
    "331": "scrap",  # sampling
    "333": "scrap",  # sampling from unrestricted stock
    "411": "transfer",
    "531": "receipt_production",
    "541": "transfer",
    "543": "issue",
    "551": "scrap",
    "553": "scrap",
    "555": "scrap",
    "561": "count",  # initial entry of stock
    "601": "sale",
    "641": "transfer",
    "651": "return_customer",
    "653": "return_customer",
    "701": "count",
    "703": "count",
    "707": "count",
}
RECEIPTS = {"101": "receipt_purchase", "103": "receipt_purchase", "105": "receipt_purchase"}
#: In the inventory difference types the next number is the other direction, not a reversal.
COUNT_OUT = {"702": "count", "704": "count", "708": "count"}


def next_type(movement_type: str) -> str:
    """The reversal's movement type."""
    return str(int(movement_type) + 1)


CLASSES = (
    MOVEMENT_TYPES
    | RECEIPTS
    | COUNT_OUT
    | {
        next_type(kind): group
        for kind, group in (MOVEMENT_TYPES | RECEIPTS).items()
        if group != "count"
    }
)
REVERSALS = {kind: kind not in MOVEMENT_TYPES | RECEIPTS | COUNT_OUT for kind in CLASSES}
#: A receipt that names a production order comes from the floor, not from a vendor.
ORDER_RECEIPTS = {"101": "receipt_production", "102": "receipt_production"}
#: Special stock that is not owned, or not here: consignment and customer's.
NOT_OWNED = {"K": False, "W": False, "M": False}
OWNED = {"E": True, "Q": True, "O": True, "V": True}


SOURCE = Source(
    name="sap_mm",
    title="SAP MM, material documents, stock and prices",
    system="erp",
    tables=(
        Table(
            name="MB51",
            pattern="MB51_*.txt",
            dialect=LIST,
            columns=(
                "MBLNR",
                "MJAHR",
                "ZEILE",
                "BWART",
                "MATNR",
                "LGORT",
                "SOBKZ",
                "SHKZG",
                "MENGE",
                "MEINS",
                "DMBTR",
                "WAERS",
                "AUFNR",
                "BUDAT",
            ),
            feeds=(
                FeedMapping(
                    StockMovements,
                    {
                        "movement_id": joined("MJAHR", "MBLNR", "ZEILE"),
                        "item_id": text("MATNR"),
                        "location_id": text("LGORT"),
                        "movement_class": either(
                            "AUFNR",
                            then=code("BWART", CLASSES | ORDER_RECEIPTS),
                            otherwise=code("BWART", CLASSES),
                        ),
                        "movement_code": text("BWART"),
                        "is_reversal": code("BWART", REVERSALS),
                        "is_owned": code("SOBKZ", NOT_OWNED | OWNED, blank=True),
                        "posting_date": day("BUDAT", DATE),
                        "entered_at": local_time("CPUDT", "CPUTM", format=f"{DATE} %H:%M:%S"),
                        "moved_qty": signed("MENGE", by="SHKZG", minus=("H",)),
                        "uom": text("MEINS"),
                        "value_amount": signed("DMBTR", by="SHKZG", minus=("H",)),
                        "currency": text("WAERS"),
                        "order_id": text("AUFNR"),
                    },
                ),
            ),
        ),
        Table(
            name="MARD",
            pattern="MARD_*.txt",
            dialect=LIST,
            columns=("MATNR", "LGORT", "STICHTAG", "LABST", "MEINS"),
            feeds=(
                FeedMapping(
                    StockSnapshots,
                    {
                        "item_id": text("MATNR"),
                        "location_id": text("LGORT"),
                        "snapshot_date": day("STICHTAG", DATE),
                        "on_hand_qty": number("LABST"),
                        "uom": text("MEINS"),
                    },
                ),
            ),
        ),
        Table(
            name="MARA",
            pattern="MARA_*.txt",
            dialect=LIST,
            columns=("MATNR", "MAKTX", "MTART", "MEINS"),
            feeds=(
                FeedMapping(
                    Items,
                    {
                        "item_id": text("MATNR"),
                        "item_name": text("MAKTX"),
                        "item_type": code(
                            "MTART",
                            {
                                "ROH": "raw",
                                "VERP": "raw",
                                "HIBE": "other",
                                "HALB": "semi_finished",
                                "FERT": "finished",
                                "HAWA": "finished",
                            },
                        ),
                        "item_group": text("MATKL"),
                        "base_uom": text("MEINS"),
                    },
                ),
            ),
        ),
        Table(
            name="MBEW",
            pattern="MBEW_*.txt",
            dialect=LIST,
            columns=("MATNR", "VPRSV", "STPRS", "PEINH", "GUELTIG_AB"),
            feeds=(
                FeedMapping(
                    ItemCosts,
                    {
                        "item_id": text("MATNR"),
                        "valid_from": day("GUELTIG_AB", DATE, future=True),
                        "unit_cost_amount": ratio_of("STPRS", "PEINH"),
                    },
                ),
            ),
        ),
    ),
)
