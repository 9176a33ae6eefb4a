"""A soda bottling line: one workbook with its batches, and the minutes each stood still and why.

The line has no number of its own, nothing is counted and nothing is rejected: a batch is the
unit. Who operated it stands on every batch, but no feed takes people yet.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingestion.columns import (
    FIRST_INSTANT,
    code,
    computed,
    constant,
    joined,
    local_time,
    moved,
    number,
    text,
)
from ingestion.feeds import (
    Items,
    Machines,
    MachineStates,
    ProductionOrders,
    Reasons,
    StandardRates,
)
from ingestion.readers import headed
from ingestion.source import Delimited, FeedMapping, Source, Table, Workbook

ARCHIVE = "Manufacturing*Downtime*.zip"
BOOK = "*.xlsx"
MACHINE = "bottling-line"
WRITTEN = "%Y-%m-%d %H:%M:%S"


def batches(sheets: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per batch, with start and end as whole local times.

    The cells hold clock times; the date before them is the spreadsheet's own. A batch that ends
    at an earlier clock time than it starts ran over midnight, and the date given is its end's.
    """
    date = pl.col("Date").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    start, end = (
        pl.col(name).str.extract(r"(\d{2}:\d{2}:\d{2})$").str.to_time("%H:%M:%S", strict=False)
        for name in ("Start Time", "End Time")
    )
    start_date = pl.when(end < start).then(date.dt.offset_by("-1d")).otherwise(date)
    return headed(sheets["Line productivity"]).with_columns(
        started=start_date.dt.combine(start).dt.strftime(WRITTEN),
        ended=date.dt.combine(end).dt.strftime(WRITTEN),
    )


def downtime(sheets: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per batch: its minutes by factor, below a title row, and when it ended."""
    return headed(sheets["Line downtime"], header_row=1).join(
        batches(sheets).select("Batch", "ended").unique("Batch", keep="last"),
        on="Batch",
        how="left",
        maintain_order="left",
    )


def placed_from_the_end(matrix: pl.DataFrame) -> pl.DataFrame:
    """One row per batch and factor, with how long before the batch's end it began and ended.

    Only the minutes are known, not when they passed: they are placed in the order of the
    factors, so that the last one ends with the batch.
    """
    index = ["line_no", "raw_line", "Batch", "ended"]
    minutes = pl.col("minutes").cast(pl.Decimal(18, 6), strict=False)
    to_end = minutes.cum_sum(reverse=True).over("line_no")
    return (
        matrix.unpivot(index=index, variable_name="factor", value_name="minutes")
        .filter(pl.col("minutes").is_not_null() & (minutes != 0).fill_null(True))
        .with_columns(
            # A text that is no number stays as it is, to be quarantined as such.
            began=pl.when(minutes.is_null())
            .then(pl.col("minutes"))
            .otherwise(to_end.cast(pl.String)),
            stopped=(to_end - minutes).cast(pl.String),
        )
    )


START = local_time("started", format=WRITTEN)
END = local_time("ended", format=WRITTEN)

PRODUCTIVITY = Table(
    name="line_productivity",
    pattern=ARCHIVE,
    dialect=Workbook(sheet="Line productivity", prepare=batches, member=BOOK),
    columns=("Date", "Product", "Batch", "Start Time", "End Time"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": text("Batch"),
                "machine_id": constant(MACHINE),
                "layer": constant(0),
                "start_at": START,
                "end_at": END,
                "state": constant("producing"),
                "is_placed": constant(False),
            },
        ),
        FeedMapping(
            ProductionOrders,
            {
                "order_id": text("Batch"),
                "item_id": text("Product"),
                "completed_qty": constant(1),
                # When a batch was ordered or released is not known: its start is neither.
                "completed_at": END,
                "is_cancelled": constant(False),
            },
        ),
        FeedMapping(
            Machines,
            {
                "machine_id": constant(MACHINE),
                "machine_name": constant("Bottling line"),
                "line_id": constant(MACHINE),
            },
            where=pl.col("line_no") == pl.col("line_no").min(),
        ),
    ),
)

DOWNTIME = Table(
    name="line_downtime",
    pattern=ARCHIVE,
    dialect=Workbook(sheet="Line downtime", prepare=downtime, member=BOOK),
    columns=("Batch",),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": joined("Batch", "factor"),
                "machine_id": constant(MACHINE),
                "layer": constant(1),
                "start_at": moved(END, "began", unit_s=60, back=True),
                "end_at": moved(END, "stopped", unit_s=60, back=True),
                "reason_id": text("factor"),
                "is_placed": constant(True),
            },
            reshape=placed_from_the_end,
        ),
    ),
)

FACTORS = Table(
    name="downtime_factors",
    pattern=ARCHIVE,
    dialect=Workbook(
        sheet="Downtime factors",
        prepare=lambda sheets: headed(sheets["Downtime factors"]),
        member=BOOK,
    ),
    columns=("Factor", "Description", "Operator Error"),
    feeds=(
        FeedMapping(
            Reasons,
            {
                "reason_kind": constant("stop"),
                "reason_id": text("Factor"),
                "reason_code": text("Factor"),
                "reason_name": text("Description"),
                "reason_group": code(
                    "Operator Error", {"Yes": "Operator error", "No": "Not operator error"}
                ),
                "state": constant("delay"),
                "is_failure": computed(pl.col("Description") == "Machine failure", "Description"),
            },
        ),
    ),
)

PRODUCTS = Table(
    name="products",
    pattern=ARCHIVE,
    dialect=Workbook(
        sheet="Products", prepare=lambda sheets: headed(sheets["Products"]), member=BOOK
    ),
    columns=("Product", "Flavor", "Size", "Min batch time"),
    feeds=(
        FeedMapping(
            Items,
            {
                "item_id": text("Product"),
                "item_name": joined("Flavor", "Size", by=" "),
                "item_type": constant("finished"),
                "item_group": text("Flavor"),
                "base_uom": constant("batch"),
            },
        ),
        FeedMapping(
            StandardRates,
            {
                "item_id": text("Product"),
                # The sheet says no date: the times hold for every batch there is.
                "valid_from": constant(FIRST_INSTANT),
                "ideal_cycle_s": number("Min batch time", times=60),
            },
        ),
    ),
)

# What the columns mean; no feed takes it, it is accepted so that it is not reported as unknown.
DICTIONARY = Table(
    name="data_dictionary",
    pattern=ARCHIVE,
    dialect=Delimited(encoding="cp1252", member="data_dictionary.csv"),
    columns=("Table", "Field", "Description"),
    feeds=(),
)

SOURCE = Source(
    name="maven_bottling_line",
    title="Bottling line workbook: batches and downtime",
    system="mes",
    tables=(PRODUCTIVITY, DOWNTIME, FACTORS, PRODUCTS, DICTIONARY),
)
