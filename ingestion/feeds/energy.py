"""Feeds of the energy meters."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from ingestion.feeds.base import Feed, ends_after_start, id_, instant, key_id, number, one_of


class EnergyReadings(Feed):
    """What one meter counted of one energy carrier over one interval, in kilowatt hours.

    A meter stands at a machine, or at a line or the plant for what no machine's meter sees.
    """

    reading_id = key_id("The reading's id in its system.")
    meter_id = id_("The meter.", nullable=False)
    energy_carrier = one_of(
        ["electricity", "gas", "steam", "heat", "cold", "compressed_air", "oil", "other"],
        "What the meter counts; the quantity is converted to kilowatt hours.",
    )
    machine_id = id_("The machine it stands at.")
    line_id = id_("The line it stands at, where it is no machine's.")
    start_at = instant("Start, included.", event=True)
    end_at = instant("End, excluded.", event=True)
    energy_kwh = number("Energy consumed.", min=0)

    @dy.rule()
    def end_after_start(cls) -> pl.Expr:
        return ends_after_start()
