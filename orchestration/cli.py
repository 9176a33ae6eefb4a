"""The command `leankpi`. Heavy imports stand inside the commands: help and status are quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from ingestion.errors import ConfigError
from ingestion.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

EXIT_STATUS = """\b
Exit status:
  0  published, or nothing new
  1  it crashed; readers keep the last good night
  2  wrong usage or configuration
  3  published, but files were rejected or left behind
  4  a check blocked it; readers keep the last good night
  5  another night is running
"""


def data_dir_option(command: Command) -> Command:
    """--data-dir, as every command has it."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Where everything lives. Default: $LEANKPI_DATA, else ./data.",
    )(command)


def settings_of(data_dir: Path | None) -> Settings:
    """The settings a command works with."""
    return Settings(data_dir.resolve()) if data_dir else Settings.from_env()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Lean KPIs from MES, maintenance and ERP exports.

    Exports land in DATA/landing/<plant>/<folder>/, a night turns them into checked marts, and
    readers open DATA/published/marts.duckdb.
    """


@main.command(epilog=EXIT_STATUS)
@data_dir_option
@click.option("--rebuild", is_flag=True, help="Build everything anew, and publish.")
def nightly(data_dir: Path | None, rebuild: bool) -> None:
    """Run a night: ingest, build, check, publish.

    Safe to run at any time and again after any crash: readers only ever see a complete night that
    passed every check.
    """
    from orchestration.console import progress_for
    from orchestration.journal import EXIT_CODES
    from orchestration.lock import NightIsRunning
    from orchestration.nightly import run_night
    from orchestration.summary import show

    settings = settings_of(data_dir)
    console = _console()
    progress = progress_for(console)
    try:
        record = run_night(settings, progress, rebuild=rebuild)
    except ConfigError as error:
        _fail(error, EXIT_CODES["misconfigured"])
    except NightIsRunning as error:
        _fail(error, EXIT_CODES["another_night"])
    finally:
        progress.close()
    show(settings, record, console)
    sys.exit(record.exit_code)


@main.command()
@data_dir_option
def status(data_dir: Path | None) -> None:
    """Say how the last night went and what readers see. Runs nothing, changes nothing."""
    from orchestration.journal import read_record
    from orchestration.summary import show

    settings = settings_of(data_dir)
    show(settings, read_record(settings), _console())


@main.command()
@data_dir_option
@click.option("--to", metavar="VERSION", help="A version's file name or the start of its stamp.")
def rollback(data_dir: Path | None, to: str | None) -> None:
    """Let readers see the version before the current one, or a named one.

    The step is atomic, and nothing is lost: `--to` goes forward again. The next night that brings
    something new publishes as usual.
    """
    from orchestration.publish import PublicationError, current, versions
    from orchestration.publish import rollback as roll_back

    settings = settings_of(data_dir)
    try:
        report = roll_back(settings, to)
    except PublicationError as error:
        _fail(error, 2)
    click.echo(f"Readers saw {report.before or 'nothing'}.")
    click.echo(
        f"They see {report.now} now, published {report.published_at:%Y-%m-%d %H:%M} UTC; "
        "connections that are open keep what they opened."
    )
    seen = current(settings)
    for path in versions(settings):
        click.echo(f"  {'->' if path == seen else '  '} {path.name}")
    if seen and settings.board_dir.exists():
        _redraw_board(settings, seen)


def _redraw_board(settings: Settings, published: Path) -> None:
    """Let the board show what readers see now; the rollback itself stands whatever happens."""
    import duckdb

    from orchestration.board.site import BoardError, write_board

    try:
        write_board(published, settings.board_dir)
    except (BoardError, OSError, duckdb.Error) as error:
        click.echo(f"leankpi: {settings.board_dir} still shows the other night: {error}", err=True)


@main.command()
@data_dir_option
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write into, for example on a file share. Default: DATA/board.",
)
def board(data_dir: Path | None, target: Path | None) -> None:
    """Write the board for the meeting: pages per plant, area and line, in English and Spanish.

    Safety, quality, delivery, cost and people against target, what changed for real, and where the
    time went. The pages need no server; every published night writes them too.
    """
    import duckdb

    from orchestration.board.site import BoardError, write_board
    from orchestration.publish import current

    settings = settings_of(data_dir)
    published = current(settings)
    if published is None:
        _fail(BoardError("nothing has been published yet: run leankpi nightly"), 2)
    folder = target.resolve() if target else settings.board_dir
    try:
        with _console().status("drawing the board"):
            pages = write_board(published, folder)
    except duckdb.Error as error:
        lacking = (
            f"{published.name} lacks what the board shows ({error}): leankpi nightly --rebuild"
        )
        _fail(BoardError(lacking), 2)
    except (BoardError, OSError) as error:
        _fail(error, 2)
    click.echo(f"{pages} pages, {folder / 'index.html'}")


@main.command()
@data_dir_option
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["xlsx", "parquet", "csv"]),
    default="xlsx",
    show_default=True,
    help="A workbook to read, or the tables as they are published, for programs.",
)
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write into. Default: DATA/export.",
)
@click.option(
    "--audience",
    default="marts",
    show_default=True,
    help="Whose published file (audiences in plants.toml).",
)
@click.option("--plant", "plants", multiple=True, help="Only this plant; may be given again.")
@click.option(
    "--tables",
    multiple=True,
    help="A published table, or several as 'fct_*'; may be given again. Default: a sheet per star "
    "in the workbook, else every table.",
)
def export(
    data_dir: Path | None,
    file_format: str,
    target: Path | None,
    audience: str,
    plants: tuple[str, ...],
    tables: tuple[str, ...],
) -> None:
    """Take the published figures away: a workbook (leankpi.xlsx), Parquet or CSV.

    Files of the same name are replaced. Text of exports never becomes a formula.
    """
    import duckdb

    from orchestration.export import (
        WORKBOOK_NAME,
        ExportError,
        export_tables,
        export_workbook,
        way_to,
    )
    from orchestration.publish import audience_file

    settings = settings_of(data_dir)
    published = audience_file(settings, audience)
    if published is None:
        missing = f"nothing is published for {audience} in {settings.data_dir} yet: leankpi nightly"
        _fail(ConfigError(missing), 2)
    folder = target.resolve() if target else settings.data_dir / "export"
    try:
        with _console().status(f"writing {file_format}"):
            if file_format == "xlsx":
                path = folder / WORKBOOK_NAME
                done = export_workbook(published, path, plants=plants, tables=tables)
            else:
                done = export_tables(published, folder, file_format, plants=plants, tables=tables)
    except duckdb.Error as error:
        lacking = f"{published.name} lacks what is exported ({error}): leankpi nightly --rebuild"
        _fail(ExportError(lacking), 2)
    except (ExportError, OSError) as error:
        _fail(error, 2)
    for one in done:
        click.echo(f"{one.rows:>12,} rows  {one.name}")
    click.echo(f"in {folder / WORKBOOK_NAME if file_format == 'xlsx' else folder}")
    for one in done:
        if one.left_out_rows:
            click.echo(
                f"leankpi: {one.left_out_rows:,} rows of {one.name} found no room in a sheet, the "
                f"oldest; all of them: {way_to(one.table)}",
                err=True,
            )
        if one.cut_cells:
            click.echo(
                f"leankpi: {one.cut_cells:,} texts of {one.name} are longer than a cell and were "
                f"cut; whole: {way_to(one.table)}",
                err=True,
            )


@main.group()
def kpi() -> None:
    """Look up KPIs: what there is, and what stands behind a figure."""


@kpi.command("list")
@data_dir_option
def kpi_list(data_dir: Path | None) -> None:
    """The catalogue of KPIs, with their numbers in ISO 22400-2."""
    from orchestration.explain import catalogue
    from orchestration.kpi_pages import show_catalogue

    with _published(settings_of(data_dir)) as con:
        show_catalogue(_console(UNBROKEN), catalogue(con))


@kpi.command("explain")
@data_dir_option
@click.argument("kpi_id")
@click.option("--plant", help="Which plant; needed where there are several.")
@click.option(
    "--scope",
    default="plant",
    show_default=True,
    help="For whom: plant, or a type and an id: machine=L1-M1, line=L1, item=4711.",
)
@click.option(
    "--period",
    help="2026-04-03 (a day), 2026-W14 (a week), 2026-04 (a month) or 2026-04-03/N (a shift). "
    "Default: the latest week that is over.",
)
@click.option("--rows", type=click.IntRange(0, 100_000), default=20, show_default=True)
def kpi_explain(
    data_dir: Path | None,
    kpi_id: str,
    plant: str | None,
    scope: str,
    period: str | None,
    rows: int,
) -> None:
    """A published figure, its fraction, the rows behind it, and the files and lines of each."""
    from orchestration.explain import NotExplained, explain
    from orchestration.kpi_pages import show_explanation

    with _published(settings_of(data_dir)) as con:
        try:
            explanation = explain(
                con, kpi_id, plant_id=plant, scope=scope, period=period, row_limit=rows
            )
        except NotExplained as error:
            _fail(error, 2)
        show_explanation(_console(UNBROKEN), explanation)


@main.group()
def sources() -> None:
    """Look at exports before they are delivered."""


@sources.command("check")
@data_dir_option
@click.argument("plant")
@click.argument("file", type=click.Path(path_type=Path))
def sources_check(data_dir: Path | None, plant: str, file: Path) -> None:
    """What would become of an export FILE of a PLANT; nothing is written.

    What is accepted, what is put aside and why with the first lines of each, which columns of the
    feeds stay empty, and the KPIs that read them.
    """
    from orchestration.export_check import check_export
    from orchestration.ingestion_pages import show_check

    console = _console()
    try:
        with console.status(f"reading {file.name}"):
            check = check_export(settings_of(data_dir), plant, file)
    except ConfigError as error:
        _fail(error, 2)
    show_check(console, check)


@sources.command("new")
@click.argument("name")
@click.option(
    "--from",
    "export",
    required=True,
    type=click.Path(path_type=Path),
    help="An export of the system, best a day or more of it.",
)
@click.option("--feed", help="What its rows are, where you know it: machine_states, ...")
@click.option("--sheet", help="The sheet of a workbook; else the one with most in it.")
def sources_new(name: str, export: Path, feed: str | None, sheet: str | None) -> None:
    """Draft the module of a source NAME from an export, to be finished by hand.

    What the file looks like becomes its dialect; of its columns, those that look like a feed's are
    mapped, and the rest is said in comments. CONTRIBUTING, "Add a source", goes on from there.
    """
    from ingestion.proposals import new_source
    from orchestration.ingestion_pages import show_draft

    console = _console()
    try:
        with console.status(f"reading {export.name}"):
            draft = new_source(name, export, feed, sheet)
    except ConfigError as error:
        _fail(error, 2)
    show_draft(console, name, draft)


class ListsFeeds(click.Command):
    """A command whose help ends with the names of the feeds."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names; only help waits for their modules."""
        from ingestion.feeds import FEEDS

        with formatter.section("Feeds"):
            formatter.write_text(", ".join(FEEDS))


