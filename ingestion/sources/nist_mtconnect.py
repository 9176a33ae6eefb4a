"""Events of the machines of NIST's test bed: long tables cut from the day files of its adapters.

One row per event: machine, day and line of the file it was cut from, time in UTC, item, value, and
of a condition its native code and text. The words are MTConnect's; see `mtconnect.py`. A day whose
file was never published says nothing, so that nothing is known of it.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import constant, joined, number, text, utc_time
from ingestion.feeds import CounterReadings, Machines, MachineStates, Reasons
from ingestion.reshapes import WRITTEN
from ingestion.source import Delimited, FeedMapping, Source, Table
from ingestion.times import ISO
from ingestion.vocabularies.mtconnect import (
    IS_OBSERVED,
    REASON,
    STATE,
    STOP_REASONS,
    executions,
    part_counts,
    stops,
)

EVENTS = Table(
    name="events",
    pattern="*_events_*.csv*",
    dialect=Delimited(),
    columns=("machine", "file_day", "line", "ts", "item", "value"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": joined("machine", "ts"),
                "machine_id": text("machine"),
                "layer": constant(0),
                "start_at": utc_time("ts", format=ISO),
                "end_at": utc_time("until", format=WRITTEN),
                "state": STATE,
                "reason_id": REASON,
                "is_placed": constant(False),
            },
            where=IS_OBSERVED,
            reshape=lambda rows: executions(rows, "machine", time="ts"),
        ),
        FeedMapping(
            CounterReadings,
            {
                "machine_id": text("machine"),
                "counter": constant("produced"),
                "read_at": utc_time("ts", format=ISO),
                "reading_qty": number("value"),
            },
            reshape=part_counts,
        ),
        FeedMapping(Reasons, STOP_REASONS, reshape=stops),
        FeedMapping(
            Machines,
            {"machine_id": text("machine")},
            where=pl.col("machine").is_first_distinct(),
        ),
    ),
    stamp=None,
    resends_changes=False,
)

SOURCE = Source(
    name="nist_mtconnect",
    title="NIST test bed: event tables cut from MTConnect day files",
    system="mes",
    tables=(EVENTS,),
)
