"""What must hold of any file, whatever it holds: nothing is lost, nothing wrong gets in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import duckdb
import polars as pl

from ingestion.conform import polars_schema
from ingestion.dialects import JsonLines, Lines, Workbook
from ingestion.feeds import FEEDS, Feed
from ingestion.feeds.base import event_columns, feed_key
from ingestion.load import MAX_RAW_LINE, FileOutcome, IngestReport
from ingestion.rules import FILE_RULES, LINE_RULES, RULES
from ingestion.settings import Settings
from ingestion.source import Table
from tests.fuzz.counting import Counted, counted
from tests.fuzz.samples import Sample

Row = dict[str, Any]
#: No delivery is told apart by when it was loaded.
CLOCKS = ("loaded_at", "quarantined_at", "extracted_at", "watermark_at")


class Night:
    """A warehouse after one ingestion, and what the ingestion said."""

    def __init__(self, settings: Settings, report: IngestReport) -> None:
        self.report = report
        with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
            self.feeds = {name: con.sql(f"from raw.{name}").pl() for name in FEEDS}
            self.deliveries = con.sql("from raw.deliveries").pl()
            self.quarantine = con.sql("from raw.quarantine").pl()

    @cached_property
    def rows(self) -> dict[str, dict[str, list[Row]]]:
        """The rows of every raw table by plant."""
        tables = self.feeds | {"deliveries": self.deliveries, "quarantine": self.quarantine}
        found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for name, frame in tables.items():
            for row in frame.iter_rows(named=True):
                found[row["plant_id"]][name].append(row)
        return found

    @cached_property
    def outcomes(self) -> dict[str, list[FileOutcome]]:
        """What the ingestion said, by plant."""
        found: dict[str, list[FileOutcome]] = defaultdict(list)
        for outcome in self.report.files:
            found[outcome.plant_id].append(outcome)
        return found

    def everything_of(self, plant_id: str) -> dict[str, list[str]]:
        """Every row of a plant, without the clocks of the night."""
        return {
            name: sorted(
                repr({key: value for key, value in row.items() if key not in CLOCKS})
                for row in rows
            )
            for name, rows in {"deliveries": [], **self.rows[plant_id]}.items()
        }


def problems_of(plant_id: str, sample: Sample, content: bytes, night: Night) -> Iterator[str]:
    """What is wrong with what became of one file."""
    outcomes = night.outcomes[plant_id]
    if not outcomes:
        yield "nobody told what became of it"
    for outcome in outcomes:
        if outcome.status in ("left_for_next_night", "already_loaded"):
            yield f"{outcome.status}: {outcome.message}"
        if "could_not_be_read" in outcome.rules:
            yield f"the reader failed: {outcome.message}"
    rows = night.rows[plant_id]
    deliveries = {(member_of(row), row["table_name"]): row for row in rows["deliveries"]}
    tables = {table.name: table for table in sample.tables}
    is_refused = (None, "") in deliveries
    for key, count in counted(content, sample.tables).items():
        if key not in deliveries and not is_refused:
            yield f"no delivery of {key}"
        elif key in deliveries:
            # What a sheet's rows become is the module's own, and readers of them forgive a lot.
            is_told = not isinstance(tables[key[1]].dialect, Workbook) or (
                sample.plant.plant_id == "formats" and count.records is not None
            )
            delivery = deliveries[key]
            yield from problems_of_rows(delivery, count if is_told else None)
            yield from problems_of_lines(delivery, tables[key[1]], count, rows)
    for delivery in rows["deliveries"]:
        for entry in rows["quarantine"]:
            if entry["delivery_id"] == delivery["delivery_id"]:
                yield from problems_of_entry(entry, delivery)


def member_of(delivery: Row) -> str | None:
    """The member of an archive that a delivery is."""
    return delivery["file_path"].partition("!")[2] or None


def problems_of_rows(delivery: Row, count: Counted | None) -> Iterator[str]:
    """The sum of every delivery, and the number of its records."""
    delivered, accepted, put_aside, repeats = (
        delivery[f"{name}_rows"] for name in ("delivered", "accepted", "quarantined", "duplicate")
    )
    said = f"{delivered} delivered = {accepted} accepted + {put_aside} quarantined + {repeats}"
    if delivered != accepted + put_aside + repeats:
        yield f"{said} duplicates does not add up"
    if min(delivered, accepted, put_aside, repeats) < 0:
        yield f"{said} duplicates: below zero"
    if count is None:
        return
    if delivery["status"] == "rejected":
        if delivered != count.lines:
            yield f"rejected with {delivered} rows, it has {count.lines} lines"
    elif count.records is None:
        yield f"{delivery['status']}, but it cannot be read: {said} duplicates"
    elif delivered != len(count.records):
        yield f"{said} duplicates, but it holds {len(count.records)} records"


def problems_of_lines(
    delivery: Row, table: Table, count: Counted, rows: dict[str, list[Row]]
) -> Iterator[str]:
    """Every record is accepted, put aside, or said before; nothing else is."""
    if delivery["status"] == "rejected" or count.records is None:
        return
    mine = delivery["delivery_id"]
    put_aside = [row["line_no"] for row in rows["quarantine"] if row["delivery_id"] == mine]
    if len(put_aside) != delivery["quarantined_rows"] or len(set(put_aside)) < len(put_aside):
        yield f"{delivery['quarantined_rows']} quarantined, but the quarantine has {put_aside}"
    accepted: set[int] = set()
    for name in FEEDS:
        accepted |= {row["line_no"] for row in rows[name] if row["delivery_id"] == mine}
    if both := accepted & set(put_aside):
        yield f"lines {sorted(both)} are accepted and put aside"
    if isinstance(table.dialect, Workbook):
        return
    if strange := (accepted | set(put_aside)) - set(count.records):
        yield f"lines {sorted(strange)} are no records"
    takes_all = any(each.where is None and each.reshape is None for each in table.feeds)
    if not takes_all:
        return
    if len(accepted) != delivery["accepted_rows"]:
        yield f"{delivery['accepted_rows']} accepted, but the feeds have {len(accepted)} lines"
    left = set(count.records) - accepted - set(put_aside)
    # Equal lines of two sections are two rows.
    full = {line: (record, count.above.get(line)) for line, record in count.records.items()}
    said = {full[line] for line in accepted | set(put_aside) if line in full}
    if lost := [line for line in sorted(left) if full[line] not in said]:
        yield f"lines {lost} are nowhere, and no line like them is"
    if isinstance(table.dialect, Lines) and not isinstance(table.dialect, JsonLines):
        for entry in rows["quarantine"]:
            if entry["delivery_id"] == mine and entry["line_no"] in count.records:
                line = entry["line_no"]
                yield from problems_of_text(entry, count.records[line], count.above.get(line, ""))


def problems_of_text(entry: Row, record: str, above: str) -> Iterator[str]:
    """A quarantined line shows the line, and a value that stands in it, or above it."""
    where = f"line {entry['line_no']} ({entry['rule']})"
    if entry["raw_line"] != record[:MAX_RAW_LINE]:
        yield f"{where} shows {entry['raw_line'][:80]!r}, it is {record[:80]!r}"
    if entry["rule"] in LINE_RULES or '"' in record:
        return
    for part in (entry["value"] or "").split(" | "):
        if part not in record and part not in above:
            yield f"{where} shows the value {part[:80]!r}, which does not stand in {record[:80]!r}"


def problems_of_entry(entry: Row, delivery: Row) -> Iterator[str]:
    """A row of the quarantine says where, what and why."""
    where = f"quarantine of line {entry['line_no']} ({entry['rule']})"
    if entry["rule"] not in RULES or not entry["message"]:
        yield f"{where} says no rule that is known, or not what to do"
    if entry["file_path"] != delivery["file_path"]:
        yield f"{where} names {entry['file_path']}"
    if delivery["status"] == "rejected":
        if entry["rule"] not in FILE_RULES or entry["row_qty"] != delivery["quarantined_rows"]:
            yield f"{where} stands for {entry['row_qty']} rows of {delivery['quarantined_rows']}"
        return
    if entry["line_no"] is None or entry["raw_line"] is None or entry["row_qty"] != 1:
        yield f"{where} does not say which line"
    if entry["rule"] not in LINE_RULES and not (entry["column_name"] and entry["feed"]):
        yield f"{where} does not say which column"


def rows_out_of_contract(night: Night) -> Iterator[tuple[str, str]]:
    """Plant and fault of accepted rows that their feed does not allow."""
    late = date.today() + timedelta(days=2)  # noqa: DTZ011 (two days say more than a zone)
    for name, feed in FEEDS.items():
        stored = night.feeds[name]
        if stored.is_empty():
            continue
        schema = polars_schema(feed)
        rows = stored.select(pl.col(column).cast(kind) for column, kind in schema.items())
        _, failures = feed.filter(rows, cast=True)
        for row in failures.details().iter_rows(named=True):
            broken = [rule for rule, state in row.items() if state == "invalid"]
            yield row["plant_id"], f"{name} line {row['line_no']} breaks {', '.join(broken)}"
        for row in rows.iter_rows(named=True):
            for fault in own_faults(row, feed, late):
                yield row["plant_id"], f"{name} line {row['line_no']}: {fault}"


def own_faults(row: Row, feed: type[Feed], late: date) -> Iterator[str]:
    """What is wrong with an accepted row by rules that are written here once more."""
    for key in feed_key(feed):
        if row[key] == "" or (row[key] is None and not feed.columns()[key].nullable):
            yield f"no {key}"
    for column, value in row.items():
        if column.endswith("_id") and value and any(ord(each) < 32 for each in value):
            yield f"a control character in {column}"
    for column in event_columns(feed):
        value = row[column]
        if isinstance(value, datetime):
            value = value.date()
        if value is not None and not date(2000, 1, 1) <= value <= late:
            yield f"{column} is {value}"
    start, end = row.get("start_at"), row.get("end_at")
    if start and end and end <= start:
        yield "it ends before it starts"
    for column in ("good_qty", "scrap_qty", "rework_qty", "produced_qty", "energy_kwh"):
        if (row.get(column) or 0) < 0:
            yield f"{column} is below zero"