@sources.command("template", cls=ListsFeeds)
@click.argument("feed")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def sources_template(feed: str, target: Path) -> None:
    """Write an empty CSV of a FEED to TARGET, for people who type: its columns are the feed's own.

    The source is called typed_csv. How to type each column is said on the screen.
    """
    from ingestion.feeds import FEEDS
    from orchestration.ingestion_pages import show_template

    if feed not in FEEDS:
        _fail(ConfigError(f"no feed {feed!r}; there are {', '.join(FEEDS)}"), 2)
    if target.exists():
        _fail(ConfigError(f"{target} exists already: nothing was written"), 2)
    show_template(_console(), feed, target)


def quarantine_filters(command: Command) -> Command:
    """Options that choose rows of the quarantine."""
    for name, what in (
        ("file", "Only this file, by its path below landing."),
        ("rule", "Only rows that break this rule."),
        ("source", "Only this source."),
        ("plant", "Only this plant."),
    ):
        command = click.option(f"--{name}", help=what)(command)
    return command


@main.group()
def quarantine() -> None:
    """Rows that were delivered and not taken in.

    They are read again by themselves on the night after their source module, the plant's code maps
    or its time zone were mended.
    """


@quarantine.command("list")
@data_dir_option
@quarantine_filters
def quarantine_list(data_dir: Path | None, **filters: str) -> None:
    """How many rows break which rule, and what to do about it."""
    from orchestration.ingestion_pages import show_counts
    from orchestration.quarantine import NoQuarantine, counts

    try:
        show_counts(_console(), counts(settings_of(data_dir), filters))
    except NoQuarantine as error:
        _fail(error, 2)


