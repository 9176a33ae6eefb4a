"""Feeds of the measuring room."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from ingestion.feeds.base import Feed, id_, instant, key_id, number


class Measurements(Feed):
    """One measured value of one characteristic, with its limits and the subgroup it was taken in.

    Values and limits are in the characteristic's own unit.
    """

    measurement_id = key_id("The measurement's id in its system.")
    characteristic_id = id_("What was measured.", nullable=False)
    machine_id = id_("The machine that made the piece.")
    item_id = id_("The item.")
    run_id = id_("The production run that made the piece.")
    subgroup_id = id_("The sample it belongs to; null: a sample of its own.")
    measured_at = instant("When it was measured.", event=True)
    measured_value = number("The value.")
    lower_limit = number("Lower specification limit (LSL).", nullable=True)
    upper_limit = number("Upper specification limit (USL).", nullable=True)
    uom = id_("Unit of value and limits.")

    @dy.rule()
    def limits_in_order(cls) -> pl.Expr:
        lower, upper = pl.col("lower_limit"), pl.col("upper_limit")
        return lower.is_null() | upper.is_null() | (lower < upper)
