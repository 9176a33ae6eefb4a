"""What SAP's exports have in common: how lists and tables are written, and the words for stock
(movement types, directions, special stock).

The quantity of a material document is unsigned and its direction stands in SHKZG (S into
stock, H out of it); lists drawn with signs carry the minus behind the number and leave SHKZG
empty. A reversal is the movement type plus one.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingestion.columns import Column, code, either, signed, text
from ingestion.source import Delimited

#: A list saved as a spreadsheet, technical field names.
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
#: A table or a view in the internal format of an extractor.
TABLE = Delimited(
    delimiter=";",
    trailing_minus=True,
    nulls=("", "00000000"),
    final_newline=True,
)
#: How lists and tables write dates.
LIST_DATE = "%d.%m.%Y"
TABLE_DATE = "%Y%m%d"

#: Movement types to what they do to owned stock; the reversal of each is the type plus one.
MOVEMENT_TYPES = {
    "101": "receipt_purchase",
    "103": "receipt_purchase",
    "105": "receipt_purchase",
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
    "351": "transfer",  # to another plant by a stock transport order
    "411": "transfer",
    "501": "receipt_purchase",  # without a purchase order
    "521": "receipt_production",  # without a production order
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
}
#: In the inventory difference types the next number is the other direction, not a reversal.
COUNT_DIFFERENCES = dict.fromkeys(("701", "702", "703", "704", "707", "708"), "count")


def next_type(movement_type: str) -> str:
    """The reversal's movement type."""
    return str(int(movement_type) + 1)


CLASSES = (
    MOVEMENT_TYPES
    | COUNT_DIFFERENCES
    | {next_type(kind): group for kind, group in MOVEMENT_TYPES.items()}
)
REVERSALS = {kind: kind not in MOVEMENT_TYPES | COUNT_DIFFERENCES for kind in CLASSES}
#: A receipt that names a production order comes from the floor, not from a vendor.
ORDER_RECEIPTS = dict.fromkeys(("101", "102", "103", "104", "105", "106"), "receipt_production")
#: Special stock that is not owned, or not here: consignment and customer's.
NOT_OWNED = {"K": False, "W": False, "M": False}
OWNED = {"E": True, "Q": True, "O": True, "V": True}

#: What an internal number starts with: lists leave the zeros out, tables keep them.
LEADING_ZEROS = "^0+"


def movement_columns(
    heads: Mapping[str, str] | None = None, *, cut: str | None = None
) -> dict[str, Column]:
    """The columns of a stock movement that every list of material documents says alike.

    `heads`: field names to the heads of a list that shows others. `cut` is taken off materials and
    orders.
    """

    def head(field: str) -> str:
        return (heads or {}).get(field, field)

    return {
        "item_id": text(head("MATNR"), cut=cut),
        "movement_class": either(
            head("AUFNR"),
            then=code(head("BWART"), CLASSES | ORDER_RECEIPTS),
            otherwise=code(head("BWART"), CLASSES),
        ),
        "movement_code": text(head("BWART")),
        "is_reversal": code(head("BWART"), REVERSALS),
        "is_owned": code(head("SOBKZ"), NOT_OWNED | OWNED, blank=True),
        "moved_qty": signed(head("MENGE"), by=head("SHKZG"), minus=("H",)),
        "uom": text(head("MEINS")),
        "value_amount": signed(head("DMBTR"), by=head("SHKZG"), minus=("H",)),
        "currency": text(head("WAERS")),
        "order_id": text(head("AUFNR"), cut=cut),
    }
