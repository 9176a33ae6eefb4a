"""What was delivered and not taken in: counted, shown, written out to send back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.feeds import feed_name
from ingestion.load import FileOutcome, ingest
from ingestion.settings import Settings
from ingestion.sources import load_source, source_names
from orchestration.lock import night_lock
from orchestration.plain_text import unformula

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

#: Options of the commands to the columns they filter.
FILTERS = {"plant": "plant_id", "source": "source", "rule": "rule", "file": "file_path"}
COLUMNS = (
    "plant_id",
    "source",
    "file_path",
    "line_no",
    "feed",
    "column_name",
    "value",
    "rule",
    "message",
    "raw_line",
)


#: Rows of deliveries that still count: a file replaced by another of its name is past.
LIVE = (
    "select quarantine.* from raw.quarantine inner join raw.deliveries using (delivery_id) "
    "where deliveries.status <> 'superseded'"
)


class NoQuarantine(Exception):
    """There is no warehouse to look into; the message says what to do."""


@dataclass(frozen=True)
class RuleCount:
    """How often a source breaks a rule, and where it did so first."""

    plant_id: str
    source: str
    rule: str
    row_qty: int
    file_qty: int
    first_file: str
    first_line_no: int | None


def counts(settings: Settings, filters: Mapping[str, str]) -> list[RuleCount]:
    """Quarantined rows per plant, source and rule, the most frequent first."""
    where, values = _where(filters)
    with _warehouse(settings) as con:
        rows = con.execute(
            "select plant_id, source, rule, cast(sum(greatest(row_qty, 1)) as bigint), "
            "count(distinct file_path), first(file_path order by file_path, line_no), "
            f"first(line_no order by file_path, line_no) from ({LIVE}) {where} "
            "group by plant_id, source, rule order by 4 desc, 1, 2, 3",
            values,
        ).fetchall()
    return [RuleCount(*row) for row in rows]


def rows(
    settings: Settings, filters: Mapping[str, str], limit: int | None = None
) -> list[dict[str, Any]]:
    """Quarantined rows with file, line, column, value, rule and raw text, in file order."""
    where, values = _where(filters)
    with _warehouse(settings) as con:
        found = con.execute(
            f"select {', '.join(COLUMNS)} from ({LIVE}) {where} order by file_path, line_no "
            + ("" if limit is None else f"limit {limit:d}"),
            values,
        ).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def expected(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What the source module declares that a value may be: words, or a moment in each format.

    `row` is one of `rows`; nothing where its rule is about something else.
    """
    if row["rule"] not in ("unknown_code", "not_a_timestamp"):
        return ()
    if row["source"] not in source_names():
        return ()
    declared = {
        word: None
        for table in load_source(row["source"]).tables
        for mapping in table.feeds
        if feed_name(mapping.feed) == row["feed"]
        for column in mapping.columns.values()
        if " + ".join(column.exported) == row["column_name"]
        for word in column.expected
    }
    return tuple(declared)


def export(settings: Settings, filters: Mapping[str, str], target: Path) -> int:
    """Write the rows as CSV, to send back to whoever delivered them; their number.

    What a spreadsheet would take for a formula gets an apostrophe in front.
    """
    where, values = _where(filters)
    cells = ", ".join(column if column == "line_no" else unformula(column) for column in COLUMNS)
    with _warehouse(settings) as con:
        relation = con.sql(
            f"select {cells} from ({LIVE}) {where} order by file_path, line_no", params=values
        )
        qty = relation.aggregate("count(*)").fetchall()[0][0]
        relation.write_csv(str(target))
    return int(qty)


@dataclass(frozen=True)
class Replay:
    """What reading the mended sources again has done."""

    before: list[RuleCount]
    after: list[RuleCount]
    files: list[FileOutcome]


def replay(settings: Settings, progress: Callable[[FileOutcome], None] | None = None) -> Replay:
    """Read again what a mended source module, code map or time zone reads differently now.

    It is the night's own ingestion, so that what is new in landing comes in as well; the marts
    follow with the next night. Raises NightIsRunning where one holds the warehouse.
    """
    before = counts(settings, {})
    with night_lock(settings.lock_file):
        report = ingest(settings, progress)
    return Replay(before, counts(settings, {}), report.new_files)


def _where(filters: Mapping[str, str]) -> tuple[str, list[str]]:
    chosen = {FILTERS[name]: value for name, value in filters.items() if value is not None}
    if not chosen:
        return "", []
    return "where " + " and ".join(f"{column} = ?" for column in chosen), list(chosen.values())


@contextmanager
def _warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    if not settings.warehouse_file.exists():
        raise NoQuarantine(f"nothing was loaded into {settings.data_dir} yet: leankpi nightly")
    try:
        con = duckdb.connect(str(settings.warehouse_file), read_only=True)
    except duckdb.IOException as error:
        raise NoQuarantine("a night is writing the warehouse: try again when it is over") from error
    with con:
        yield con
