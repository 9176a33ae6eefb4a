"""What machines say by themselves, changes and samples, as states with ends."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from landing import declare, exported, new_landing, of

from ingestion.columns import code, constant, from_file_name, joined, local_time, utc_time
from ingestion.dialects import Delimited, Shdr
from ingestion.feeds import MachineStates
from ingestion.reshapes import WRITTEN, shdr_items, states_by_change, states_by_sample
from ingestion.source import FeedMapping, Source, Table
from ingestion.times import ISO

SHDR = """\
2026-03-08T07:00:49.597278Z|execution|UNAVAILABLE
2026-03-08T07:00:49.597278Z|Xtravel|Unavailable||||
* adapterVersion: 1
2026-03-10T06:00:00.000Z|avail|AVAILABLE|execution|READY
2026-03-10T06:10:00.000Z|execution|ACTIVE
2026-03-10T06:10:00.500Z|PartCountAct|0
2026-03-10T06:15:00.000Z|execution|ACTIVE
2026-03-10T06:12:00.000Z|Xtravel|Fault|406|90|HIGH|MEMORY | PROTECT
2026-03-10T06:20:00.000Z|execution|FEED_HOLD
2026-03-10T06:20:00.000Z|execution|STOPPED
2026-03-10T06:21:00.000Z|execution
2026-03-10T06:22:00.000Z|execution|WARPED
nonsense|execution|READY
2026-03-10T06:30:00.000Z|execution|UNAVAILABLE
2026-03-10T06:40:00.000Z|execution|ACTIVE
"""
STATES = {
    "ACTIVE": "producing",
    "READY": "delay",
    "FEED_HOLD": "delay",
    "STOPPED": "delay",
    "UNAVAILABLE": "no_order",
}


def execution(rows: pl.DataFrame) -> pl.DataFrame:
    """The states of the controller, out of everything that the adapter says."""
    items = shdr_items(rows, ("*travel",)).filter(pl.col("item") == "execution")
    return states_by_change(time="timestamp", format=ISO, state="value", known=STATES)(items)


ADAPTER = Table(
    name="shdr",
    pattern="*.shdr.txt",
    dialect=Shdr(conditions=("*travel",)),
    columns=("timestamp",),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": joined("timestamp"),
                "machine_id": from_file_name(r"^(\w+?)-"),
                "layer": constant(0),
                "start_at": utc_time("timestamp", format=ISO),
                "end_at": utc_time("until", format=WRITTEN),
                "state": code("value", STATES),
                "is_placed": constant(False),
            },
            where=pl.col("value") != "UNAVAILABLE",
            reshape=execution,
        ),
    ),
    stamp=(r"-(\d{8})\.", "%Y%m%d"),
)


def test_shdr_lines(tmp_path: Path) -> None:
    rows, faults = exported(tmp_path / "f.txt", SHDR.encode(), of(ADAPTER.dialect, "timestamp"))
    assert rows.height == len(SHDR.splitlines()) - 2
    assert faults.select("line_no", "rule", "value").rows() == [
        (11, "column_count", "2 fields; an item needs a value")
    ]
    items = shdr_items(rows, ("*travel",))
    assert items.filter(pl.col("line_no") == 4).select("item", "value").rows() == [
        ("avail", "AVAILABLE"),
        ("execution", "READY"),
    ]
    fault = items.filter(pl.col("value") == "Fault").drop("timestamp", "items").row(0)
    assert fault == (8, "Xtravel", "Fault", "406", "90", "HIGH", "MEMORY | PROTECT")


def test_changes_become_states_with_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, Source(name="mapex", title="t", system="mes", tables=(ADAPTER,)))
    landing = new_landing(tmp_path)
    outcome = landing.one("vlc/mapex/Mazak01-20260311.shdr.txt", SHDR.encode())
    found = landing.rows(
        "select machine_id, strftime(start_at, '%H:%M') as start, "
        "strftime(end_at, '%H:%M') as until, state from raw.machine_states order by start_at"
    )
    # FEED_HOLD lasted no time, the second ACTIVE says nothing new, UNAVAILABLE is no state.
    assert [tuple(row.values()) for row in found] == [
        ("Mazak01", "06:00", "06:10", "delay"),
        ("Mazak01", "06:10", "06:20", "producing"),
        ("Mazak01", "06:20", "06:30", "delay"),
        ("Mazak01", "06:40", None, "producing"),
    ]
    assert outcome.rules == {"column_count": 1, "unknown_code": 1, "not_a_timestamp": 1}
    assert outcome.delivered_rows == 14
    assert outcome.delivered_rows == outcome.accepted_rows + outcome.quarantined_rows


def test_a_snapshot_that_repeats_old_values_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(monkeypatch, Source(name="mapex", title="t", system="mes", tables=(ADAPTER,)))
    landing = new_landing(tmp_path)
    first = "2026-03-10T06:00:00Z|execution|ACTIVE\n2026-03-10T07:00:00Z|execution|READY\n"
    second = "2026-03-10T07:00:00Z|execution|READY\n2026-03-11T05:00:00Z|execution|ACTIVE\n"
    landing.one("vlc/mapex/M1-20260311.shdr.txt", first.encode())
    landing.one("vlc/mapex/M1-20260312.shdr.txt", second.encode())
    # The same state by its key: the later delivery knows when it ended.
    found = landing.rows(
        "select state_id, strftime(end_at, '%d %H:%M') as until from raw.machine_states "
        "join raw.deliveries using (delivery_id) order by extracted_at, start_at"
    )
    assert [tuple(row.values()) for row in found] == [
        ("2026-03-10T06:00:00Z", "10 07:00"),
        ("2026-03-10T07:00:00Z", None),
        ("2026-03-10T07:00:00Z", "11 05:00"),
        ("2026-03-11T05:00:00Z", None),
    ]


SAMPLES = """\
machine;at;status
A;10.03.2026 06:00;2
A;10.03.2026 06:05;2
B;10.03.2026 06:05;1
A;10.03.2026 06:05:20;2
A;10.03.2026 06:10;3
A;10.03.2026 06:15;2
A;10.03.2026 06:20;2
A;10.03.2026 06:45;2
A;10.03.2026 06:50;9
A;10.03.2026 06:50;
A;10.03.2026 06:55;9
A;never;2
B;10.03.2026 06:10;1
"""
STATUS = {"1": "setup", "2": "producing", "3": "delay"}
FORMATS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M")


def test_samples_become_states_with_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(
        name="samples",
        pattern="samples_*.csv",
        dialect=Delimited(delimiter=";"),
        columns=("machine", "at", "status"),
        feeds=(
            FeedMapping(
                MachineStates,
                {
                    "state_id": joined("machine", "at"),
                    "machine_id": joined("machine"),
                    "layer": constant(0),
                    "start_at": local_time("at", format=FORMATS),
                    "end_at": local_time("until", format=WRITTEN),
                    "state": code("status", STATUS, required=True),
                    "is_placed": constant(False),
                },
                reshape=states_by_sample(
                    "machine", time="at", format=FORMATS, state="status", known=STATUS, every_s=300
                ),
            ),
        ),
    )
    declare(monkeypatch, Source(name="mapex", title="t", system="mes", tables=(table,)))
    landing = new_landing(tmp_path)
    outcome = landing.one("vlc/mapex/samples_20260311_020000.csv", SAMPLES.encode())
    found = landing.rows(
        "select machine_id, strftime(start_at, '%H:%M') as start, "
        "strftime(end_at, '%H:%M:%S') as until, state from raw.machine_states "
        "order by machine_id, start_at"
    )
    assert [tuple(row.values()) for row in found] == [
        ("A", "05:00", "05:10:00", "producing"),
        ("A", "05:10", "05:15:00", "delay"),
        # Nothing was said for 25 minutes: nothing is known of them.
        ("A", "05:15", "05:25:00", "producing"),
        ("A", "05:45", "05:50:00", "producing"),
        ("B", "05:05", "05:15:00", "setup"),
    ]
    # Every sample that cannot be read is told, not only the first of them.
    assert outcome.rules == {"unknown_code": 2, "required_value": 1, "not_a_timestamp": 1}
    assert (outcome.delivered_rows, outcome.accepted_rows) == (13, 9)


def test_changes_of_several_machines_in_one_file() -> None:
    rows = pl.DataFrame(
        {
            "line_no": [1, 2, 3, 4],
            "m": ["A", "B", "A", "B"],
            "t": ["06:00", "06:01", "06:02", "06:00"],
            "s": ["x", "x", "y", "y"],
        }
    ).with_columns(pl.format("2026-03-10 {}", "t").alias("t"))
    reshape = states_by_change("m", time="t", format="%Y-%m-%d %H:%M", state="s", known=("x", "y"))
    assert reshape(rows).select("line_no", "until").rows() == [
        (1, "2026-03-10 06:02:00"),
        (2, None),
        (3, None),
        (4, "2026-03-10 06:01:00"),
    ]
