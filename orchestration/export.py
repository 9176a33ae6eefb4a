"""What people take away from a published file: a workbook, or its tables as Parquet or CSV.

The workbook is for reading, with units, number formats and times in the plant's own clocks.
Parquet and CSV hold the tables as they are published, for programs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.plain_text import unformula

if TYPE_CHECKING:
    import duckdb

    from orchestration.workbook import Column, SheetWriter

FORMATS = ("xlsx", "parquet", "csv")
WORKBOOK_NAME = "leankpi.xlsx"
#: Sheets of the workbook that nobody chose tables for: a star each, by what it is about.
STARS = {
    "mart_oee_daily": "OEE",
    "mart_time_losses": "Time losses",
    "mart_stop_pareto": "Stops",
    "mart_scrap_daily": "Scrap",
    "mart_scrap_pareto": "Rejections",
    "mart_lead_time_weekly": "Lead time",
    "mart_inventory_turns_monthly": "Inventory turns",
    "mart_maintenance_monthly": "Maintenance",
    "fct_sales_order_line": "Sales orders",
    "fct_purchase_order_line": "Purchase orders",
    "fct_labour_time": "Labour",
    "fct_energy": "Energy",
    "fct_material_balance": "Material",
    "fct_measurement_subgroup": "Measurements",
}
#: Tables that go with any others: without them the rest cannot be understood.
ALWAYS = ("catalogue", "publication")
FETCHED_ROWS = 10_000
TEXT_WIDTH = 32


class ExportError(RuntimeError):
    """What was asked for is not there, or the folder cannot be written."""


@dataclass(frozen=True)
class Exported:
    """A table or sheet that was written: its rows, those that found no room, and cut texts."""

    name: str
    table: str
    rows: int
    left_out_rows: int = 0
    cut_cells: int = 0


def export_tables(
    published: Path,
    folder: Path,
    format: str,
    *,
    plants: Sequence[str] = (),
    tables: Sequence[str] = (),
) -> list[Exported]:
    """Write published tables into `folder`, each as `<table>.parquet` or `<table>.csv`.

    `plants`: only rows of these; `tables`: names or patterns such as `fct_*`, none means all.
    Values are as published, times in UTC. In CSV a text that a spreadsheet would take for a formula
    gets an apostrophe in front; numbers never do. Raises ExportError, duckdb.Error and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    with _opened(published, plants) as con:
        chosen = _chosen(con, tables or ("*",))
        for table in dict.fromkeys([*chosen, *_chosen(con, ALWAYS)]):
            columns = _columns(con, table)
            cells = [
                unformula(_name(name)) if format == "csv" and kind == "VARCHAR" else _name(name)
                for name, kind in columns.items()
            ]
            query = f"select {', '.join(cells)} from {_name(table)}{_where(columns, plants)}"
            options = "format csv, header" if format == "csv" else "format parquet, codec 'zstd'"
            with _replaced(folder / f"{table}.{format}") as path:
                rows = con.execute(f"copy ({query}) to {_text(path)} ({options})").fetchall()[0][0]
            done.append(Exported(f"{table}.{format}", table, rows))
    return done


def export_workbook(
    published: Path,
    to: Path,
    *,
    plants: Sequence[str] = (),
    tables: Sequence[str] = (),
    sheet_rows: int | None = None,
) -> list[Exported]:
    """Write the workbook `to`; what its sheets hold, and what found no room in them.

    A cover with the night, its coverage and checks; `KPI` with every figure of a day, week or
    month; what is withheld and why; a sheet per star, or per table of `tables` (names or
    patterns); and the meaning of every column. `plants`: only rows of these. A sheet holds
    `sheet_rows` rows, by default as many as Excel can, of which the newest stay; the cover says
    what was left out. Raises ExportError, duckdb.Error and OSError.
    """
    from orchestration.workbook import HEAD_ROWS, SHEET_ROWS, SheetWriter, open_workbook

    limit = sheet_rows or SHEET_ROWS - HEAD_ROWS
    to.parent.mkdir(parents=True, exist_ok=True)
    with _opened(published, plants) as con, _replaced(to) as path:
        chosen = {table: table for table in _chosen(con, tables)} if tables else _stars(con)
        queries = {"KPI": ("kpi_values", *_kpi_sheet(con, plants))}
        queries |= {
            title: (table, *_table_sheet(con, table, plants)) for table, title in chosen.items()
        }
        sizes = {title: _count(con, query) for title, (_, query, _) in queries.items()}
        with open_workbook(path, str(to.parent)) as workbook:
            writer = SheetWriter(workbook)
            left_out = {title: max(0, rows - limit) for title, rows in sizes.items()}
            about = {title: (table, sizes[title]) for title, (table, _, _) in queries.items()}
            writer.page("Cover", _cover(con, plants, about, left_out), (30, 24, 16, 16, 70))
            done = []
            for title, (table, query, columns) in queries.items():
                if sizes[title] or table not in STARS:
                    rows = _rows(con, f"{query} limit {limit}", columns)
                    written = writer.table(title, columns, rows)
                    done.append(
                        Exported(title, table, written.rows, left_out[title], written.cut_cells)
                    )
            _add_withheld(con, writer, plants)
            _add_dictionary(con, writer, sorted({table for table, _ in about.values()}))
    return done


