"""Maintenance work orders of mining excavators: one CSV out of the mine's SAP PM.

The export has no order number, no finish and no duration: an order is known by its whole row,
which makes two orders alike in every field one (they are counted as duplicates), and repair
times cannot be computed from it.
"""

from __future__ import annotations

from ingestion.columns import code, joined, local_time, number, text
from ingestion.feeds import MaintenanceOrders
from ingestion.source import Delimited, FeedMapping, Source, Table

# Quotes inside a quoted text are doubled; a backslash before one is part of the text.
CSV = Delimited(final_newline=True)

WORK_ORDERS = Table(
    name="excavators",
    pattern="excavators[._]*",
    dialect=CSV,
    columns=("BscStartDate", "Asset", "OriginalShorttext", "PMType", "Cost"),
    feeds=(
        FeedMapping(
            MaintenanceOrders,
            {
                "maintenance_order_id": joined(
                    "BscStartDate",
                    "Asset",
                    "OriginalShorttext",
                    "PMType",
                    "Cost",
                    by="|",
                ),
                "machine_id": text("Asset"),
                "maintenance_kind": code(
                    "PMType",
                    {
                        "PM01": "corrective",
                        "PM02": "preventive",
                        "PM04": "other",
                        "PM05": "other",
                        "PM06": "other",
                        "PM13": "other",
                    },
                ),
                "description": text("OriginalShorttext"),
                # The basic start date, the only one there is: a day without a time.
                "reported_at": local_time("BscStartDate", format="%Y-%m-%d"),
                "cost_amount": number("Cost"),
            },
        ),
    ),
)

# The same orders again, with systems and failure modes that were read out of the texts later:
# they would come in twice.
CLEANED = Table(
    name="excavators-cleaned",
    pattern="excavators-cleaned[._]*",
    dialect=CSV,
    columns=("BscStartDate", "Asset", "OriginalShorttext", "PMType", "Cost", "MajorSystem"),
    feeds=(),
)

SOURCE = Source(
    name="excavators_mwo",
    title="Excavator maintenance work orders",
    system="cmms",
    tables=(WORK_ORDERS, CLEANED),
)
