"""Feeds of lean management: what a KPI is to reach, and from when on it is judged anew."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from ingestion.feeds.base import Feed, day, ends_after_start, id_, key_id, number, one_of, text

#: For whom a KPI is reported; a plant's scope_id is its plant_id.
SCOPE_TYPES = [
    "plant",
    "line",
    "machine",
    "item",
    "item_type",
    "customer",
    "supplier",
    "characteristic",
]
#: Periods that have targets and control limits.
PERIOD_TYPES = ["day", "week", "month"]


class KpiBaselines(Feed):
    """From when on a KPI is judged by new limits, because something is known to have changed.

    The first figures from that date on are the new baseline. Without a row the first figures ever
    are the baseline, and its limits stay.
    """

    kpi_id = key_id("The KPI (kpi_definitions).")
    scope_type = one_of(SCOPE_TYPES, "For whom.", key=True)
    scope_id = key_id("Which one: its id within the plant.")
    period_type = one_of(PERIOD_TYPES, "Length of the periods.", key=True)
    from_date = day("First date of the first period of the new baseline.", key=True)
    reason = text("What changed.", nullable=False)
    author = id_("Who says so.", nullable=False, personal=True)


class KpiTargets(Feed):
    """What a KPI is to reach in the periods that begin while the target is valid.

    A period is judged by the target that was delivered before it began; a later delivery judges
    later periods.
    """

    kpi_id = key_id("The KPI (kpi_definitions).")
    scope_type = one_of(SCOPE_TYPES, "For whom.", key=True)
    scope_id = key_id("Which one: its id within the plant.")
    period_type = one_of(PERIOD_TYPES, "Length of the periods.", key=True)
    valid_from = day("First date on which such a period may begin.", key=True)
    valid_to = day(
        "First date on which none may begin any more; null: until the next target.", nullable=True
    )
    target_value = number("The target, in the KPI's unit.")
    owner = id_("Who answers for it; without one it judges nothing.", personal=True)
    objective = text("The objective it serves.")

    @dy.rule()
    def valid_to_after_from(cls) -> pl.Expr:
        return ends_after_start("valid_from", "valid_to")
