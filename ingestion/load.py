"""Landing to raw: every new file in one transaction, every row accounted for.

A file is known by its content. What is already loaded is skipped; what was rejected, or partly
quarantined, is tried again once the source module or the plant's configuration has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatch
from pathlib import Path

import duckdb
import polars as pl

from ingestion.columns import Context, utc_now
from ingestion.conform import conform
from ingestion.detect import Verdict, detect
from ingestion.errors import FileRejected
from ingestion.feeds import feed_name
from ingestion.feeds.base import event_columns
from ingestion.landing import LandingFile, at_hand, delivered_files, has_changed
from ingestion.plants import (
    Plant,
    calendar_range,
    load_plants,
    plant_days,
    plant_shifts,
    plants_table,
)
from ingestion.readers import physical_rows, read_table
from ingestion.readers.sections import section_columns
from ingestion.readers.unpack import archive_members
from ingestion.repeats import Repeats
from ingestion.rules import RULES
from ingestion.settings import Settings
from ingestion.source import Delimited, Source, Table, Workbook
from ingestion.sources import load_source, module_file
from ingestion.warehouse import append, open_warehouse, replace_rows

#: Raw lines in the quarantine are cut here; the whole line stays in the landing file.
MAX_RAW_LINE = 10_000
DAY = timedelta(days=1)
#: Names that programs give to what they have not finished, and spreadsheets to what is open.
UNFINISHED = re.compile(r"\.(?:part|partial|filepart|tmp|crdownload)$|^~\$", re.IGNORECASE)
PACKAGE = Path(__file__).parent
NO_SOURCE = Source(name="", title="", system="other")
UNKNOWN = Table(name="", pattern="", dialect=Delimited(), columns=(), feeds=())


@dataclass
class FileOutcome:
    """What became of one delivered table of a file."""

    path: str
    plant_id: str
    source: str
    table_name: str
    status: str
    message: str = ""
    delivered_rows: int = 0
    accepted_rows: int = 0
    quarantined_rows: int = 0
    duplicate_rows: int = 0
    rules: dict[str, int] = field(default_factory=dict)


@dataclass
class IngestReport:
    """What one ingestion did; files that were known already are only counted."""

    files: list[FileOutcome] = field(default_factory=list)
    known_files: int = 0

    def total(self, column: str) -> int:
        return sum(getattr(outcome, column) for outcome in self.files)

    @property
    def new_files(self) -> list[FileOutcome]:
        """Deliveries that this ingestion recorded."""
        silent = ("already_loaded", "left_for_next_night")
        return [outcome for outcome in self.files if outcome.status not in silent]

    @property
    def rejected(self) -> list[FileOutcome]:
        return [outcome for outcome in self.files if outcome.status == "rejected"]

    @property
    def left(self) -> list[FileOutcome]:
        return [outcome for outcome in self.files if outcome.status == "left_for_next_night"]


@dataclass(frozen=True)
class Route:
    """Which declaration a file belongs to."""

    plant_id: str
    plant: Plant | None
    source: Source
    tables: tuple[Table, ...]
    rule: str | None
    contract_version: str
    #: What the rule's advice does not say.
    why: str = ""


@dataclass
class Delivery:
    """One delivered table while it is being loaded."""

    delivery_id: str
    content_hash: str
    file: LandingFile
    route: Route
    table: Table
    #: Which file of an archive this is.
    member: str | None
    extracted_at: datetime
    stamped: bool
    outcome: FileOutcome
    detected: Verdict | None = None
    feed_rows: dict[str, int] = field(default_factory=dict)
    first_event: datetime | None = None
    last_event: datetime | None = None
    known_until: datetime | None = None


def ingest(
    settings: Settings,
    progress: Callable[[FileOutcome], None] | None = None,
    plants: dict[str, Plant] | None = None,
) -> IngestReport:
    """Load everything new in landing into the raw schema, and renew the plants' calendars.

    `plants` are those of plants.toml unless others are given. Raises ConfigError where plants.toml
    is unusable. A file that cannot be read is reported and never stops the others.
    """
    plants = load_plants(settings.plants_file) if plants is None else plants
    sources = {
        folder.source: load_source(folder.source)
        for plant in plants.values()
        for folder in plant.sources
    }
    router = Router(plants, sources, settings.plants_file)
    report = IngestReport()
    unseen: list[str] = []
    with open_warehouse(settings.warehouse_file) as con:
        known = _known_files(con)
        # All are looked at before the first is read: one that grows meanwhile is seen to.
        for file in list(delivered_files(settings, plants, unseen.append)):
            route = router.route(file)
            if known.get(file.relative) == (file.size, file.mtime_ns, route.contract_version):
                report.known_files += 1
                continue
            outcomes = (
                [_left(file, route, "its name says that it is still being written")]
                if UNFINISHED.search(file.name)
                else _load_delivered(con, file, route)
            )
            for outcome in outcomes:
                report.files.append(outcome)
                if progress is not None:
                    progress(outcome)
        _write_calendars(con, plants)
    for why in unseen:
        report.files.append(FileOutcome("", "", "", "", "left_for_next_night", why))
        if progress is not None:
            progress(report.files[-1])
    return report


def _known_files(
    con: duckdb.DuckDBPyConnection,
) -> dict[str, tuple[int, int, str]]:
    rows = con.execute(
        "select file_path, file_bytes, mtime_ns, contract_version from raw.landing_files"
    ).fetchall()
    return {path: (size, mtime, version) for path, size, mtime, version in rows}


class Router:
    """Tells which plant, source and tables a file belongs to, or the rule it breaks."""

    def __init__(
        self, plants: dict[str, Plant], sources: dict[str, Source], plants_file: Path
    ) -> None:
        self.plants, self.sources = plants, sources
        self.config = hashlib.sha256(plants_file.read_bytes()).hexdigest()[:12]
        # Once for all files: there are as many as the history is long.
        self.versions = {
            (plant_id, folder.source): contract_version(sources[folder.source], plant)
            for plant_id, plant in plants.items()
            for folder in plant.sources
        }

    def route(self, file: LandingFile) -> Route:
        """The declaration that a file belongs to."""
        parts = file.relative.split("/")
        plant_id = parts[0] if len(parts) > 1 else ""
        plant = self.plants.get(plant_id)
        if plant is None:
            return Route(plant_id, None, NO_SOURCE, (UNKNOWN,), "unknown_plant", self.config)
        folder = next((f for f in plant.sources if len(parts) > 2 and f.folder == parts[1]), None)
        if folder is None:
            return Route(plant_id, plant, NO_SOURCE, (UNKNOWN,), "unknown_source", self.config)
        source = self.sources[folder.source]
        version = self.versions[plant_id, folder.source]
        name = file.name.lower()
        tables = tuple(table for table in source.tables if fnmatch(name, table.pattern.lower()))
        if not file.is_regular:
            return Route(plant_id, plant, source, (UNKNOWN,), "not_a_regular_file", version)
        if not tables:
            return Route(plant_id, plant, source, (UNKNOWN,), "unknown_file", version)
        return Route(plant_id, plant, source, tables, None, version)


def contract_version(source: Source, plant: Plant) -> str:
    """Changes whenever the same bytes could be read differently."""
    digest = hashlib.sha256()
    for path in [
        module_file(source.name),
        PACKAGE / "columns.py",
        PACKAGE / "conform.py",
        PACKAGE / "dialects.py",
        PACKAGE / "reshapes.py",
        PACKAGE / "times.py",
        *sorted((PACKAGE / "readers").glob("*.py")),
        *sorted((PACKAGE / "vocabularies").glob("*.py")),
        *sorted((PACKAGE / "feeds").glob("*.py")),
    ]:
        digest.update(path.read_bytes())
    digest.update(plant.time_zone.encode())
    digest.update(json.dumps(plant.code_maps, sort_keys=True).encode())
    return digest.hexdigest()[:12]


def _load_delivered(
    con: duckdb.DuckDBPyConnection, file: LandingFile, route: Route
) -> list[FileOutcome]:
    """Load one file from wherever it lies; what is refused unread is not fetched."""
    if file.size > max(table.max_bytes for table in route.tables):
        return _load_file(con, file, route)
    try:
        with at_hand(file) as local:
            return _load_file(con, local, route)
    except OSError as error:
        return [_left(file, route, f"cannot be read now: {error.strerror}")]


def _load_file(
    con: duckdb.DuckDBPyConnection, file: LandingFile, route: Route
) -> list[FileOutcome]:
    """Load one file in one transaction; what it became, per table."""
    limit = max(table.max_bytes for table in route.tables)
    if not file.is_regular:
        content_hash = hashlib.sha256(os.fsencode(file.relative)).hexdigest()
    elif file.size > limit:
        route = replace(route, tables=(UNKNOWN,), rule="file_too_large")
        known_by = f"{file.relative} {file.size} {file.mtime_ns}"
        content_hash = hashlib.sha256(known_by.encode()).hexdigest()
    else:
        try:
            with file.path.open("rb") as stream:
                content_hash = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            return [_left(file, route, f"cannot be read now: {error.strerror}")]
    try:
        return _in_one_transaction(con, file, route, content_hash)
    except (KeyboardInterrupt, SystemExit, duckdb.FatalException):
        raise
    except OSError as error:
        return [_left(file, route, f"cannot be read now: {error.strerror}")]
    except BaseException as error:  # polars' panics are no Exceptions
        # Whatever this file does to the reader, the others are still to come.
        why = f"{type(error).__name__}: {str(error)[:500]}"
        route = replace(route, tables=(UNKNOWN,), rule="could_not_be_read", why=why)
        return _in_one_transaction(con, file, route, content_hash)


def _in_one_transaction(
    con: duckdb.DuckDBPyConnection,
    file: LandingFile,
    route: Route,
    content_hash: str,
) -> list[FileOutcome]:
    con.execute("begin transaction")
    try:
        outcomes = []
        _forget_earlier(con, file, route, content_hash)
        for part in _parts(file, route):
            delivery = _delivery(file, part, content_hash)
            if not _is_new(con, delivery):
                delivery.outcome.status = "already_loaded"
                delivery.outcome.message = "the same bytes were loaded before: nothing changes"
            else:
                _load_table(con, delivery)
            outcomes.append(delivery.outcome)
        con.execute("delete from raw.landing_files where file_path = ?", [file.relative])
        con.execute(
            "insert into raw.landing_files values (?, ?, ?, ?, ?)",
            [file.relative, file.size, file.mtime_ns, route.contract_version, content_hash],
        )
        if has_changed(file):
            con.execute("rollback")
            return [_left(file, route, "it changed while it was read")]
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return outcomes


@dataclass(frozen=True)
class Part:
    """One table of a file, or of a member of an archive."""

    route: Route
    table: Table
    member: str | None = None


def _parts(file: LandingFile, route: Route) -> list[Part]:
    """What a file is to be loaded as; a member of an archive that no table claims is told too."""
    if route.rule is not None:
        return [Part(route, UNKNOWN)]
    try:
        limit = max(table.max_bytes for table in route.tables)
        members = archive_members(file.path, limit)
    except FileRejected as error:
        return [Part(replace(route, rule=error.rule, why=str(error)), UNKNOWN)]
    if members is None:
        return [Part(route, table) for table in route.tables]
    if not members:
        why = "the archive holds no file"
        return [Part(replace(route, rule="unreadable_file", why=why), UNKNOWN)]
    parts = []
    for member in members:
        claimed = [
            Part(route, table, member)
            for table in route.tables
            if fnmatch(member.lower(), table.dialect.member.lower())
        ]
        parts += claimed or [Part(replace(route, rule="unknown_file"), UNKNOWN, member)]
    return parts


def _forget_earlier(
    con: duckdb.DuckDBPyConnection, file: LandingFile, route: Route, content_hash: str
) -> None:
    """Set aside what this file replaces: its former content, and rejections it has outgrown."""
    former = con.execute(
        "select content_hash from raw.landing_files where file_path = ? and content_hash <> ?",
        [file.relative, content_hash],
    ).fetchall()
    for (former_hash,) in former:
        elsewhere = con.execute(
            "select 1 from raw.landing_files where content_hash = ? and file_path <> ? "
            "and split_part(file_path, '/', 1) = ?",
            [former_hash, file.relative, route.plant_id],
        ).fetchone()
        if elsewhere is None:
            con.execute(
                "update raw.deliveries set status = 'superseded', "
                "message = 'the file was replaced by another of the same name' "
                "where content_hash = ? and plant_id = ?",
                [former_hash, route.plant_id],
            )
    outgrown = con.execute(
        "select delivery_id from raw.deliveries where table_name = '' and plant_id = ? "
        "and content_hash = ?",
        [route.plant_id, content_hash],
    ).fetchall()
    for delivery_id in outgrown:
        for table in ("deliveries", "quarantine"):
            con.execute(f"delete from raw.{table} where delivery_id = ?", delivery_id)


def _left(file: LandingFile, route: Route, why: str) -> FileOutcome:
    return FileOutcome(
        file.relative,
        route.plant_id,
        route.source.name,
        "",
        "left_for_next_night",
        f"{why}: left for the next night, nothing of it was loaded",
    )


def _delivery(file: LandingFile, part: Part, content_hash: str) -> Delivery:
    route, table, member = part.route, part.table, part.member
    name = [route.plant_id, route.source.name, table.name, content_hash]
    path = file.relative
    if member is not None:
        name.append(member)
        path = f"{path}!{member}"
    delivery_id = hashlib.sha256("|".join(name).encode()).hexdigest()
    try:
        extracted_at, stamped = _extracted_at(file, part)
    except (OverflowError, ValueError):
        extracted_at, stamped = utc_now() + 2 * DAY, False  # beyond every calendar
    now = utc_now()
    if extracted_at > now + DAY:
        rule = route.rule or "extraction_in_the_future"
        route, extracted_at = replace(route, rule=rule), now
    outcome = FileOutcome(path, route.plant_id, route.source.name, table.name, "accepted")
    return Delivery(
        delivery_id, content_hash, file, route, table, member, extracted_at, stamped, outcome
    )


def _extracted_at(file: LandingFile, part: Part) -> tuple[datetime, bool]:
    """When the export was drawn (UTC), and whether its name, or that of its archive, says so."""
    plant = part.route.plant
    for name in (part.member, file.name):
        if not name or not part.table.stamp or not plant:
            continue
        pattern, fmt = part.table.stamp
        if found := re.search(pattern, name):
            try:
                local = datetime.strptime(found.group(1), fmt)  # noqa: DTZ007 (the zone follows)
            except ValueError:
                continue
            return local.replace(tzinfo=plant.zone).astimezone(UTC).replace(tzinfo=None), True
    mtime = datetime.fromtimestamp(file.mtime_ns / 1e9, UTC).replace(tzinfo=None)
    return mtime, False


def _is_new(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> bool:
    """Whether the delivery must be loaded; what an earlier reading left of it is removed."""
    row = con.execute(
        "select status, contract_version, extracted_at from raw.deliveries where delivery_id = ?",
        [delivery.delivery_id],
    ).fetchone()
    if row is None:
        return True
    status, version, extracted_at = row
    # Read under another contract, the same bytes may mean something else. A superseded content
    # that comes back counts again.
    if version != delivery.route.contract_version or status == "superseded":
        _remove(con, delivery)
        return True
    # The same bytes under several names count as of the earliest, whichever came first.
    if delivery.extracted_at < extracted_at:
        con.execute(
            "update raw.deliveries set extracted_at = ? where delivery_id = ?",
            [delivery.extracted_at, delivery.delivery_id],
        )
    # The same export at a later time says that nothing changed until then.
    if delivery.stamped and status != "rejected":
        con.execute(
            "update raw.deliveries set watermark_at = greatest(watermark_at, ?) "
            "where delivery_id = ?",
            [delivery.extracted_at, delivery.delivery_id],
        )
    return False


def _load_table(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Write one table of a file: rows to the feeds, the rest to the quarantine."""
    outcome = delivery.outcome
    try:
        if delivery.route.rule is not None:
            advice, why = RULES[delivery.route.rule], delivery.route.why
            said = why if advice in why else f"{advice} ({why})" if why else advice
            raise FileRejected(delivery.route.rule, said)
        delivery.detected = detect(delivery.file.path, delivery.table, delivery.member)
        _write_rows(con, delivery)
    except FileRejected as error:
        if outcome.delivered_rows:
            _remove(con, delivery)
        _reject(con, delivery, error)
    else:
        if outcome.quarantined_rows:
            outcome.status = "partly_accepted"
            counts = (f"{qty} {rule}" for rule, qty in sorted(outcome.rules.items()))
            outcome.message = "quarantined: " + ", ".join(counts)
        elif outcome.delivered_rows == 0:
            outcome.status = "empty"
            outcome.message = (
                "header only, no rows" if delivery.file.size else "the file is empty (0 bytes)"
            )
    _record(con, delivery)


