"""What a person wants to know after a night: what came in, what was rejected, which checks spoke,
the KPIs, and where the outputs are.

Reads the published file and the record of the last night, never the warehouse: so it can be asked
at any time, also while the next night runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

import duckdb
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ingestion.settings import Settings
from orchestration.journal import NightRecord, log_file
from orchestration.lock import running_night
from orchestration.plain_text import lines, plain, text
from orchestration.publish import current, is_rolled_back, newest_seen, published_at

MEDIAN_LEAD_TIME = "lead_time_median_h"
#: KPIs of the summary in reading order: the catalogue holds their names and units.
KPIS = (
    "oee",
    "availability",
    "effectiveness",
    "quality_ratio",
    "scrap_ratio",
    MEDIAN_LEAD_TIME,
    "inventory_turns",
    "mtbf_h",
)
#: OEE = A x P x Q: the factors stand indented below it.
FACTORS = {"availability": "A", "effectiveness": "P", "quality_ratio": "Q"}
WEEK = timedelta(days=7)
COMPARED_WEEKS = 4
LISTED = 10


@dataclass(frozen=True)
class Figure:
    """A KPI over a span of weeks."""

    value: float | None
    coverage: float | None
    weeks: int
    reason: str | None


@dataclass(frozen=True)
class KpiLine:
    """A KPI of a plant: the last week, and the four before it."""

    kpi_id: str
    name: str
    unit: str
    last: Figure
    before: Figure


@dataclass(frozen=True)
class PlantKpis:
    """The KPIs of a plant, and the week that counts as its last."""

    plant_id: str
    plant_name: str
    week: date | None
    lines: list[KpiLine]


# --- figures --------------------------------------------------------------------------------------

# Queries here bind no parameters: for the first one DuckDB imports pandas, a second that nobody
# who asks for the status shall wait. The rows are few, and are looked up in Python.


@dataclass(frozen=True)
class WeekValue:
    """A row of `kpi_values`: a plant's KPI in a week."""

    start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    coverage: float | None
    reason: str | None


@dataclass(frozen=True)
class Published:
    """What the summary reads of a published file."""

    names: dict[str, tuple[str, str]]
    weeks: dict[tuple[str, str], list[WeekValue]]
    reasons: dict[tuple[str, str], str]
    lead_times: dict[str, list[tuple[date, float]]]

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection) -> Published:
        weeks: dict[tuple[str, str], list[WeekValue]] = {}
        for plant_id, kpi_id, *rest in con.execute(
            """
            select
                plant_id, kpi_id, period_start_date, numerator, denominator, value,
                coverage_ratio, withheld_reason
            from kpi_values
            where scope_type = 'plant' and period_type = 'week'
            order by period_start_date
            """
        ).fetchall():
            weeks.setdefault((plant_id, kpi_id), []).append(WeekValue(*rest))
        lead_times: dict[str, list[tuple[date, float]]] = {}
        if con.execute(
            "select 1 from duckdb_tables() where table_name = 'fct_order_lead_time'"
        ).fetchone():
            for plant_id, completed_date, lead_time_h in con.execute(
                """
                select plant_id, completed_date, cast(lead_time_s as double) / 3600
                from fct_order_lead_time
                where is_completed and lead_time_s is not null
                -- The weeks shown lie within the last seven; the rest of the history stays put.
                qualify completed_date > max(completed_date) over (partition by plant_id) - 56
                """
            ).fetchall():
                lead_times.setdefault(plant_id, []).append((completed_date, lead_time_h))
        return cls(
            names={
                kpi_id: (name, unit)
                for kpi_id, name, unit in con.execute(
                    "select kpi_id, kpi_name, unit from kpi_definitions"
                ).fetchall()
            },
            weeks=weeks,
            reasons={
                (plant_id, kpi_id): reason
                for plant_id, kpi_id, reason in con.execute(
                    """
                    select plant_id, kpi_id, max_by(withheld_reason, period_start_date)
                    from kpi_values
                    where scope_type = 'plant' and is_withheld
                    group by plant_id, kpi_id
                    """
                ).fetchall()
            },
            lead_times=lead_times,
        )