@quarantine.command("show")
@data_dir_option
@quarantine_filters
@click.option("--rows", "limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
def quarantine_show(data_dir: Path | None, limit: int, **filters: str) -> None:
    """The rows: file, line, column, value, rule and the text as delivered."""
    from orchestration.ingestion_pages import show_rows
    from orchestration.quarantine import NoQuarantine, rows

    try:
        show_rows(_console(), rows(settings_of(data_dir), filters, limit))
    except NoQuarantine as error:
        _fail(error, 2)


@quarantine.command("export")
@data_dir_option
@quarantine_filters
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def quarantine_export(data_dir: Path | None, target: Path, **filters: str) -> None:
    """Write the rows to TARGET as CSV, to send back to whoever delivered them."""
    from orchestration.quarantine import NoQuarantine, export

    try:
        qty = export(settings_of(data_dir), filters, target)
    except NoQuarantine as error:
        _fail(error, 2)
    click.echo(f"{qty:,} rows in {target}")


@quarantine.command("replay")
@data_dir_option
def quarantine_replay(data_dir: Path | None) -> None:
    """Read again, now, what was mended since: source modules, code maps, time zones.

    Files whose declaration did not change are left alone. The marts follow with the next night.
    """
    from orchestration.ingestion_pages import show_replay
    from orchestration.lock import NightIsRunning
    from orchestration.quarantine import NoQuarantine, replay

    console = _console()
    try:
        with console.status("reading again what was mended"):
            done = replay(settings_of(data_dir))
    except (NoQuarantine, ConfigError) as error:
        _fail(error, 2)
    except NightIsRunning as error:
        _fail(error, 5)
    show_replay(console, done)


@main.command()
@data_dir_option
@click.argument("column")
def lineage(data_dir: Path | None, column: str) -> None:
    """From a published COLUMN (mart_oee_daily.oee_ratio) or KPI (oee) back to exported columns.

    board.oee is what the board shows of it. Reads the SQL of the last night; takes some seconds.
    """
    from orchestration.lineage import NoLineage, trace
    from orchestration.lineage_page import show_trace

    console = _console()
    try:
        with console.status(f"reading the models behind {column}"):
            found = trace(settings_of(data_dir), column)
    except (NoLineage, ConfigError) as error:
        _fail(error, 2)
    show_trace(console, found)


@main.command()
@data_dir_option
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write into. Default: DATA/docs.",
)
def docs(data_dir: Path | None, target: Path | None) -> None:
    """Write the pages of every model: columns, tests, lineage up to the board. One file.

    It needs no server and no data, and takes a minute.
    """
    from orchestration.docs_site import write_docs
    from orchestration.errors import DbtFailed

    settings = settings_of(data_dir)
    folder = target.resolve() if target else settings.data_dir / "docs"
    try:
        with _console().status("writing the pages of the models"):
            page = write_docs(settings, folder)
    except (DbtFailed, OSError) as error:
        _fail(error, 2)
    click.echo(str(page))


