"""Feeds of the ERP: items and what they cost, stock and its movements, production orders."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from ingestion.feeds.base import (
    Feed,
    amount,
    day,
    flag,
    id_,
    instant,
    key_id,
    number,
    one_of,
    text,
    whole,
)

#: What a movement does to owned stock. Only `issue`, `sale` and `scrap` are usage.
MOVEMENT_CLASSES = [
    "receipt_purchase",
    "receipt_production",
    "issue",  # to a production order or cost centre
    "sale",
    "scrap",
    "transfer",  # both legs; nets to zero over the plant
    "count",  # inventory difference
    "return_vendor",
    "return_customer",
    "revaluation",  # value without quantity
    "other",
]


class Items(Feed):
    """One item (material) of the plant."""

    item_id = key_id("The item's business id.")
    item_name = text("Readable name.")
    item_type = one_of(
        ["raw", "semi_finished", "finished", "other"], "Its place in the value stream."
    )
    item_group = text("Group or family.")
    base_uom = id_("Base unit of measure of every quantity of the item.", nullable=False)
    defect_opportunities_qty = number(
        "Ways in which one unit can be defective (DPMO); null: nobody counted them.",
        nullable=True,
        min=1,
    )


class ItemCosts(Feed):
    """The standard cost of one unit of an item while it is valid, price unit applied."""

    item_id = key_id("The item.")
    valid_from = day("Valid from, included.", key=True)
    valid_to = day("Valid to, excluded; null: still valid.", nullable=True)
    unit_cost_amount = amount("Cost of one base unit, in the plant's currency.", min=0)

    @dy.rule()
    def valid_to_after_from(cls) -> pl.Expr:
        return pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("valid_from"))


class OperationCosts(Feed):
    """What one unit of an item has cost once an operation of its route is done, at standard: its
    material and all operations up to this one, while it is valid.

    Where a plant delivers none, a scrapped unit has the item's full cost, wherever it fell.
    """

    item_id = key_id("The item.")
    sequence_no = whole("Position of the operation on the route, as in order_operations.", key=True)
    valid_from = day("Valid from, included.", key=True)
    valid_to = day("Valid to, excluded; null: still valid.", nullable=True)
    unit_cost_amount = amount("Cost of one base unit so far, in the plant's currency.", min=0)

    @dy.rule()
    def valid_to_after_from(cls) -> pl.Expr:
        return pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("valid_from"))


class StockDocuments(Feed):
    """One document of the ERP's stock ledger: what the movements on it have in common.

    Only for systems that keep the posting date there and not on every movement.
    """

    document_id = key_id("Document and year.")
    posting_date = day("The day its movements count for.", event=True)
    entered_at = instant("When it was entered.", nullable=True)


class StockMovements(Feed):
    """One movement of an item at a location; the quantity is signed, plus is into stock.

    A reversal is a row of its own with the opposite sign and the class of what it reverses.
    Where a movement has no posting date of its own, its document's (stock_documents) counts.
    """

    movement_id = key_id("Document, year and line.")
    document_id = id_("The document it stands on, where the system keeps dates there.")
    item_id = id_("The item.", nullable=False)
    location_id = id_("Storage location; null where the system keeps none.")
    movement_class = one_of(MOVEMENT_CLASSES, "What it does to owned stock.")
    movement_code = text("The system's own movement type.")
    is_reversal = flag("True where it takes an earlier movement back.")
    is_owned = flag("False for consignment and customer-owned stock.")
    posting_date = day("The day it counts for.", nullable=True, event=True)
    entered_at = instant("When it was entered.", nullable=True)
    moved_qty = number("Signed quantity in `uom`.")
    uom = id_("Unit of the quantity: the item's base unit.", nullable=False)
    value_amount = amount("Signed value in the document's currency.", nullable=True)
    currency = id_("Currency of value_amount.")
    order_id = id_("The production order it belongs to.")

    @dy.rule()
    def date_or_document_given(cls) -> pl.Expr:
        return pl.col("posting_date").is_not_null() | pl.col("document_id").is_not_null()


class StockSnapshots(Feed):
    """Stock on hand of one item at one location at the start of a day."""

    item_id = key_id("The item.")
    location_id = key_id("Storage location; null where the system keeps none.", nullable=True)
    snapshot_date = day("On hand at the start of this day.", key=True, event=True)
    on_hand_qty = number("Quantity in the item's base unit.")
    uom = id_("Unit of the quantity.", nullable=False)


class ProductionOrders(Feed):
    """One production order as one system sees it."""

    order_id = key_id("The order's number.")
    item_id = id_("The item to be made.")
    planned_qty = number("Ordered quantity (POQ).", nullable=True, min=0)
    completed_qty = number("Quantity received into stock.", nullable=True)
    created_at = instant("When it was created.", nullable=True, event=True)
    released_at = instant("When it was released to the floor.", nullable=True, event=True)
    due_at = instant("When it is due.", nullable=True)
    first_promise_at = instant("The first date promised.", nullable=True)
    completed_at = instant("When it was finished; null while open.", nullable=True, event=True)
    is_cancelled = flag("True where the order was cancelled.")

    @dy.rule()
    def completed_after_release(cls) -> pl.Expr:
        return (
            pl.col("completed_at").is_null()
            | pl.col("released_at").is_null()
            | (pl.col("completed_at") >= pl.col("released_at"))
        )


class SalesOrderLines(Feed):
    """One line of a customer's order."""

    sales_order_line_id = key_id("Order and line.")
    sales_order_id = id_("The order.", nullable=False)
    customer_id = id_("The customer.")
    item_id = id_("The item.", nullable=False)
    uom = id_("Unit of the quantities.", nullable=False)
    ordered_qty = number("Ordered quantity.", min=0)
    ordered_at = instant("When the order was received.", event=True)
    requested_date = day("The day the customer asked for.", nullable=True)
    first_promised_date = day("The first day that was promised.", nullable=True)
    promised_date = day("The day promised last.", nullable=True)
    delivered_qty = number("Quantity delivered so far.", nullable=True, min=0)
    delivered_at = instant(
        "When the last part was delivered; null: nothing yet.", nullable=True, event=True
    )
    is_undamaged = flag("True where it arrived in perfect condition.", nullable=True)
    is_documented = flag("True where its documents were right.", nullable=True)
    is_cancelled = flag("True where it was cancelled.")


class PurchaseOrderLines(Feed):
    """One line of an order to a supplier."""

    purchase_order_line_id = key_id("Order and line.")
    purchase_order_id = id_("The order.", nullable=False)
    supplier_id = id_("The supplier.")
    item_id = id_("The item.", nullable=False)
    uom = id_("Unit of the quantities.", nullable=False)
    ordered_qty = number("Ordered quantity.", min=0)
    ordered_at = instant("When it was ordered.", event=True)
    first_promised_date = day("The first day the supplier promised.", nullable=True)
    promised_date = day("The day promised last.", nullable=True)
    received_qty = number("Quantity received so far.", nullable=True, min=0)
    received_at = instant(
        "When the last part was received; null: nothing yet.", nullable=True, event=True
    )
    is_cancelled = flag("True where it was cancelled.")