def plant_kpis(con: duckdb.DuckDBPyConnection) -> list[PlantKpis]:
    """Every plant's KPIs."""
    published = Published.read(con)
    plants = con.execute(
        """
        select plant_id, plant_name, max(deliveries.watermark_at)
        from dim_plant
        left join deliveries using (plant_id)
        group by plant_id, plant_name
        order by plant_id
        """
    ).fetchall()
    return [_one_plant(published, *plant) for plant in plants]


def _one_plant(
    published: Published, plant_id: str, plant_name: str, known_until: datetime | None
) -> PlantKpis:
    starts = sorted(
        {
            value.start
            for (plant, kpi_id), values in published.weeks.items()
            for value in values
            if plant == plant_id and kpi_id in KPIS
        }
    )
    complete = [start for start in starts if known_until and start + WEEK <= known_until.date()]
    # A week that is still running compares badly with whole ones; a plant with less than a whole
    # week has no other.
    week = complete[-1] if complete else (starts[-1] if starts else None)
    lines = [
        KpiLine(
            kpi_id,
            *published.names[kpi_id],
            last=_figure(published, plant_id, kpi_id, week, 0, 0),
            before=_figure(published, plant_id, kpi_id, week, COMPARED_WEEKS, 1),
        )
        for kpi_id in KPIS
        if kpi_id in published.names
    ]
    return PlantKpis(plant_id, plant_name, week, lines)


def _figure(
    published: Published, plant_id: str, kpi_id: str, week: date | None, oldest: int, newest: int
) -> Figure:
    """A KPI over the weeks from `oldest` to `newest` weeks ago: a ratio of sums, never a mean of
    ratios.

    Weeks withheld stay out on both sides of the fraction, and `weeks` says how many are in.
    """
    key = (plant_id, kpi_id)
    if week is None:
        return Figure(None, None, 0, published.reasons.get(key, "no figure delivered"))
    first, last = week - oldest * WEEK, week - newest * WEEK
    values = [value for value in published.weeks.get(key, []) if first <= value.start <= last]
    shown = [value for value in values if value.value is not None]
    if not shown:
        reason = values[-1].reason if values else published.reasons.get(key)
        coverage = values[-1].coverage if values else None
        return Figure(None, coverage, 0, reason or "no figure for this week")
    coverage = min((value.coverage for value in shown if value.coverage is not None), default=None)
    if len(shown) == 1:
        return Figure(shown[0].value, coverage, 1, None)
    if kpi_id == MEDIAN_LEAD_TIME:
        # Medians of weeks neither add up nor average: taken again over all orders of those weeks.
        hours = [
            lead_time_h
            for completed_date, lead_time_h in published.lead_times.get(plant_id, [])
            if any(value.start <= completed_date < value.start + WEEK for value in shown)
        ]
        return Figure(median(hours) if hours else None, coverage, len(shown), None)
    numerator = sum(value.numerator or 0 for value in shown)
    denominator = sum(value.denominator or 0 for value in shown)
    return Figure(numerator / denominator if denominator else None, coverage, len(shown), None)


# --- showing --------------------------------------------------------------------------------------


def show(settings: Settings, record: NightRecord | None, console: Console) -> None:
    """Print the summary."""
    for part in summary(settings, record):
        console.print(part, highlight=False)


def summary(settings: Settings, record: NightRecord | None) -> list[RenderableType]:
    """The summary, part by part."""
    parts: list[RenderableType] = []
    if record is None:
        parts.append(text(f"No night has run in {settings.data_dir} yet: leankpi nightly"))
    else:
        parts += _night(settings, record)
    seen = current(settings)
    if seen is None:
        parts.append(Text("Nothing is published yet.", style="yellow"))
        return parts
    with duckdb.connect(str(seen), read_only=True) as con:
        parts += _kpis(con)
    parts += _outputs(settings, seen, record.board_error if record else None)
    return parts


def _heading(words: str) -> Text:
    return Text(f"\n{plain(words)}", style="bold")


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2), expand=False)


def _night(settings: Settings, record: NightRecord) -> list[RenderableType]:
    parts: list[RenderableType] = [_headline(settings, record)]
    if record.outcome in ("misconfigured", "crashed") and record.error:
        parts.append(_indented(lines(record.error)))
    if record.outcome == "nothing_new" and not record.left:
        return parts
    parts += _blocking(record)
    parts += _deliveries(record)
    parts += _warnings(record)
    return parts