def _remove(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Take back every row of a delivery."""
    feeds = [feed_name(mapping.feed) for mapping in delivery.table.feeds]
    for table in ["deliveries", "quarantine", "feed_deliveries", *feeds]:
        con.execute(f"delete from raw.{table} where delivery_id = ?", [delivery.delivery_id])


def _write_rows(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Conform the file chunk by chunk; accepted rows go to the feeds, others are quarantined."""
    table, outcome, plant = delivery.table, delivery.outcome, delivery.route.plant
    assert plant is not None
    name = (delivery.member or delivery.file.relative).rpartition("/")[2]
    ctx = Context(table.dialect, plant, delivery.extracted_at, name)
    # Equal lines of two sections are two rows.
    repeats = Repeats(["raw_line", *section_columns(table.dialect)])
    for chunk in read_table(delivery.file.path, table, delivery.member):
        rows, broken = chunk.rows, chunk.faults
        is_first = repeats.is_first(rows)
        outcome.delivered_rows += rows.height + broken.height
        outcome.duplicate_rows += rows.height - int(is_first.sum())
        rows = rows.filter(is_first)
        result = conform(rows, table, ctx)
        faults = pl.concat(result.faults).join(
            rows.select("line_no", "raw_line"), on="line_no", how="left", maintain_order="left"
        )
        faults = pl.concat(
            [broken.with_columns(feed=pl.lit(None, pl.String)), faults], how="diagonal"
        )
        _quarantine(con, delivery, faults)
        bad_rows = faults["line_no"].n_unique()
        outcome.accepted_rows += rows.height + broken.height - bad_rows
        for mapping, accepted in zip(table.feeds, result.accepted, strict=True):
            _append_feed(
                con, delivery, feed_name(mapping.feed), accepted, event_columns(mapping.feed)
            )


def _append_feed(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    feed: str,
    accepted: pl.DataFrame,
    events: list[str],
) -> None:
    append(
        con,
        feed,
        accepted.with_columns(
            source=pl.lit(delivery.route.source.name),
            delivery_id=pl.lit(delivery.delivery_id),
        ),
    )
    delivery.feed_rows[feed] = delivery.feed_rows.get(feed, 0) + accepted.height
    if events and accepted.height:
        moments = accepted.select(pl.col(events).cast(pl.Datetime("us")))
        lows = [value for value in moments.min().row(0) if value is not None]
        highs = [value for value in moments.max().row(0) if value is not None]
        if lows:
            delivery.first_event = min([*lows, delivery.first_event or lows[0]])
            delivery.last_event = max([*highs, delivery.last_event or highs[0]])
            ends = [
                _end_of(value, delivery)
                for value in accepted.select(pl.col(events).max()).row(0)
                if value is not None
            ]
            delivery.known_until = max([*ends, delivery.known_until or ends[0]])


def _end_of(event: datetime | date, delivery: Delivery) -> datetime:
    """The moment of an event; for a day, when it ends in the plant, in UTC."""
    if isinstance(event, datetime):
        return event
    assert delivery.route.plant is not None
    midnight = datetime.combine(event + timedelta(days=1), time(), delivery.route.plant.zone)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def _quarantine(con: duckdb.DuckDBPyConnection, delivery: Delivery, faults: pl.DataFrame) -> None:
    """One quarantine row per line, with the first rule it breaks; the others are named too."""
    if faults.is_empty():
        return
    advice = pl.col("rule").replace_strict(list(RULES), list(RULES.values()), default=None)
    per_line = faults.group_by("line_no", maintain_order=True).agg(
        pl.col("feed", "column_name", "value", "rule", "raw_line").first(),
        others=pl.col("rule").slice(1).unique(maintain_order=True),
    )
    others = pl.col("others").list.set_difference(pl.concat_list("rule"))
    rows = per_line.select(
        pl.lit(delivery.delivery_id).alias("delivery_id"),
        pl.lit(delivery.route.plant_id).alias("plant_id"),
        pl.lit(delivery.route.source.name).alias("source"),
        pl.lit(delivery.outcome.path).alias("file_path"),
        "line_no",
        "feed",
        "column_name",
        "value",
        "rule",
        message=pl.concat_str(
            advice.fill_null(pl.col("rule")),
            pl.when(pl.col("rule") == "timestamp_out_of_range")
            .then(pl.lit(f" (taken as {delivery.extracted_at:%Y-%m-%d %H:%M} UTC)"))
            .otherwise(pl.lit("")),
            pl.lit(_place_in(delivery)),
            pl.when(others.list.len() > 0)
            .then(pl.concat_str(pl.lit("; also: "), others.list.join(", ")))
            .otherwise(pl.lit("")),
        ),
        raw_line=pl.col("raw_line").str.slice(0, MAX_RAW_LINE),
        row_qty=pl.lit(1, pl.Int64),
        quarantined_at=pl.lit(utc_now()),
    )
    append(con, "quarantine", rows)
    delivery.outcome.quarantined_rows += rows.height
    for rule, qty in rows["rule"].value_counts().iter_rows():
        delivery.outcome.rules[rule] = delivery.outcome.rules.get(rule, 0) + qty


def _place_in(delivery: Delivery) -> str:
    """Where in the file its line numbers count, unless from its own first line."""
    dialect = delivery.table.dialect
    return f" (sheet {dialect.sheet!r})" if isinstance(dialect, Workbook) else ""


def _reject(con: duckdb.DuckDBPyConnection, delivery: Delivery, error: FileRejected) -> None:
    """Quarantine a whole file: its rows stay in landing, one entry says why."""
    outcome = delivery.outcome
    qty = _rejected_rows(delivery)
    outcome.status, outcome.message = "rejected", str(error)
    if contradiction := _contradiction(delivery):
        outcome.message += f" ({contradiction})"
    outcome.delivered_rows = outcome.quarantined_rows = qty
    outcome.accepted_rows = outcome.duplicate_rows = 0
    outcome.rules = {error.rule: max(qty, 1)}
    delivery.feed_rows = {}
    delivery.first_event = delivery.last_event = delivery.known_until = None
    con.execute(
        "insert into raw.quarantine values (?, ?, ?, ?, ?, null, ?, ?, ?, ?, null, ?, ?)",
        [
            delivery.delivery_id,
            delivery.route.plant_id,
            delivery.route.source.name,
            delivery.outcome.path,
            error.line_no,
            error.column,
            error.value,
            error.rule,
            outcome.message,
            qty,
            utc_now(),
        ],
    )


def _rejected_rows(delivery: Delivery) -> int:
    """How many rows a rejected file holds; 0 where that cannot be told."""
    if delivery.table is UNKNOWN:
        return 0
    try:
        return physical_rows(delivery.file.path, delivery.table, delivery.member)
    except FileRejected:
        return 0


def _record(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Write the delivery's line in raw.deliveries and what it fed."""
    outcome, route = delivery.outcome, delivery.route
    watermark = delivery.extracted_at
    if not delivery.stamped and delivery.known_until is not None:
        # A modification time says when a file was copied, not until when it knows the world.
        watermark = min(delivery.known_until, delivery.extracted_at)
    row = {
        "delivery_id": delivery.delivery_id,
        "content_hash": delivery.content_hash,
        "plant_id": route.plant_id,
        "source": route.source.name,
        "system": route.source.system,
        "table_name": delivery.table.name,
        "file_path": delivery.outcome.path,
        "file_bytes": delivery.file.size,
        "status": outcome.status,
        "message": outcome.message or None,
        "delivered_rows": outcome.delivered_rows,
        "accepted_rows": outcome.accepted_rows,
        "quarantined_rows": outcome.quarantined_rows,
        "duplicate_rows": outcome.duplicate_rows,
        "extracted_at": delivery.extracted_at,
        "watermark_at": watermark,
        "resends_changes": delivery.table.resends_changes,
        "first_event_date": _as_date(delivery.first_event),
        "last_event_date": _as_date(delivery.last_event),
        "contract_version": route.contract_version,
        "dialect": repr(delivery.table.dialect)[:1000],
        "detected": str(delivery.detected) if delivery.detected else None,
        "contradiction": _contradiction(delivery),
        "loaded_at": utc_now(),
    }
    marks = ", ".join("?" * len(row))
    con.execute(
        f"insert into raw.deliveries ({', '.join(row)}) values ({marks})", list(row.values())
    )
    for feed, rows in delivery.feed_rows.items():
        con.execute(
            "insert into raw.feed_deliveries values (?, ?, ?)",
            [delivery.delivery_id, feed, rows],
        )


def _contradiction(delivery: Delivery) -> str | None:
    """Where a file looks other than declared."""
    if delivery.detected is None:
        return None
    return "; ".join(delivery.detected.contradicts(delivery.table.dialect)) or None


def _as_date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _write_calendars(con: duckdb.DuckDBPyConnection, plants: dict[str, Plant]) -> None:
    """Renew the configuration tables over the dates that data was delivered for.

    They reach to the last export: what is still open then was open on the quiet days before it.
    """
    spans = con.execute(
        "select plant_id, min(first_event_date), "
        "max(greatest(last_event_date, cast(watermark_at as date))) from raw.deliveries "
        "where first_event_date is not null group by plant_id"
    ).fetchall()
    days, shifts = [], []
    for plant_id, first, last in spans:
        if plant_id in plants:
            span = calendar_range(first, last)
            days.append(plant_days(plants[plant_id], *span))
            shifts.append(plant_shifts(plants[plant_id], *span))
    con.execute("begin transaction")
    try:
        replace_rows(con, "plants", plants_table(plants))
        replace_rows(con, "plant_days", pl.concat(days) if days else pl.DataFrame())
        filled = [frame for frame in shifts if frame.height]
        replace_rows(con, "plant_shifts", pl.concat(filled) if filled else pl.DataFrame())
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
