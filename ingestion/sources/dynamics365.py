"""Dynamics 365 Finance: inventory transactions, exported by data management.

The export is an entity over InventTrans, its origin, its dimensions and the inventory unit of its
item. A transaction is born with its order line and changes its status until it is invoiced, always
under one RecId: it moves stock from the day on which it is physically updated. Quantities and
amounts carry their signs, dates have no zone, and an empty date is the first of January 1900.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import code, computed, constant, day, either, number, sum_of, text
from ingestion.feeds import StockMovements
from ingestion.source import Delimited, FeedMapping, Source, Table

EXPORT = Delimited(nulls=("", "None", "1900-01-01 00:00:00"), final_newline=True)

#: Statuses of what is only planned, promised or put ready: no stock has moved yet.
NOT_YET = (
    "QuotationIssue",
    "OnOrder",
    "ReservOrdered",
    "ReservPhysical",
    "Picked",
    "QuotationReceipt",
    "Ordered",
    "Arrived",
    "Registered",
)
HAS_MOVED = ~(pl.col("STATUSISSUE").is_in(NOT_YET) | pl.col("STATUSRECEIPT").is_in(NOT_YET))
IS_RETURNED = pl.col("PACKINGSLIPRETURNED") == "Yes"

#: What a reference means whichever way the stock moved.
EITHER_WAY = {
    "InventTransaction": "other",
    "InventLossProfit": "other",
    "InventCounting": "count",
    "InventTransfer": "transfer",
    "TransferOrderShip": "transfer",
    "TransferOrderReceive": "transfer",
    "TransferOrderScrap": "scrap",
    "QuarantineOrder": "transfer",
    "WHSWork": "transfer",
    "ProdLine": "issue",
    "BOMLine": "issue",
    "Production": "receipt_production",
    "PmfProdCoBy": "receipt_production",
    "BOMMain": "receipt_production",
}
ISSUES = EITHER_WAY | {"Sales": "sale", "Purch": "return_vendor"}
RECEIPTS = EITHER_WAY | {"Sales": "return_customer", "Purch": "receipt_purchase"}
#: Only an order of production is one; the reference of a sale is the sales order.
IS_PRODUCTION = pl.col("REFERENCECATEGORY").is_in(["ProdLine", "Production", "PmfProdCoBy"])


def movements(*, returned: bool) -> FeedMapping:
    """Transactions as they are, or those that take a packing slip or product receipt back.

    A cancelled delivery is a receipt of the sales order: it keeps the class of the sale.
    """
    forth, back = (RECEIPTS, ISSUES) if returned else (ISSUES, RECEIPTS)
    return FeedMapping(
        StockMovements,
        {
            "movement_id": text("RECID"),
            "item_id": text("ITEMID"),
            "location_id": text("INVENTLOCATIONID"),
            "movement_class": either(
                "STATUSISSUE",
                then=code("REFERENCECATEGORY", forth),
                otherwise=code("REFERENCECATEGORY", back),
            ),
            "movement_code": text("REFERENCECATEGORY"),
            "is_reversal": constant(returned),
            # Consignment stock has its vendor for an owner; one's own has the legal entity or none.
            "is_owned": either(
                "INVENTOWNERID",
                then=computed(
                    pl.col("INVENTOWNERID").str.to_lowercase()
                    == pl.col("DATAAREAID").str.to_lowercase(),
                    "INVENTOWNERID",
                    "DATAAREAID",
                ),
                otherwise=constant(True),
            ),
            "posting_date": day("DATEPHYSICAL", "%Y-%m-%d %H:%M:%S"),
            "moved_qty": number("QTY"),
            "uom": text("UNITID"),
            # Cost is estimated until the invoice, then posted, and adjusted by closing. It is kept
            # in the currency of the legal entity; CURRENCYCODE is that of the order.
            "value_amount": either(
                "DATEFINANCIAL",
                then=sum_of("COSTAMOUNTPOSTED", "COSTAMOUNTADJUSTMENT"),
                otherwise=number("COSTAMOUNTPHYSICAL"),
            ),
            "order_id": computed(pl.when(IS_PRODUCTION).then(pl.col("REFERENCEID")), "REFERENCEID"),
        },
        where=HAS_MOVED & (IS_RETURNED if returned else ~IS_RETURNED),
    )


SOURCE = Source(
    name="dynamics365",
    title="Dynamics 365 Finance, inventory transactions",
    system="erp",
    tables=(
        Table(
            name="InventTrans",
            pattern="InventTransExport_*.csv",
            dialect=EXPORT,
            columns=(
                "DATAAREAID",
                "RECID",
                "ITEMID",
                "QTY",
                "UNITID",
                "STATUSISSUE",
                "STATUSRECEIPT",
                "DATEPHYSICAL",
                "DATEFINANCIAL",
                "COSTAMOUNTPHYSICAL",
                "COSTAMOUNTPOSTED",
                "COSTAMOUNTADJUSTMENT",
                "REFERENCECATEGORY",
                "REFERENCEID",
                "INVENTLOCATIONID",
                "PACKINGSLIPRETURNED",
                "INVENTOWNERID",
            ),
            feeds=(movements(returned=False), movements(returned=True)),
        ),
    ),
)