def _headline(settings: Settings, record: NightRecord) -> Text:
    when = _minutes(record.finished_at or record.started_at)
    readers = "readers keep the last good night"
    match record.outcome:
        case "published":
            words, style = f"Published {when} UTC: {record.version}", "bold green"
            if record.nothing_new_at:
                words += f" (looked again {_minutes(record.nothing_new_at)}: nothing new)"
        case "nothing_new":
            words, style = f"Nothing new ({when} UTC): nothing published", "bold green"
        case "blocked":
            words = f"Blocked {when} UTC: a check found what must not be published; {readers}"
            style = "bold red"
        case "misconfigured":
            words, style = f"Stopped {when} UTC by the configuration; {readers}", "bold red"
        case "running" if running_night(settings.lock_file):
            words, style = f"Running since {when} UTC (process {record.pid})", "bold yellow"
        case "running":
            words = f"Ended without a word: started {when} UTC, process {record.pid}; {readers}"
            style = "bold red"
        case _:
            words, style = f"Crashed {when} UTC; {readers}", "bold red"
            words += f"\n  every word of it: {plain(log_file(settings))}"
    return Text(words, style=style)


def _blocking(record: NightRecord) -> list[RenderableType]:
    blocking = [check for check in record.failed_checks if check["severity"] == "error"]
    parts: list[RenderableType] = []
    for check in blocking[:LISTED]:
        parts.append(
            Text.assemble(
                ("\n  ✗ ", "red"),
                (plain(f"{check['fact']}: {check['check_name']}"), "bold"),
            )
        )
        said = [("found", check["observed"]), ("expected", check["expected"])]
        if check["reason"]:
            said.append(("why", check["reason"]))
        if check["failing_rows"]:
            rows = check["failing_rows"].splitlines()
            said += zip(["rows", *[""] * len(rows)], rows, strict=False)
        said.append(("what to do", check["what_to_do"]))
        parts.append(Padding(_hanging(said), (0, 0, 0, 4), expand=False))
    if len(blocking) > LISTED:
        parts.append(Text(f"  and {len(blocking) - LISTED} more blocking checks"))
    return parts


