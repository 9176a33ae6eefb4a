"""UpKeep: the list of work orders, exported as CSV by a user.

Times are on the user's clock, taken to be the plant's. Durations are written `1:30`, amounts with a
dollar sign and credits in brackets; categories are typed, in whatever case.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import code, duration, local_time, number, text
from ingestion.feeds import MaintenanceOrders
from ingestion.source import Delimited, FeedMapping, Source, Table

TIME = "%m/%d/%Y %I:%M %p"

SOURCE = Source(
    name="upkeep",
    title="UpKeep, work orders",
    system="cmms",
    tables=(
        Table(
            name="work_orders",
            pattern="upkeep_work_orders_*.csv",
            dialect=Delimited(
                thousands=",",
                bracket_minus=True,
                currency="$",
                nulls=("", "N/A"),
                final_newline=True,
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
                            any_case=True,
                        ),
                        "description": text("Title"),
                        "reported_at": local_time("Created On", format=TIME),
                        "started_at": local_time("Started On", format=TIME),
                        "finished_at": local_time("Completed On", format=TIME),
                        "due_at": local_time("Due Date", format=TIME, future=True),
                        "planned_labour_s": duration("Estimated Hours"),
                        "labour_s": duration("Time Spent"),
                        "cost_amount": number("Total Cost"),
                    },
                    # The feed has no word for an order that was called off.
                    where=~pl.col("Status").str.to_lowercase().is_in(["canceled", "cancelled"]),
                ),
            ),
        ),
    ),
)
