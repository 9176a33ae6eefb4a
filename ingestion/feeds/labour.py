"""Feeds of the people who work: when they were there, and what they worked on."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from ingestion.feeds.base import Feed, ends_after_start, id_, instant, key_id, one_of


class LabourEntries(Feed):
    """One interval of one person: present (log-in to log-out, breaks out), or working.

    A person who works on several machines at once has one entry for each: the time they share is
    divided between them, never counted twice.
    """

    entry_id = key_id("The entry's id in its system.", personal=True)
    worker_id = id_(
        "The person, as the delivering system calls them.", nullable=False, personal=True
    )
    entry_kind = one_of(["attendance", "work"], "Present (APAT), or working (APWT).")
    machine_id = id_("The machine worked on.")
    operation_id = id_("The operation of an order worked on.")
    order_id = id_("The order worked on.")
    start_at = instant("Start, included.", event=True)
    end_at = instant("End, excluded; null while it lasts.", nullable=True, event=True)

    @dy.rule()
    def end_after_start(cls) -> pl.Expr:
        return ends_after_start()
