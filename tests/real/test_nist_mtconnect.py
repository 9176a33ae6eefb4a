"""NIST's machines, against the files themselves: what a clerk reads off them line by line."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from real_plants import DATASETS, Query

NEW_YORK = ZoneInfo("America/New_York")
STATES = {"ACTIVE": "producing"}
EXECUTION = {"execution", "Program_Status"}

#: Machine, start, end and state, in UTC.
Span = tuple[str, datetime, datetime, str]


def moment(text: str) -> datetime:
    """Microseconds of what may have seven decimals."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(whole) + timedelta(microseconds=int(fraction.ljust(7, "0")) // 10)


def spans(name: str) -> list[Span]:
    """What lasted from one event to the next, as the lines follow each other.

    The agent's UNAVAILABLE may bear an earlier time than the line above it: its clock is another.
    """
    path = DATASETS / "nist_mtconnect" / f"{name}.csv.gz"
    found: list[Span] = []
    now: dict[str, tuple[datetime, str]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["item"] not in EXECUTION:
                continue
            machine, at, value = row["machine"], moment(row["ts"]), row["value"]
            since, before = now.get(machine, (at, "UNAVAILABLE"))
            if value == before:
                continue
            if before != "UNAVAILABLE" and at > since:
                found.append((machine, since, at, STATES.get(before, "delay")))
            now[machine] = (max(at, since) if value == "UNAVAILABLE" else at), value
    return found


def mazak() -> list[Span]:
    return spans("mazak_events_2018q4")


def test_states_of_all_machines(query: Query) -> None:
    found = query(
        "select machine_id, start_at, end_at, state from raw.machine_states where plant_id = 'nist'"
    )
    expected = [*mazak(), *spans("hurco01_events_2017h1")]
    assert sorted(found) == sorted(expected)
    assert len(found) > 7000


def test_no_state_outlasts_what_the_agent_saw(query: Query) -> None:
    # By their times alone, READY of 21 November would last 114 hours: until the next morning that
    # the machine was seen, because the agent's clock was 41 seconds behind the machine's.
    assert query(
        "select count(*) from raw.machine_states "
        "where plant_id = 'nist' and end_at - start_at > interval 5 hour"
    ) == [(0,)]
    assert query(
        "select count(*) from raw.machine_states "
        "where plant_id = 'nist' and start_at = '2018-11-21 16:54:05.138'"
    ) == [(0,)]


def test_chatter_of_a_second_is_kept(query: Query) -> None:
    expected = sum(end - start <= timedelta(seconds=2) for _, start, end, _ in mazak())
    assert expected > 600
    assert query(
        "select count(*) from raw.machine_states "
        "where machine_id like 'Mazak%' and plant_id = 'nist' "
        "and end_at - start_at <= interval 2 second"
    ) == [(expected,)]


def test_days_without_a_file_are_not_observed(query: Query) -> None:
    days = {
        "Mazak01": [(9, 13), (10, 1), (10, 22), (11, 14), (11, 15), (11, 20), (12, 18)],
        "Mazak03": [(10, 25)],
    }
    for machine, missing in days.items():
        seen = {
            start.replace(tzinfo=UTC).astimezone(NEW_YORK).date()
            for (start,) in query(
                "select start_at from raw.machine_states "
                "where plant_id = 'nist' and machine_id = ?",
                machine,
            )
        }
        assert not seen & {date(2018, month, day) for month, day in missing}


def test_the_adapters_own_files_say_the_same_as_the_table(query: Query) -> None:
    days = query(
        "select machine_id, cast(min(start_at) as date), count(*) from raw.machine_states "
        "where plant_id = 'nist_adapters' group by 1 order by 1"
    )
    assert days == [
        ("Hurco01", date(2017, 5, 18), 24),
        ("Mazak01", date(2018, 10, 15), 39),
        ("Mazak03", date(2018, 10, 3), 16),
    ]
    for machine, day, _ in days:
        per_plant = [
            query(
                "select start_at, end_at, state, reason_id from raw.machine_states "
                "where plant_id = ? and machine_id = ? and cast(start_at as date) = ? order by 1",
                plant,
                machine,
                day,
            )
            for plant in ("nist", "nist_adapters")
        ]
        assert per_plant[0] == per_plant[1]


def test_part_counter_of_the_hurco_without_the_zeros_of_its_start(query: Query) -> None:
    # The Mazaks' counters show 0 for four months; the Hurco's shows 0 until its control answers.
    path = DATASETS / "nist_mtconnect" / "hurco01_events_2017h1.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        expected = {
            (moment(row["ts"]), int(row["value"]))
            for row in csv.DictReader(stream)
            if row["item"] == "Part_Count" and row["value"] not in ("UNAVAILABLE", "0")
        }
    found = query(
        "select machine_id, read_at, cast(reading_qty as integer) from raw.counter_readings "
        "where plant_id = 'nist'"
    )
    assert {row[1:] for row in found} == expected
    assert {row[0] for row in found} == {"Hurco01"}


def active_in_shifts() -> dict[tuple[str, str], float]:
    """Seconds ACTIVE on weekdays from 7:00 to 16:00 in New York, by machine and month."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for machine, start, end, state in mazak():
        if state != "producing":
            continue
        # No state lasts from one shift into another.
        day = start.replace(tzinfo=UTC).astimezone(NEW_YORK).date()
        if day.weekday() > 4:
            continue
        shift = [
            datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK)
            .astimezone(UTC)
            .replace(tzinfo=None)
            for hour in (7, 16)
        ]
        worked = min(end, shift[1]) - max(start, shift[0])
        sums[machine, day.strftime("%Y-%m-01")] += max(worked.total_seconds(), 0)
    return sums