@main.command()
@data_dir_option
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True)
@click.option("--machines", type=click.IntRange(2, 500), default=6, show_default=True)
@click.option(
    "--plants",
    type=click.IntRange(1, 3),
    default=1,
    show_default=True,
    help="How many plants of so many machines: Valencia, Santiago, Lord Howe, each with its own "
    "clocks, shifts and production day.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First production day. Default: so that 30 days hold a change of clocks.",
)
def simulate(
    data_dir: Path | None, days: int, machines: int, plants: int, seed: int, start: datetime | None
) -> None:
    """Write the exports of simulated plants, as their systems would.

    The same arguments write the same bytes. What really happened stands in DATA/truth, which the
    nightly line never reads.
    """
    from ingestion.simulator import SITES, PlantExists, SimulationRefused
    from ingestion.simulator import simulate as run_simulation

    settings = settings_of(data_dir)
    console = _console()
    first = start.date() if start else None
    for number, site in enumerate(SITES[:plants]):
        try:
            with console.status(f"simulating {days} days of {machines} machines in {site.name}"):
                summary = run_simulation(
                    settings.data_dir, days, machines, seed + number, first, site=site
                )
        except (PlantExists, SimulationRefused, ValueError, OverflowError) as error:
            _fail(error, 2)
        click.echo(str(summary))
    click.echo(f"next: leankpi nightly --data-dir {settings.data_dir}")


@main.command(context_settings={"ignore_unknown_options": True})
@data_dir_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def dev(data_dir: Path | None, arguments: tuple[str, ...]) -> None:
    """Open Dagster's own pages: lineage, runs, checks, the schedule.

    Whatever follows is passed on to `dagster dev`, for example `--port 3001`.
    """
    from orchestration.environment import executable, prepare

    prepare(settings_of(data_dir))
    command = [executable("dagster"), "dev", "-m", "orchestration.definitions", *arguments]
    os.execvp(command[0], command)


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@data_dir_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mf(data_dir: Path | None, arguments: tuple[str, ...]) -> None:
    """Ask the semantic layer for metrics of the published file.

    Whatever follows is passed on to MetricFlow's `mf`, for example
    `query --metrics oee,scrap_ratio --group-by metric_time__week,machine__line`.
    """
    from orchestration.environment import prepare
    from orchestration.metrics import NoMetrics, run_metricflow

    settings = settings_of(data_dir)
    prepare(settings)
    try:
        run_metricflow(settings, arguments)
    except NoMetrics as error:
        _fail(error, 2)


@contextmanager
def _published(settings: Settings) -> Iterator[Any]:
    """A read-only connection to what readers see."""
    import duckdb

    from orchestration.publish import current

    seen = current(settings)
    if seen is None:
        _fail(ConfigError(f"nothing is published in {settings.data_dir} yet: leankpi nightly"), 2)
    with duckdb.connect(str(seen), read_only=True) as con:
        yield con


#: Columns for pages whose ids and paths are looked for in a pipe.
UNBROKEN = 10_000


def _console(piped_width: int = 120) -> Any:
    from rich.console import Console

    # Bound to the terminal at hand: a night sends everybody else's words to a file. Eighty columns,
    # which a pipe is taken for, would wrap the tables.
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else piped_width)


def _fail(error: Exception, code: int) -> NoReturn:
    click.echo(f"leankpi: {error}", err=True)
    sys.exit(code)
