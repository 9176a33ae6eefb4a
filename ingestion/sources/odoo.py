"""Odoo: stock moves, stock, products, work centre logs and maintenance requests, 13 to 18.

CSV out of the database (`psql`, `\\copy (...) to 'stock_move_<date>_<time>.csv' csv header`), with
the technical names of Odoo. The user interface is not read: it writes labels and words of lists in
the language of whoever exports, and times in their zone. Names of linked records are looked up in
the query, so that a row says what it means; a query names its columns as `columns` below does.

Times in the database are UTC and naive; `maintenance.request` has dates without a time, which count
from the first instant of the plant's day.

- stock_move: `quantity` in the product's own unit: `product_qty` of a done move up to 16, from 17
  on `sum(quantity_product_uom)` of its `stock_move_line`. A move has no sign: the usage of its two
  locations says what it does, and a move between two own places is two movements. Places of usage
  `internal` and `transit` are own stock. `is_unbuild` is true where `unbuild_id` or
  `consume_unbuild_id` is set, `owner_id` is the owner of its lines (consignment).
- stock_valuation_layer: a layer with a quantity is the value of a move that stock_move has
  already; only layers without one (price changes, landed cost) are movements of their own.
- stock_quant: one row per product and location (`sum(quantity)`, lots and packages together),
  drawn before the first move of the day that `snapshot_date` says.
- product_product: `standard_price` as it was on `snapshot_date`, `categ` the category, which the
  plant's code map `item_types` translates.
- mrp_workcenter_productivity: with the name and type of its loss. What several people log at the
  same time on the same work centre is one state. `duration` follows from the two times.
- maintenance_request: equipment becomes a machine by the plant's code map `equipment`. Odoo does
  not say when work began, nor whether the machine stood still: there is no MTTR.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ingestion.columns import (
    Column,
    code,
    computed,
    constant,
    day,
    day_of,
    either,
    local_time,
    number,
    plant_code,
    signed,
    text,
    utc_time,
)
from ingestion.feeds import (
    ItemCosts,
    Items,
    MachineStates,
    MaintenanceOrders,
    Reasons,
    StockMovements,
    StockSnapshots,
)
from ingestion.source import Delimited, FeedMapping, Source, Table

CSV = Delimited(final_newline=True)
TIME = "%Y-%m-%d %H:%M:%S%.f"
DATE = "%Y-%m-%d"
YES_AND_NO = {"t": True, "f": False}
CHANGED_AT = utc_time("write_date", format=TIME)

#: Usages of locations whose stock is the plant's.
OWN = ["internal", "transit"]
#: Out of own stock to a place of this usage, and into own stock from there.
OUT = {
    "supplier": "return_vendor",
    "customer": "sale",
    "production": "issue",
    "inventory": "count",
    "internal": "transfer",
    "transit": "transfer",
}
IN = OUT | {
    "supplier": "receipt_purchase",
    "customer": "return_customer",
    "production": "receipt_production",
}
#: A move of another state is a plan: nothing has moved.
PLANNED = ["draft", "waiting", "confirmed", "partially_available", "assigned", "cancel"]

#: What a work centre does while a loss of this type is logged.
LOSS_STATES = {
    "productive": "producing",
    "performance": "producing",
    "availability": "delay",
    "quality": "delay",
}
LOSS_STATE = code("loss_type", LOSS_STATES, required=True)
#: Losses by their English names, as Odoo installs them: a plant that renames them does so here.
SETUP_LOSSES = ["Setup and Adjustments"]
FAILURE_LOSSES = ["Equipment Failure"]


def legs(moves: pl.DataFrame) -> pl.DataFrame:
    """A row per own place that a move touches, `leg` out or in; none where it touches none.

    A usage that Odoo does not know keeps its row, so that it is quarantined.
    """
    source, destination = pl.col("location_usage"), pl.col("location_dest_usage")
    is_known = source.is_in(list(IN)) & destination.is_in(list(IN))
    leaves, enters = source.is_in(OWN), destination.is_in(OWN)
    return pl.concat(
        [
            moves.filter(leaves).with_columns(leg=pl.lit("out"), place=pl.col("location")),
            moves.filter(enters | (~is_known & ~leaves)).with_columns(
                leg=pl.lit("in"), place=pl.col("location_dest")
            ),
        ]
    ).sort("line_no", maintain_order=True)


IS_OUT = pl.col("leg") == "out"
IS_UNBUILD = pl.col("is_unbuild") == "t"
#: Material that comes back from an order takes its issue back.
COMES_BACK = ~IS_OUT & (pl.col("raw_material_production") != "")


def movement_class() -> pl.Expr:
    """What a leg does to own stock; null where a usage is unknown."""
    out = pl.col("location_dest_usage").replace_strict(OUT, default=None)
    into = pl.col("location_usage").replace_strict(IN, default=None)
    at_production = pl.when(IS_OUT).then(out == "issue").otherwise(into == "receipt_production")
    return (
        pl.when(at_production & (COMES_BACK | (~IS_OUT & IS_UNBUILD)))
        .then(pl.lit("issue"))
        .when(at_production & IS_OUT & IS_UNBUILD)
        .then(pl.lit("receipt_production"))
        .when(IS_OUT & (out == "count") & (pl.col("scrapped") == "t"))
        .then(pl.lit("scrap"))
        .when(IS_OUT)
        .then(out)
        .otherwise(into)
    )


STOCK_MOVE = Table(
    name="stock_move",
    pattern="stock_move_[0-9]*.csv",
    dialect=CSV,
    columns=(
        "id",
        "date",
        "state",
        "product_code",
        "quantity",
        "uom",
        "location",
        "location_usage",
        "location_dest",
        "location_dest_usage",
        "scrapped",
        "owner_id",
        "origin_returned_move_id",
        "production",
        "raw_material_production",
        "is_unbuild",
        "write_date",
    ),
    feeds=(
        FeedMapping(
            StockMovements,
            {
                "movement_id": computed(pl.format("{}-{}", "id", "leg"), "id"),
                "item_id": text("product_code"),
                "location_id": computed(pl.col("place"), "location", "location_dest"),
                "movement_class": Column(
                    lambda ctx: movement_class(),
                    lambda ctx: pl.when(movement_class().is_null()).then(pl.lit("unknown_code")),
                    ("location_usage", "location_dest_usage"),
                ),
                "movement_code": computed(
                    pl.format("{} > {}", "location_usage", "location_dest_usage"),
                    "location_usage",
                    "location_dest_usage",
                ),
                "is_reversal": computed(
                    (pl.col("origin_returned_move_id") != "") | IS_UNBUILD | COMES_BACK,
                    "origin_returned_move_id",
                    "is_unbuild",
                    "raw_material_production",
                ),
                "is_owned": computed(pl.col("owner_id") == "", "owner_id"),
                "posting_date": day_of(utc_time("date", format=TIME)),
                "entered_at": utc_time("date", format=TIME),
                "moved_qty": replace(
                    signed("quantity", by="leg", minus=("out",)), exported=("quantity",)
                ),
                "uom": text("uom"),
                "order_id": either(
                    "production",
                    then=text("production"),
                    otherwise=text("raw_material_production"),
                ),
                "is_deleted": code("state", {"done": False}),
                "changed_at": CHANGED_AT,
            },
            where=~pl.col("state").is_in(PLANNED),
            reshape=legs,
        ),
    ),
)

STOCK_VALUATION_LAYER = Table(
    name="stock_valuation_layer",
    pattern="stock_valuation_layer_*.csv",
    dialect=CSV,
    columns=(
        "id",
        "create_date",
        "product_code",
        "quantity",
        "uom",
        "value",
        "currency",
        "stock_move_id",
    ),
    feeds=(
        FeedMapping(
            StockMovements,
            {
                "movement_id": computed(pl.format("layer-{}", "id"), "id"),
                "item_id": text("product_code"),
                "movement_class": constant("revaluation"),
                "movement_code": constant("stock.valuation.layer"),
                "is_reversal": constant(False),
                "is_owned": constant(True),
                "posting_date": day_of(utc_time("create_date", format=TIME)),
                "entered_at": utc_time("create_date", format=TIME),
                "moved_qty": number("quantity"),
                "uom": text("uom"),
                "value_amount": number("value"),
                "currency": text("currency"),
            },
            # A quantity that is no number stays, to be quarantined.
            where=(pl.col("quantity").cast(pl.Float64, strict=False) == 0).fill_null(True),
        ),
    ),
)

STOCK_QUANT = Table(
    name="stock_quant",
    pattern="stock_quant_*.csv",
    dialect=CSV,
    columns=(
        "snapshot_date",
        "product_code",
        "location",
        "location_usage",
        "owner_id",
        "quantity",
        "uom",
    ),
    feeds=(
        FeedMapping(
            StockSnapshots,
            {
                "item_id": text("product_code"),
                "location_id": text("location"),
                "snapshot_date": day("snapshot_date", DATE),
                "on_hand_qty": number("quantity"),
                "uom": text("uom"),
            },
            # Odoo keeps quants of vendors, customers and losses too.
            where=pl.col("location_usage").is_in(OWN) & (pl.col("owner_id") == ""),
        ),
    ),
)

PRODUCT_PRODUCT = Table(
    name="product_product",
    pattern="product_product_*.csv",
    dialect=CSV,
    columns=("snapshot_date", "product_code", "name", "categ", "uom", "standard_price"),
    feeds=(
        FeedMapping(
            Items,
            {
                "item_id": text("product_code"),
                "item_name": text("name"),
                "item_type": plant_code("categ", "item_types"),
                "item_group": text("categ"),
                "base_uom": text("uom"),
            },
        ),
        FeedMapping(
            ItemCosts,
            {
                "item_id": text("product_code"),
                "valid_from": day("snapshot_date", DATE),
                "unit_cost_amount": number("standard_price"),
            },
        ),
    ),
)

WORKCENTER_PRODUCTIVITY = Table(
    name="mrp_workcenter_productivity",
    pattern="mrp_workcenter_productivity_[0-9]*.csv",
    dialect=CSV,
    columns=(
        "id",
        "workcenter_code",
        "workorder_id",
        "loss_id",
        "loss_name",
        "loss_type",
        "date_start",
        "date_end",
        "duration",
        "write_date",
    ),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": text("id"),
                "machine_id": text("workcenter_code", required=True),
                "operation_id": text("workorder_id"),
                "layer": computed(
                    pl.when(pl.col("loss_type").is_in(["availability", "quality"]))
                    .then(1)
                    .otherwise(0),
                    "loss_type",
                ),
                "start_at": utc_time("date_start", format=TIME),
                "end_at": utc_time("date_end", format=TIME),
                "state": Column(
                    lambda ctx: (
                        pl.when(pl.col("loss_name").is_in(SETUP_LOSSES))
                        .then(pl.lit("setup"))
                        .otherwise(LOSS_STATE.value(ctx))
                    ),
                    LOSS_STATE.fault,
                    LOSS_STATE.exported,
                ),
                "reason_id": text("loss_id"),
                "is_placed": constant(False),
                "changed_at": CHANGED_AT,
            },
        ),
    ),
)

PRODUCTIVITY_LOSS = Table(
    name="mrp_workcenter_productivity_loss",
    pattern="mrp_workcenter_productivity_loss_*.csv",
    dialect=CSV,
    columns=("id", "name", "loss_type"),
    feeds=(
        FeedMapping(
            Reasons,
            {
                "reason_kind": constant("stop"),
                "reason_id": text("id"),
                "reason_name": text("name"),
                "reason_group": text("loss_type"),
                "is_failure": computed(pl.col("name").is_in(FAILURE_LOSSES), "name"),
            },
        ),
    ),
)

MAINTENANCE_REQUEST = Table(
    name="maintenance_request",
    pattern="maintenance_request_*.csv",
    dialect=CSV,
    columns=(
        "id",
        "name",
        "equipment_id",
        "maintenance_type",
        "request_date",
        "schedule_date",
        "close_date",
        "duration",
        "archive",
        "write_date",
    ),
    feeds=(
        FeedMapping(
            MaintenanceOrders,
            {
                "maintenance_order_id": text("id"),
                "machine_id": plant_code("equipment_id", "equipment"),
                "maintenance_kind": code(
                    "maintenance_type", {"corrective": "corrective", "preventive": "preventive"}
                ),
                "description": text("name"),
                "reported_at": local_time("request_date", format=DATE),
                # Written when the stage becomes done, and emptied when it is opened again.
                "finished_at": local_time("close_date", format=DATE),
                "due_at": utc_time("schedule_date", format=TIME, future=True),
                "planned_labour_s": number("duration", times=3600),
                "is_deleted": code("archive", YES_AND_NO, blank=False),
                "changed_at": CHANGED_AT,
            },
        ),
    ),
)

SOURCE = Source(
    name="odoo",
    title="Odoo, stock, work centres and maintenance",
    system="erp",
    tables=(
        STOCK_MOVE,
        STOCK_VALUATION_LAYER,
        STOCK_QUANT,
        PRODUCT_PRODUCT,
        WORKCENTER_PRODUCTIVITY,
        PRODUCTIVITY_LOSS,
        MAINTENANCE_REQUEST,
    ),
)