# --- what there is --------------------------------------------------------------------------------


@contextmanager
def _opened(published: Path, plants: Sequence[str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file, which must know the plants asked for."""
    import duckdb

    with duckdb.connect(str(published), read_only=True) as con:
        con.execute("set enable_progress_bar = false")
        known = [row[0] for row in con.execute("select plant_id from dim_plant").fetchall()]
        for plant in plants:
            if plant not in known:
                raise ExportError(f"no plant {plant!r} is published; there are {', '.join(known)}")
        yield con


def _chosen(con: duckdb.DuckDBPyConnection, patterns: Sequence[str]) -> list[str]:
    """Published tables of these names or patterns, in the order of the patterns."""
    known = [
        row[0]
        for row in con.execute("select table_name from duckdb_tables() order by 1").fetchall()
    ]
    found: dict[str, None] = {}
    for pattern in patterns:
        matching = [table for table in known if fnmatchcase(table, pattern)]
        if not matching:
            raise ExportError(f"no published table {pattern!r}; there are {', '.join(known)}")
        found |= dict.fromkeys(matching)
    return list(found)


def _stars(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    known = _chosen(con, ("*",))
    return {table: title for table, title in STARS.items() if table in known}


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Columns of a published table with their types."""
    return {
        name: kind
        for name, kind in con.execute(
            "select column_name, data_type from duckdb_columns() where table_name = ? "
            "order by column_index",
            [table],
        ).fetchall()
    }


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(f"select count(*) from ({query})").fetchall()[0][0])


# --- sheets ---------------------------------------------------------------------------------------


def _kpi_sheet(con: duckdb.DuckDBPyConnection, plants: Sequence[str]) -> tuple[str, list[Column]]:
    """Figures of days, weeks and months; of a sheet that is too small the months stay longest."""
    query = f"""
        select
            figures.plant_id,
            kpi_definitions.kpi_name,
            figures.kpi_id,
            figures.scope_type,
            figures.scope_id,
            figures.period_type,
            figures.period_start_date,
            kpi_periods.is_over,
            figures.value,
            case when figures.unit = 'currency' then dim_plant.currency else figures.unit end
            as unit,
            figures.numerator,
            figures.denominator,
            figures.coverage_ratio,
            figures.withheld_reason,
            figures.target_value,
            mart_kpi_targets.status,
            figures.signal,
            figures.unit as "look"
        from kpi_values as figures
        left join kpi_definitions on kpi_definitions.kpi_id = figures.kpi_id
        left join dim_plant on dim_plant.plant_id = figures.plant_id
        left join mart_kpi_targets on mart_kpi_targets.kpi_values_id = figures.kpi_values_id
        left join
            kpi_periods
            on kpi_periods.plant_id = figures.plant_id
            and kpi_periods.period_type = figures.period_type
            and kpi_periods.period_start_date = figures.period_start_date
        where figures.period_type <> 'shift'{_and_plants("figures.plant_id", plants)}
        order by
            case figures.period_type when 'month' then 1 when 'week' then 2 else 3 end,
            figures.period_start_date desc,
            figures.plant_id,
            figures.kpi_id,
            case figures.scope_type when 'plant' then 1 when 'line' then 2 else 3 end,
            figures.scope_type,
            figures.scope_id
    """
    meanings = {
        "kpi_name": ("VARCHAR", "The KPI's name; its formula stands in kpi_definitions."),
        "status": ("VARCHAR", "green or red, where the target judges the figure."),
        "is_over": (
            "BOOLEAN",
            "False while the period runs: its figure is of what is known so far.",
        ),
    }
    return query, _sheet_columns(con, "kpi_values", query, meanings)


def _table_sheet(
    con: duckdb.DuckDBPyConnection, table: str, plants: Sequence[str]
) -> tuple[str, list[Column]]:
    """A table for people: newest first, times in the plant's clocks, without hashes for joins."""
    columns = {
        name: kind for name, kind in _columns(con, table).items() if not name.endswith("_key")
    }
    has_plant = "plant_id" in columns
    cells = [
        f"timezone(dim_plant.time_zone, timezone('UTC', facts.{_name(name)})) as {_name(name)}"
        if has_plant and kind == "TIMESTAMP"
        else f"facts.{_name(name)}"
        for name, kind in columns.items()
    ]
    newest = [f"facts.{_name(name)} desc" for name, kind in columns.items() if kind == "DATE"][:1]
    by_name = [f"facts.{_name(name)}" for name, kind in columns.items() if kind == "VARCHAR"]
    order = ", ".join([*newest, *by_name]) or "all"
    source = f"{_name(table)} as facts"
    look = "cast(null as varchar)"
    if has_plant:
        source += " left join dim_plant on dim_plant.plant_id = facts.plant_id"
        look = "dim_plant.currency"
    query = (
        f'select {", ".join(cells)}, {look} as "look" from {source} '
        f"where true{_and_plants('facts.plant_id', plants) if has_plant else ''} order by {order}"
    )
    return query, _sheet_columns(con, table, query, {})


def _sheet_columns(
    con: duckdb.DuckDBPyConnection,
    table: str,
    query: str,
    added: dict[str, tuple[str, str]],
) -> list[Column]:
    """Columns of a sheet, as wide as what they hold."""
    from orchestration.workbook import WIDEST, Column, unit_and_look

    published = _columns(con, table)
    notes = _notes(con, table)
    currencies, zones = (
        [row[0] for row in con.execute(f"select distinct {what} from dim_plant").fetchall()]
        for what in ("currency", "time_zone")
    )
    currency = currencies[0] if len(currencies) == 1 else ""
    zone = zones[0] if len(zones) == 1 else "the plant's time"
    names = [column[0] for column in con.execute(f"{query} limit 0").description][:-1]
    texts = [name for name in names if (published.get(name) or added[name][0]) == "VARCHAR"]
    longest = dict.fromkeys(names, 0)
    if texts:
        lengths = ", ".join(f"max(length({_name(name)}))" for name in texts)
        found = con.execute(f"select {lengths} from ({query})").fetchall()[0]
        longest |= {name: length or 0 for name, length in zip(texts, found, strict=True)}
    columns = []
    for name in names:
        kind, note = added.get(name) or (published[name], notes[name])
        place = zone if "plant_id" in names else "UTC"
        unit, look = unit_and_look(name, kind, currency or "", place)
        width = min(max(len(name) + 4, longest[name] + 2, 12), WIDEST)
        columns.append(Column(name, unit, look, width, note))
    return columns


def _notes(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """What the columns of a table mean."""
    return {
        name: comment or ""
        for name, comment in con.execute(
            "select column_name, comment from duckdb_columns() where table_name = ?", [table]
        ).fetchall()
    }


def _rows(
    con: duckdb.DuckDBPyConnection, query: str, columns: Sequence[Column]
) -> Iterator[tuple[tuple[Any, ...], list[str | None]]]:
    """Rows of a sheet with the formats of their cells; the query's last column says which.

    It is the unit of a KPI, whose figures look by it, or the currency that amounts are in.
    """
    from orchestration.workbook import PLAIN_NUMBER, amount_look

    figures = [column.name in ("value", "target_value") for column in columns]
    amounts = [column.name.endswith("_amount") for column in columns]
    is_kpi = "kpi_name" in {column.name for column in columns}
    unit_at = next((at for at, column in enumerate(columns) if column.name == "unit"), None)
    looks: dict[tuple[Any, Any], list[str | None]] = {}
    cursor = con.execute(query)
    while rows := cursor.fetchmany(FETCHED_ROWS):
        for *cells, key in rows:
            unit = cells[unit_at] if unit_at is not None else None
            if (key, unit) not in looks:
                if is_kpi:
                    by_unit = {"ratio": "0.0%", "currency": amount_look(unit)}
                    look = by_unit.get(key, PLAIN_NUMBER)
                    looks[key, unit] = [look if is_figure else None for is_figure in figures]
                else:
                    look = amount_look(key)
                    looks[key, unit] = [look if is_amount else None for is_amount in amounts]
            yield tuple(cells), looks[key, unit]


def _add_withheld(
    con: duckdb.DuckDBPyConnection, writer: SheetWriter, plants: Sequence[str]
) -> None:
    """Per plant and KPI: how many figures there are, how many are withheld, and why lately."""
    from orchestration.workbook import Column

    rows = con.execute(
        f"""
        select
            figures.plant_id,
            any_value(kpi_definitions.kpi_name),
            figures.kpi_id,
            count(*),
            count(*) filter (figures.is_withheld),
            max(figures.period_start_date) filter (figures.is_withheld),
            arg_max(figures.withheld_reason, figures.period_start_date)
                filter (figures.is_withheld)
        from kpi_values as figures
        left join kpi_definitions on kpi_definitions.kpi_id = figures.kpi_id
        where figures.period_type <> 'shift'{_and_plants("figures.plant_id", plants)}
        group by figures.plant_id, figures.kpi_id
        having count(*) filter (figures.is_withheld) > 0
        order by figures.plant_id, 5 desc, figures.kpi_id
        """
    ).fetchall()
    columns = [
        Column("plant_id", "", "", 12),
        Column("kpi_name", "", "", TEXT_WIDTH),
        Column("kpi_id", "", "", TEXT_WIDTH),
        Column("figure_qty", "figures", "#,##0", 14),
        Column("withheld_qty", "figures", "#,##0", 14),
        Column("latest_withheld_date", "date", "yyyy-mm-dd", 22),
        Column("latest_withheld_reason", "", "", 70),
    ]
    writer.table("Withheld", columns, ((row, [None] * len(columns)) for row in rows))


def _add_dictionary(
    con: duckdb.DuckDBPyConnection, writer: SheetWriter, tables: Sequence[str]
) -> None:
    """What every column means, hashes for joins included: they stand in Parquet and CSV."""
    from orchestration.workbook import Column, unit_and_look

    columns = [
        Column("table_name", "", "", TEXT_WIDTH),
        Column("column_name", "", "", TEXT_WIDTH),
        Column("unit", "", "", 16),
        Column("data_type", "", "", 16),
        Column("description", "", "", 110),
    ]
    rows = con.execute(
        "select table_name, column_name, data_type, description from catalogue "
        "where list_contains(?, table_name) order by table_name, rowid",
        [list(tables)],
    ).fetchall()
    writer.table(
        "Dictionary",
        columns,
        (
            (
                (
                    table,
                    name,
                    unit_and_look(name, kind, "", "the plant's time")[0] if name else None,
                    kind,
                    text,
                ),
                [None] * len(columns),
            )
            for table, name, kind, text in rows
        ),
    )


# --- the cover ------------------------------------------------------------------------------------


def _cover(
    con: duckdb.DuckDBPyConnection,
    plants: Sequence[str],
    sheets: dict[str, tuple[str, int]],
    left_out: dict[str, int],
) -> Iterator[Sequence[Any]]:
    """Which night this is, how far its figures can be relied on, and what stands where."""
    yield ("Lean KPIs",)
    published_at: datetime = con.execute("select published_at from publication").fetchall()[0][0]
    yield "Published", f"{published_at:%Y-%m-%d %H:%M} UTC"
    yield "Plants", ", ".join(plants) or "all"
    yield ()
    yield ("How far the figures reach",)
    yield "plant", "known until (its time)", "latest day that is over"
    yield from con.execute(
        f"""
        select
            coalesce(plant_name, dim_plant.plant_id) || ' (' || dim_plant.plant_id || ')',
            strftime(
                timezone(any_value(time_zone), timezone('UTC', max(watermark_at))),
                '%Y-%m-%d %H:%M'
            ) || ' ' || any_value(time_zone),
            (
                select cast(max(period_start_date) as varchar)
                from kpi_periods
                where
                    kpi_periods.plant_id = dim_plant.plant_id
                    and period_type = 'day'
                    and is_over
            )
        from dim_plant
        left join deliveries on deliveries.plant_id = dim_plant.plant_id
        where true{_and_plants("dim_plant.plant_id", plants)}
        group by plant_name, dim_plant.plant_id
        order by 1
        """
    ).fetchall()
    yield ()
    yield ("Coverage of the latest weeks",)
    yield "plant", "week from", "machine time observed", "output with a standard", "rows put aside"
    yield from con.execute(
        f"""
        select
            plant_id,
            cast(period_start_date as varchar),
            {_percent("observed_time_ratio")},
            {_percent("rated_output_ratio")},
            {_percent("quarantined_row_ratio")}
        from mart_coverage
        where
            scope_type = 'plant' and period_type = 'week'{_and_plants("plant_id", plants)}
        qualify row_number() over (partition by plant_id order by period_start_date desc) <= 4
        order by plant_id, period_start_date desc
        """
    ).fetchall()
    yield ()
    figure_qty, withheld_qty, shift_figure_qty = con.execute(
        "select count(*) filter (period_type <> 'shift'), "
        "count(*) filter (period_type <> 'shift' and is_withheld), "
        "count(*) filter (period_type = 'shift') "
        f"from kpi_values where true{_and_plants('plant_id', plants)}"
    ).fetchall()[0]
    yield ("Withheld",)
    yield "figures", figure_qty
    yield "of them withheld", withheld_qty, "their reasons: sheet Withheld, and withheld_reason"
    yield ()
    yield ("Checks",)
    yield "run", con.execute("select count(*) from data_quality").fetchall()[0][0]
    yield from con.execute(
        "select 'warning', fact, check_name from data_quality where not passed order by 2, 3"
    ).fetchall()
    yield ()
    yield ("Sheets",)
    yield "sheet", "table", "rows", "left out", "what it holds"
    for title, (table, rows) in sheets.items():
        comment = con.execute(
            "select comment from duckdb_tables() where table_name = ?", [table]
        ).fetchall()[0][0]
        name = title if rows or table not in STARS else f"{title} (no sheet: no rows)"
        yield (
            name,
            table,
            rows - left_out[title],
            left_out[title] + (shift_figure_qty if title == "KPI" else 0),
            " ".join((comment or "").split()),
        )
    yield "Withheld", "kpi_values", "", "", "Per KPI: how many figures are withheld, and why."
    yield "Dictionary", "catalogue", "", "", "What every column means, with its unit."
    if shift_figure_qty or any(left_out.values()):
        yield ()
        yield ("Left out",)
        if shift_figure_qty:
            yield (
                "KPI",
                f"{shift_figure_qty:,} figures of shifts. All of them: {way_to('kpi_values')}",
            )
        for title, rows in left_out.items():
            if rows:
                table = sheets[title][0]
                yield (
                    title,
                    f"{rows:,} rows found no room, the oldest. All of them: {way_to(table)}",
                )
    yield ()
    yield ("How to read it",)
    for line in (
        "An empty value is not known, which is not zero; withheld_reason says why.",
        "Never average a value: sum numerator and denominator, then divide.",
        "Where is_over is false the period still runs: its figure is of what is known so far.",
        "Columns that end in _key join tables; they stand in Parquet and CSV only.",
        "Times are the plant's; the row above the names says the units.",
    ):
        yield "", line


def way_to(table: str) -> str:
    """The command that brings all rows of a table."""
    return f"leankpi export --format parquet --tables {table}"


def _percent(column: str) -> str:
    return f"printf('%.1f%%', 100 * {column})"


# --- names, and files -----------------------------------------------------------------------------


def _where(columns: dict[str, str], plants: Sequence[str]) -> str:
    return f" where true{_and_plants('plant_id', plants)}" if "plant_id" in columns else ""


def _and_plants(column: str, plants: Sequence[str]) -> str:
    return f" and {column} in ({', '.join(map(_text, plants))})" if plants else ""


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@contextmanager
def _replaced(path: Path) -> Iterator[str]:
    """A file beside `path` to write into, which takes its place when it is complete."""
    building = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield str(building)
        building.replace(path)
    finally:
        building.unlink(missing_ok=True)