def _hanging(said: list[tuple[str, str]]) -> Table:
    """Words with a label in front, so that long ones wrap beside it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=10, style="dim")
    table.add_column(overflow="fold")
    for label, words in said:
        table.add_row(label, text(words))
    return table


def _deliveries(record: NightRecord) -> list[RenderableType]:
    arrived = (
        f"{record.deliveries:,} new files and tables; {record.repeated_files:,} files repeat the "
        f"bytes of others, {record.known_files:,} were known"
    )
    rows = (
        f"{record.delivered_rows:,} rows = {record.accepted_rows:,} accepted + "
        f"{record.quarantined_rows:,} quarantined + {record.duplicate_rows:,} duplicates"
    )
    parts: list[RenderableType] = [
        _heading("Deliveries"),
        _indented(Text(arrived)),
        _indented(Text(rows)),
    ]
    for kind, files in (("rejected", record.rejected), ("left for the next night", record.left)):
        for file in files[:LISTED]:
            words = f"{kind}: {file['path']}: {file['message']}"
            parts.append(_indented(text(words, style="red")))
        if len(files) > LISTED:
            parts.append(_indented(Text(f"and {len(files) - LISTED} more {kind}", style="red")))
    if record.quarantine:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("plant", "source", "quarantined for"):
            table.add_column(name)
        table.add_column("rows", justify="right")
        table.add_column("for example", overflow="fold")
        for line in record.quarantine[:LISTED]:
            place = f":{line['example_line_no']}" if line["example_line_no"] else ""
            table.add_row(
                text(line["plant_id"]),
                text(line["source"]),
                text(line["rule"]),
                f"{line['rows']:,}",
                text(f"{line['example_path']}{place}"),
            )
        parts.append(_indented(table))
        more = len(record.quarantine) - LISTED
        if more > 0:
            parts.append(_indented(Text(f"and {more} more reasons")))
        parts.append(
            _indented(
                Text(
                    "every line with its reason: select * from quarantine (in the published file)",
                    style="dim",
                )
            )
        )
    return parts


def _warnings(record: NightRecord) -> list[RenderableType]:
    errors = sum(check["severity"] == "error" for check in record.failed_checks)
    warnings = [check for check in record.failed_checks if check["severity"] == "warn"]
    parts: list[RenderableType] = [
        _heading("Checks"),
        _indented(Text(f"{record.checks_run} run, {errors} errors, {len(warnings)} warnings")),
    ]
    for check in warnings[:LISTED]:
        words = f"{check['fact']}: {check['check_name']}: {check['observed']}"
        rows = (check["failing_rows"] or "").splitlines()
        if rows:
            words += f", such as {rows[0]}"
        parts.append(_indented(text(words, style="yellow")))
    if len(warnings) > LISTED:
        parts.append(_indented(Text(f"and {len(warnings) - LISTED} more warnings")))
    if record.failed_checks:
        parts.append(
            _indented(Text("all of them: select * from data_quality where not passed", style="dim"))
        )
    return parts


def _kpis(con: duckdb.DuckDBPyConnection) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for plant in plant_kpis(con):
        parts.append(_heading(f"{plant.plant_name} ({plant.plant_id})"))
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("", no_wrap=True)
        table.add_column(_span(plant.week), justify="right", no_wrap=True)
        compared = max((line.before.weeks for line in plant.lines), default=0) or COMPARED_WEEKS
        table.add_column(f"{compared} weeks before", justify="right", no_wrap=True)
        table.add_column("coverage", justify="right", no_wrap=True)
        table.add_column("", overflow="fold")
        for line in plant.lines:
            factor = FACTORS.get(line.kpi_id)
            name = f"  {factor}  {line.name}" if factor else line.name
            table.add_row(
                text(name),
                _value(line.last, line.unit),
                _value(line.before, line.unit),
                f"{line.last.coverage:.0%}" if line.last.coverage is not None else "",
                _note(line, compared),
            )
        parts.append(_indented(table))
    return parts


def _span(week: date | None) -> str:
    if week is None:
        return "last week"
    return f"week {week.isocalendar().week}, from {week:%Y-%m-%d}"


def _value(figure: Figure, unit: str) -> Text:
    if figure.value is None:
        return Text("withheld" if figure.reason else "-", style="dim")
    match unit:
        case "ratio":
            return Text(f"{figure.value:.1%}")
        case "1/year":
            return Text(f"{figure.value:,.1f} a year")
        case "h":
            return Text(f"{figure.value:,.1f} h")
        case _:
            return text(f"{figure.value:,.1f} {unit}")


def _note(line: KpiLine, compared: int) -> Text:
    if line.last.value is None:
        return text(line.last.reason or "", style="dim")
    if line.before.value is None:
        return text(f"before: {line.before.reason}" if line.before.reason else "", style="dim")
    if line.before.weeks < compared:
        return Text(f"{line.before.weeks} of the {compared} weeks before", style="dim")
    return Text("")


def _outputs(settings: Settings, seen: Path, board_error: str | None) -> list[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_row("marts", text(f"{settings.published_link} -> {seen.name}"))
    if (settings.board_dir / "index.html").exists():
        table.add_row("board", text(settings.board_dir / "index.html"))
    table.add_row("checks", "select * from data_quality (in the marts)")
    pages = settings.data_dir / "data_docs" / "index.html"
    table.add_row("", text(f"{pages} (their looks come from the internet)"))
    table.add_row("lineage", "leankpi dev")
    parts: list[RenderableType] = [_heading("Where"), _indented(table)]
    if board_error:
        words = f"The board was not written, the marts are published: {board_error}"
        parts.append(_indented(text(words, style="yellow")))
    newest = newest_seen(settings)
    if newest and is_rolled_back(settings):
        parts.append(
            Text(
                f"Rolled back: readers see the night of {published_at(seen):%Y-%m-%d %H:%M} UTC. "
                f"The newest is {newest.name}: leankpi rollback --to {newest.name}",
                style="yellow",
            )
        )
    return parts


def _minutes(stamp: str) -> str:
    return stamp[:16].replace("T", " ")
