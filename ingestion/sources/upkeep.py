"""UpKeep: the list of work orders, exported as CSV by a user.

Times are on the user's clock, taken to be the plant's. Durations are written `1:30`, amounts with a
dollar sign and credits in brackets; categories are typed, in whatever case.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import code, local_time, number, text
from ingestion.feeds import MaintenanceOrders
from ingestion.source import Delimited, FeedMapping, Source, Table

TIME = "%m/%d/%Y %I:%M %p"
DURATIONS = ("Estimated Hours", "Time Spent")
MINUTES = r"^(\d+):([0-5]\d)$"


def plainly_written(orders: pl.DataFrame) -> pl.DataFrame:
    """Durations in minutes, amounts without their sign of the dollar, categories in lower case.

    A text that is no duration stays as it is, to be quarantined as such.
    """

    def minutes(name: str) -> pl.Expr:
        written = pl.col(name).str.strip_chars()
        hours, rest = (written.str.extract(MINUTES, part).cast(pl.Int64) for part in (1, 2))
        return (
            pl.when(written.str.contains(MINUTES))
            .then((hours * 60 + rest).cast(pl.String))
            # A bare number would pass for minutes and says no unit.
            .when(written.str.contains(r"^[\d.,]+$"))
            .then(written + " without a colon")
            .otherwise(written)
            .alias(name)
        )

    return orders.with_columns(
        *[minutes(name) for name in DURATIONS],
        pl.col("Total Cost").str.replace("$", "", literal=True),
        pl.col("Category").str.to_lowercase(),
    )


SOURCE = Source(
    name="upkeep",
    title="UpKeep, work orders",
    system="cmms",
    tables=(
        Table(
            name="work_orders",
            pattern="upkeep_work_orders_*.csv",
            dialect=Delimited(
                thousands=",", bracket_minus=True, nulls=("", "N/A"), final_newline=True
            ),
            columns=(
                "Work Order #",
                "Title",
                "Status",
                "Category",
                "Asset",
                "Created On",
                "Due Date",
                "Started On",
                "Completed On",
                "Estimated Hours",
                "Time Spent",
                "Total Cost",
            ),
            feeds=(
                FeedMapping(
                    MaintenanceOrders,
                    {
                        "maintenance_order_id": text("Work Order #"),
                        "machine_id": text("Asset"),
                        "maintenance_kind": code(
                            "Category",
                            {
                                "reactive maintenance": "corrective",
                                "damage": "corrective",
                                "preventive maintenance": "preventive",
                                "inspection": "preventive",
                                "safety": "other",
                                "project": "other",
                                "meter reading": "other",
                                "none": "other",
                            },
                        ),
                        "description": text("Title"),
                        "reported_at": local_time("Created On", format=TIME),
                        "started_at": local_time("Started On", format=TIME),
                        "finished_at": local_time("Completed On", format=TIME),
                        "due_at": local_time("Due Date", format=TIME, future=True),
                        "planned_labour_s": number("Estimated Hours", times=60),
                        "labour_s": number("Time Spent", times=60),
                        "cost_amount": number("Total Cost"),
                    },
                    # The feed has no word for an order that was called off.
                    where=~pl.col("Status").str.to_lowercase().is_in(["canceled", "cancelled"]),
                    reshape=plainly_written,
                ),
            ),
        ),
    ),
)
