"""Ignition with Sepasoft's OEE Downtime: a day's report of stops and counts, saved as a workbook.

The stops stand below a line that names their machine, each with the header again and a total; the
counts have two columns per shift below a header of two rows. Times are the gateway's, written as in
Germany. What a report says of a day may be corrected in a later one of the same day.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingestion.columns import (
    code,
    constant,
    duration,
    joined,
    local_time,
    moved,
    number,
    sum_of,
    text,
)
from ingestion.feeds import MachineStates, ProductionCounts
from ingestion.readers import headed
from ingestion.source import FeedMapping, Source, Table, Workbook

REPORT = "OEE_Report_*.xlsx"
SECTION = r"^Equipment: *(.+)$"
LAYOUT = r"^(?:Equipment:|Begin$|(?:Grand )?Total$)"

#: From and to of each shift, by the name above its columns; the last one ends on the next day.
SHIFTS = {
    "Shift 1 (06-14)": ("06:00", "14:00", 0),
    "Shift 2 (14-22)": ("14:00", "22:00", 0),
    "Shift 3 (22-06)": ("22:00", "06:00", 1),
}


def stops(sheets: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per stop, with the machine of its section."""
    sheet = sheets["Downtime"]
    machines = sheet.select("line_no", Equipment=pl.col("c0").str.extract(SECTION).forward_fill())
    return (
        headed(sheet, header_row=4)
        .join(machines, on="line_no", how="left", maintain_order="left")
        .filter(~pl.col("Begin").str.contains(LAYOUT).fill_null(False))
    )


def counts(sheets: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per day and machine."""
    return headed(sheets["Counts"], header_row=2, header_rows=2).filter(
        pl.col("Date").ne_missing("Total")
    )


def by_shift(days: pl.DataFrame) -> pl.DataFrame:
    """One row per day, machine and shift in which something was counted."""
    date = pl.col("Date").str.to_date("%d.%m.%Y", strict=False)
    return pl.concat(
        days.select(
            pl.col("line_no", "raw_line", "Date", "Equipment", "Product"),
            pl.lit(shift[:7]).alias("Shift"),
            pl.lit(start).alias("from"),
            pl.coalesce(date.dt.offset_by(f"{later}d").dt.strftime("%d.%m.%Y"), "Date").alias(
                "End date"
            ),
            pl.lit(end).alias("to"),
            pl.col(f"{shift} Good").alias("Good"),
            pl.col(f"{shift} Reject").alias("Reject"),
        )
        for shift, (start, end, later) in SHIFTS.items()
    ).filter(pl.any_horizontal(pl.col("Good", "Reject").is_not_null()))


MACHINE = text("Equipment", cut=r"^.*/")
BEGIN = local_time("Begin", format="%d.%m.%Y, %H:%M:%S")
START = local_time("Date", "from", format="%d.%m.%Y %H:%M")
END = local_time("End date", "to", format="%d.%m.%Y %H:%M")
RUN = joined("Equipment", "Date", "Shift", by="|")

DOWNTIME = Table(
    name="downtime",
    pattern=REPORT,
    dialect=Workbook(sheet="Downtime", prepare=stops),
    columns=("Begin", "Duration", "Reason", "Code"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": joined("Equipment", "Begin", by="|"),
                "machine_id": MACHINE,
                "layer": constant(1),
                "start_at": BEGIN,
                # A stop that lasts has no duration yet.
                "end_at": moved(BEGIN, duration("Duration")),
                "state": code(
                    "Code",
                    {
                        "101": "delay",
                        "102": "delay",
                        "103": "delay",
                        "201": "setup",
                        "301": "planned_down",
                        "401": "delay",
                    },
                    blank="delay",
                ),
                "reason_id": text("Code"),
                "is_placed": constant(False),
            },
        ),
    ),
)

COUNTS = Table(
    name="counts",
    pattern=REPORT,
    dialect=Workbook(sheet="Counts", prepare=counts, decimal=",", thousands="."),
    columns=("Date", "Equipment", "Product", *(f"{shift} Good" for shift in SHIFTS)),
    feeds=(
        FeedMapping(
            ProductionCounts,
            {
                "run_id": RUN,
                "machine_id": MACHINE,
                "item_id": text("Product"),
                "pass_no": constant(1),
                "start_at": START,
                "end_at": END,
                "produced_qty": sum_of("Good", "Reject"),
                "good_qty": number("Good"),
                "scrap_qty": number("Reject"),
                "rework_qty": constant(0),
            },
            reshape=by_shift,
        ),
        # The report lists stops only: in a shift that counted, the machine ran but for those.
        FeedMapping(
            MachineStates,
            {
                "state_id": RUN,
                "machine_id": MACHINE,
                "run_id": RUN,
                "layer": constant(0),
                "start_at": START,
                "end_at": END,
                "state": constant("producing"),
                "is_placed": constant(False),
            },
            reshape=by_shift,
        ),
    ),
)

SOURCE = Source(
    name="ignition_oee",
    title="Ignition OEE Downtime, report of stops and counts",
    system="mes",
    tables=(DOWNTIME, COUNTS),
)
