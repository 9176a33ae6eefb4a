"""Feeds of the maintenance system."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from ingestion.feeds.base import (
    Feed,
    amount,
    ends_after_start,
    flag,
    id_,
    instant,
    key_id,
    number,
    one_of,
    text,
)


class MaintenanceOrders(Feed):
    """One maintenance order."""

    maintenance_order_id = key_id("The order's number.")
    machine_id = id_("The machine, by its business id.", nullable=False)
    maintenance_kind = one_of(["corrective", "preventive", "other"], "Why the work was done.")
    is_breakdown = flag("True where the machine had stopped.", nullable=True)
    description = text("What was found or asked for.")
    failure_code = text("The failure code.")
    reported_at = instant("When it was reported or created.", event=True)
    responded_at = instant("When somebody was at the machine.", nullable=True)
    started_at = instant("When work began.", nullable=True)
    finished_at = instant("When the machine was restored.", nullable=True, event=True)
    due_at = instant("When preventive work was due.", nullable=True)
    parts_waiting_s = number(
        "Time after the start of work spent waiting for parts.", nullable=True, min=0
    )
    is_planned = flag("True where the work was planned before it began.", nullable=True)
    planned_labour_s = number("Hours planned, in seconds.", nullable=True, min=0)
    labour_s = number("Hours worked, in seconds.", nullable=True, min=0)
    cost_amount = amount("Cost in the plant's currency; credits are negative.", nullable=True)

    @dy.rule()
    def finish_after_start(cls) -> pl.Expr:
        return ends_after_start("started_at", "finished_at")
