"""MTConnect: files of an adapter (SHDR), one machine each, and documents of an agent (streams).

An adapter's file is named after its machine, `Mazak01-20181015-20181016.shdr.txt`, the second date
being the day it was closed; what it calls its items stands in `vocabularies/mtconnect.py`. It says
only changes. A state that still lasts at its end is known until then: the next file begins with a
snapshot of what is so, under its old time, which gives the state its end. An agent's documents
(`MTConnectStreams`, of any version) may hold several machines; of a machine with several paths the
first one counts. Alarms (conditions), axes and samples go into no feed.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import Column, constant, from_file_name, joined, number, prefixed, utc_time
from ingestion.dialects import Shdr, Xml
from ingestion.feeds import CounterReadings, Machines, MachineStates, Reasons
from ingestion.reshapes import WRITTEN, shdr_items
from ingestion.source import FeedMapping, Source, Table
from ingestion.times import ISO
from ingestion.vocabularies.mtconnect import (
    CONDITION_ITEMS,
    IS_OBSERVED,
    REASON,
    STATE,
    STOP_REASONS,
    executions,
    part_counts,
    stops,
)

ADAPTER_MACHINE = from_file_name(r"^(.+?)(?:[-_]\d{8}.*)?\.shdr")
DEVICE = "DeviceStream/@name"


def adapter_items(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per item of an adapter's line."""
    return shdr_items(rows, CONDITION_ITEMS)


def events(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per event of an agent's document, of the first path of each machine."""
    first_path = pl.col("@dataItemId").first().over(DEVICE, "name()")
    return rows.filter(pl.col("@dataItemId") == first_path).rename(
        {"name()": "item", "text()": "value"}
    )


def states(machine: Column, state_id: Column, time: str) -> dict[str, Column]:
    """The columns of machine_states."""
    return {
        "state_id": state_id,
        "machine_id": machine,
        "layer": constant(0),
        "start_at": utc_time(time, format=ISO),
        "end_at": utc_time("until", format=WRITTEN),
        "state": STATE,
        "reason_id": REASON,
        "is_placed": constant(False),
    }


def readings(machine: Column, time: str) -> dict[str, Column]:
    """The columns of counter_readings."""
    return {
        "machine_id": machine,
        "counter": constant("produced"),
        "read_at": utc_time(time, format=ISO),
        "reading_qty": number("value"),
    }


ADAPTER = Table(
    name="adapter",
    pattern="*.shdr*",
    dialect=Shdr(conditions=CONDITION_ITEMS),
    columns=("timestamp", "items"),
    feeds=(
        FeedMapping(
            MachineStates,
            states(ADAPTER_MACHINE, prefixed(ADAPTER_MACHINE, "timestamp"), "timestamp"),
            where=IS_OBSERVED,
            reshape=lambda rows: executions(adapter_items(rows), time="timestamp"),
        ),
        FeedMapping(
            CounterReadings,
            readings(ADAPTER_MACHINE, "timestamp"),
            reshape=lambda rows: part_counts(adapter_items(rows)),
        ),
        FeedMapping(Reasons, STOP_REASONS, reshape=lambda rows: stops(adapter_items(rows))),
        FeedMapping(
            Machines,
            {"machine_id": ADAPTER_MACHINE},
            where=pl.col("line_no") == pl.col("line_no").min(),
        ),
    ),
    stamp=(r"-(\d{8})\.", "%Y%m%d"),
    resends_changes=False,
)

STREAMS = Table(
    name="streams",
    pattern="*.xml*",
    dialect=Xml(record="Events/*", above=(DEVICE,)),
    columns=("name()", "text()", "@timestamp", "@dataItemId", DEVICE),
    feeds=(
        FeedMapping(
            MachineStates,
            states(joined(DEVICE), joined(DEVICE, "@timestamp"), "@timestamp"),
            where=IS_OBSERVED,
            reshape=lambda rows: executions(events(rows), DEVICE, time="@timestamp"),
        ),
        FeedMapping(
            CounterReadings,
            readings(joined(DEVICE), "@timestamp"),
            reshape=lambda rows: part_counts(events(rows)),
        ),
        FeedMapping(Reasons, STOP_REASONS, reshape=lambda rows: stops(events(rows))),
        FeedMapping(
            Machines,
            {"machine_id": joined(DEVICE)},
            where=pl.col(DEVICE).is_first_distinct(),
        ),
    ),
    resends_changes=False,
)

SOURCE = Source(
    name="mtconnect",
    title="MTConnect: adapter files (SHDR) and agent documents (streams)",
    system="mes",
    tables=(ADAPTER, STREAMS),
)
