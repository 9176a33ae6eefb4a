"""ERPNext: stock ledger, job cards, downtime, asset repairs and maintenance logs, 13 to 15.

Tab separated text out of the site's database (`bench mariadb --batch -e "select ..."`), with the
field names of the document types; nothing is read from lists of the user interface, whose headers
and words are translated. NULL stands for nothing. Times are naive, in the zone of the server, which
must be the plant's; asset maintenance has dates without a time, which count from the first instant
of the day. Columns that a document type does not have are looked up in the query:

- stock_ledger_entry: `purpose` and `work_order` of the Stock Entry. `actual_qty` is signed. For a
  Stock Reconciliation ERPNext keeps only the balance behind it and leaves `actual_qty` at 0, so the
  query gives the difference, as the Stock Ledger report does: `qty_after_transaction` less that
  of the entry before (`lag(...) over (partition by item_code, warehouse order by posting_date,
  posting_time, creation)`). Cancelling a voucher marks its entries and their reversals
  `is_cancelled`: neither counts.
- bin and item: with `snapshot_date`, drawn before the first posting of that day; `valuation_rate`
  of an item is the `stock_value` of its bins over their quantity. The item's group becomes its type
  by the plant's code map `item_types`.
- job_card_time_log: with `workstation`, `work_order`, `production_item` and `docstatus` of its job
  card. What is completed is good; scrap is known per card only, so output stays unknown.
- asset_repair and asset_maintenance_log: the asset becomes a machine by the plant's code map
  `assets`. `downtime` of a repair is text ("2.5 Hours") and follows from its two times. ERPNext
  does not say when work began: there is no MTTR.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import (
    Column,
    code,
    computed,
    constant,
    day,
    local_time,
    number,
    plant_code,
    text,
    whole,
)
from ingestion.feeds import (
    ItemCosts,
    Items,
    LabourEntries,
    MachineStates,
    MaintenanceOrders,
    OrderOperations,
    ProductionCounts,
    Reasons,
    StockMovements,
    StockSnapshots,
)
from ingestion.source import Delimited, FeedMapping, Source, Table

BATCH = Delimited(delimiter="\t", quote=None, nulls=("", "NULL"), final_newline=True)
DATE = "%Y-%m-%d"
TIME = "%Y-%m-%d %H:%M:%S%.f"
CHANGED_AT = local_time("modified", format=TIME, informative=True)
#: Drafts and submitted documents, and cancelled ones.
IS_CANCELLED = code("docstatus", {"0": False, "1": False, "2": True})

#: What a voucher, or a Stock Entry of a purpose, does where its quantity is above zero ...
IN = {
    "Purchase Receipt": "receipt_purchase",
    "Purchase Invoice": "receipt_purchase",
    "Subcontracting Receipt": "receipt_purchase",
    "Delivery Note": "return_customer",
    "Sales Invoice": "return_customer",
    "Stock Reconciliation": "count",
    "Material Receipt": "receipt_purchase",
    "Material Transfer": "transfer",
    "Material Transfer for Manufacture": "transfer",
    "Send to Subcontractor": "transfer",
    "Manufacture": "receipt_production",
    "Repack": "receipt_production",
    "Disassemble": "issue",
}
#: ... and below zero.
OUT = {
    "Purchase Receipt": "return_vendor",
    "Purchase Invoice": "return_vendor",
    "Subcontracting Receipt": "issue",
    "Delivery Note": "sale",
    "Sales Invoice": "sale",
    "Stock Reconciliation": "count",
    "Material Issue": "issue",
    "Material Transfer": "transfer",
    "Material Transfer for Manufacture": "transfer",
    "Material Consumption for Manufacture": "issue",
    "Send to Subcontractor": "transfer",
    "Manufacture": "issue",
    "Repack": "issue",
    "Disassemble": "receipt_production",
}
KIND = (
    pl.when(pl.col("voucher_type") == "Stock Entry")
    .then(pl.col("purpose"))
    .otherwise(pl.col("voucher_type"))
)

#: The reasons a Downtime Entry may have, and what the workstation does meanwhile.
STOP_REASONS = {
    "Excessive machine set up time": "setup",
    "Unplanned machine maintenance": "delay",
    "On-machine press checks": "delay",
    "Machine operator errors": "delay",
    "Machine malfunction": "delay",
    "Electricity down": "delay",
    "Other": "delay",
}
FAILURES = ["Unplanned machine maintenance", "Machine malfunction"]


def movement_class() -> pl.Expr:
    """What an entry does to stock, by its kind and the sign of its quantity: of 0, its value."""
    moved = pl.col("actual_qty").cast(pl.Float64, strict=False)
    return (
        pl.when(moved > 0)
        .then(KIND.replace_strict(IN, default=None))
        .when(moved < 0)
        .then(KIND.replace_strict(OUT, default=None))
        .when(moved == 0)
        .then(pl.lit("revaluation"))
    )


STOCK_LEDGER_ENTRY = Table(
    name="stock_ledger_entry",
    pattern="stock_ledger_entry_*.tsv",
    dialect=BATCH,
    columns=(
        "name",
        "item_code",
        "warehouse",
        "posting_date",
        "creation",
        "modified",
        "voucher_type",
        "voucher_no",
        "purpose",
        "work_order",
        "actual_qty",
        "stock_uom",
        "stock_value_difference",
        "is_cancelled",
    ),
    feeds=(
        FeedMapping(
            StockMovements,
            {
                "movement_id": text("name"),
                "item_id": text("item_code"),
                "location_id": text("warehouse"),
                "movement_class": Column(
                    lambda ctx: movement_class(),
                    lambda ctx: pl.when(~KIND.is_in(list(IN | OUT))).then(pl.lit("unknown_code")),
                    ("voucher_type", "purpose"),
                ),
                "movement_code": computed(KIND, "voucher_type", "purpose"),
                "is_reversal": computed(KIND == "Disassemble", "voucher_type", "purpose"),
                "is_owned": constant(True),
                "posting_date": day("posting_date", DATE),
                "entered_at": local_time("creation", format=TIME, informative=True),
                "moved_qty": number("actual_qty"),
                "uom": text("stock_uom"),
                "value_amount": number("stock_value_difference"),
                "order_id": text("work_order"),
                "is_deleted": code("is_cancelled", {"0": False, "1": True}),
                "changed_at": CHANGED_AT,
            },
        ),
    ),
)

BIN = Table(
    name="bin",
    pattern="bin_*.tsv",
    dialect=BATCH,
    columns=("snapshot_date", "item_code", "warehouse", "actual_qty", "stock_uom"),
    feeds=(
        FeedMapping(
            StockSnapshots,
            {
                "item_id": text("item_code"),
                "location_id": text("warehouse"),
                "snapshot_date": day("snapshot_date", DATE),
                "on_hand_qty": number("actual_qty"),
                "uom": text("stock_uom"),
            },
        ),
    ),
)

ITEM = Table(
    name="item",
    pattern="item_*.tsv",
    dialect=BATCH,
    columns=("snapshot_date", "name", "item_name", "item_group", "stock_uom", "valuation_rate"),
    feeds=(
        FeedMapping(
            Items,
            {
                "item_id": text("name"),
                "item_name": text("item_name"),
                "item_type": plant_code("item_group", "item_types"),
                "item_group": text("item_group"),
                "base_uom": text("stock_uom"),
            },
        ),
        FeedMapping(
            ItemCosts,
            {
                "item_id": text("name"),
                "valid_from": day("snapshot_date", DATE),
                "unit_cost_amount": number("valuation_rate"),
            },
        ),
    ),
)

DOWNTIME_ENTRY = Table(
    name="downtime_entry",
    pattern="downtime_entry_*.tsv",
    dialect=BATCH,
    columns=("name", "workstation", "from_time", "to_time", "downtime", "stop_reason", "modified"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": computed(pl.format("stop-{}", "name"), "name"),
                "machine_id": text("workstation", required=True),
                "layer": constant(1),
                "start_at": local_time("from_time", format=TIME),
                "end_at": local_time("to_time", format=TIME),
                "state": code("stop_reason", STOP_REASONS),
                "reason_id": text("stop_reason"),
                "is_placed": constant(False),
                "changed_at": CHANGED_AT,
            },
        ),
        # The reasons are a fixed list of the document type: there is no table of them.
        FeedMapping(
            Reasons,
            {
                "reason_kind": constant("stop"),
                "reason_id": text("stop_reason"),
                "reason_name": text("stop_reason"),
                "state": code("stop_reason", STOP_REASONS),
                "is_failure": computed(pl.col("stop_reason").is_in(FAILURES), "stop_reason"),
            },
            where=pl.col("stop_reason").is_in(list(STOP_REASONS)),
        ),
    ),
)

JOB_CARD = Table(
    name="job_card",
    pattern="job_card_[0-9]*.tsv",
    dialect=BATCH,
    columns=(
        "name",
        "work_order",
        "production_item",
        "workstation",
        "sequence_id",
        "for_quantity",
        "time_required",
        "docstatus",
        "modified",
    ),
    feeds=(
        FeedMapping(
            OrderOperations,
            {
                "operation_id": text("name"),
                "order_id": text("work_order"),
                "sequence_no": whole("sequence_id"),
                "item_id": text("production_item"),
                "machine_id": text("workstation"),
                "planned_qty": number("for_quantity"),
                "planned_run_s": number("time_required", times=60),
                "is_deleted": IS_CANCELLED,
                "changed_at": CHANGED_AT,
            },
        ),
    ),
)

JOB_CARD_TIME_LOG = Table(
    name="job_card_time_log",
    pattern="job_card_time_log_*.tsv",
    dialect=BATCH,
    columns=(
        "name",
        "parent",
        "workstation",
        "work_order",
        "production_item",
        "employee",
        "from_time",
        "to_time",
        "time_in_mins",
        "completed_qty",
        "docstatus",
        "modified",
    ),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": computed(pl.format("log-{}", "name"), "name"),
                "machine_id": text("workstation", required=True),
                "run_id": text("name"),
                "operation_id": text("parent"),
                "layer": constant(0),
                "start_at": local_time("from_time", format=TIME),
                "end_at": local_time("to_time", format=TIME),
                "state": constant("producing"),
                "is_placed": constant(False),
                "is_deleted": IS_CANCELLED,
                "changed_at": CHANGED_AT,
            },
        ),
        FeedMapping(
            ProductionCounts,
            {
                "run_id": text("name"),
                "machine_id": text("workstation"),
                "operation_id": text("parent"),
                "order_id": text("work_order"),
                "item_id": text("production_item"),
                "pass_no": constant(1),
                "start_at": local_time("from_time", format=TIME),
                "end_at": local_time("to_time", format=TIME),
                "good_qty": number("completed_qty"),
                "is_deleted": IS_CANCELLED,
                "changed_at": CHANGED_AT,
            },
        ),
        FeedMapping(
            LabourEntries,
            {
                "entry_id": text("name"),
                "worker_id": text("employee"),
                "entry_kind": constant("work"),
                "machine_id": text("workstation"),
                "operation_id": text("parent"),
                "order_id": text("work_order"),
                "start_at": local_time("from_time", format=TIME),
                "end_at": local_time("to_time", format=TIME),
                "is_deleted": IS_CANCELLED,
                "changed_at": CHANGED_AT,
            },
            where=~pl.col("employee").is_in(list(BATCH.nulls)),
        ),
    ),
)

ASSET_REPAIR = Table(
    name="asset_repair",
    pattern="asset_repair_*.tsv",
    dialect=BATCH,
    columns=(
        "name",
        "asset",
        "failure_date",
        "completion_date",
        "repair_status",
        "downtime",
        "repair_cost",
        "description",
        "docstatus",
        "modified",
    ),
    feeds=(
        FeedMapping(
            MaintenanceOrders,
            {
                "maintenance_order_id": text("name"),
                "machine_id": plant_code("asset", "assets"),
                # A repair belongs to a failure: the asset is out of order until it is completed.
                "maintenance_kind": code(
                    "repair_status",
                    dict.fromkeys(("Pending", "Completed", "Cancelled"), "corrective"),
                ),
                "is_breakdown": constant(True),
                "description": text("description"),
                "reported_at": local_time("failure_date", format=TIME),
                "finished_at": local_time("completion_date", format=TIME),
                "cost_amount": number("repair_cost"),
                "is_deleted": computed(
                    (pl.col("repair_status") == "Cancelled") | (pl.col("docstatus") == "2"),
                    "repair_status",
                    "docstatus",
                ),
                "changed_at": CHANGED_AT,
            },
        ),
    ),
)

ASSET_MAINTENANCE_LOG = Table(
    name="asset_maintenance_log",
    pattern="asset_maintenance_log_*.tsv",
    dialect=BATCH,
    columns=(
        "name",
        "asset_name",
        "task_name",
        "maintenance_type",
        "maintenance_status",
        "due_date",
        "completion_date",
        "creation",
        "modified",
    ),
    feeds=(
        FeedMapping(
            MaintenanceOrders,
            {
                "maintenance_order_id": text("name"),
                # Called a name, but it refers to the asset by its number.
                "machine_id": plant_code("asset_name", "assets"),
                "maintenance_kind": code(
                    "maintenance_type",
                    {"Preventive Maintenance": "preventive", "Calibration": "other"},
                ),
                "description": text("task_name"),
                "reported_at": local_time("creation", format=TIME),
                "finished_at": local_time("completion_date", format=DATE),
                "due_at": local_time("due_date", format=DATE, future=True),
                "is_deleted": code(
                    "maintenance_status",
                    {"Planned": False, "Completed": False, "Overdue": False, "Cancelled": True},
                ),
                "changed_at": CHANGED_AT,
            },
        ),
    ),
)

SOURCE = Source(
    name="erpnext",
    title="ERPNext, stock ledger, job cards and assets",
    system="erp",
    tables=(
        STOCK_LEDGER_ENTRY,
        BIN,
        ITEM,
        DOWNTIME_ENTRY,
        JOB_CARD,
        JOB_CARD_TIME_LOG,
        ASSET_REPAIR,
        ASSET_MAINTENANCE_LOG,
    ),
)
