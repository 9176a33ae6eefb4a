"""Retrofitted machines of a small manufacturer: what each of them reports every five minutes.

A reading says what the machine does from then on, and how many items came out since the reading
before it: after a silence of 40 minutes it counts the items of 40 minutes. Besides the readings on
the grid there are some right after a change. A machine that is idle sends nothing, so that silence
is not observed; it is not known to be idle. `status_time` and `cycle_time` (never above 60) and
`power_avg` have no documented unit and go into no feed; `alarm` repeats status 3.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import code, computed, constant, joined, number, text, utc_time
from ingestion.feeds import Machines, MachineStates, ProductionCounts, Reasons
from ingestion.reshapes import WRITTEN, states_by_sample
from ingestion.source import Delimited, FeedMapping, Source, Table
from ingestion.times import moments

TIME = "%Y-%m-%d %H:%M:%S%#z"
EVERY_S = 300

#: Items come out in manual mode too, but what it is for the readings do not say.
STATES = {"0.0": "delay", "1.0": "delay", "2.0": "producing", "3.0": "delay"}
STOPS = {"0.0": "Idle", "1.0": "Manual mode", "3.0": "Alarm"}


def counted_since(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `since`, the moment from which their items are counted, in UTC."""
    at = moments(pl.col("ts").str.strip_chars(), (TIME,))
    before = at.shift(1).over("asset", order_by=at)
    since = before.fill_null(at - pl.duration(seconds=EVERY_S))
    return rows.with_columns(since=since.dt.strftime(WRITTEN))


READINGS = Table(
    name="readings",
    pattern="company_A*.csv*",
    dialect=Delimited(),
    columns=("ts", "asset", "items", "status", "product"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": joined("asset", "ts"),
                "machine_id": text("asset"),
                "layer": constant(0),
                "start_at": utc_time("ts", format=TIME),
                "end_at": utc_time("until", format=WRITTEN),
                "state": code("status", STATES, required=True),
                "reason_id": computed(
                    pl.when(pl.col("status").is_in(list(STOPS))).then("status"), "status"
                ),
                "is_placed": constant(False),
            },
            reshape=states_by_sample(
                "asset", time="ts", format=TIME, state="status", known=STATES, every_s=EVERY_S
            ),
        ),
        FeedMapping(
            ProductionCounts,
            {
                "run_id": joined("asset", "ts"),
                "machine_id": text("asset"),
                "item_id": text("product"),
                "pass_no": constant(1),
                "start_at": utc_time("since", format=WRITTEN),
                "end_at": utc_time("ts", format=TIME),
                "produced_qty": number("items"),
            },
            where=pl.col("items") != "0.0",
            reshape=counted_since,
        ),
        FeedMapping(
            Reasons,
            {
                "reason_kind": constant("stop"),
                "reason_id": text("status"),
                "reason_code": text("status"),
                "reason_name": code("status", STOPS),
                "state": constant("delay"),
                # An alarm may be over after a second: it is not known to be a failure.
                "is_failure": constant(False),
            },
            where=pl.col("status").is_first_distinct() & pl.col("status").is_in(list(STOPS)),
        ),
        FeedMapping(
            Machines,
            {"machine_id": text("asset")},
            where=pl.col("asset").is_first_distinct(),
        ),
    ),
    stamp=None,
    resends_changes=False,
)

SOURCE = Source(
    name="sme_company_a",
    title="Company A: machine readings every five minutes",
    system="mes",
    tables=(READINGS,),
)
