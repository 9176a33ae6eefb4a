"""The doors through which people reach a published figure, each giving the same keys."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import sqlalchemy as sa

from orchestration.board.letters import KPIS as KPIS_OF_THE_BOARD
from orchestration.board.pages import build_pages
from orchestration.board.reading import Published, read
from orchestration.export import export_workbook

#: KPI, plant, scope type, scope, period type, first date, shift.
Key = tuple[str, str, str, str, str, date, str | None]
#: A figure, None where it is withheld; and by how much what a door shows may be off by rounding.
Shown = tuple[float | None, float]

#: Sums are added up in another order.
EXACT = 1e-9


@dataclass(frozen=True)
class Figure:
    """A figure as kpi_values publishes it."""

    kpi_values_id: str
    value: float | None


def published_figures(file: Path) -> dict[Key, Figure]:
    """The first door: kpi_values of the published file."""
    with duckdb.connect(str(file), read_only=True) as con:
        rows = con.execute(
            """
            select
                kpi_id,
                plant_id,
                scope_type,
                scope_id,
                period_type,
                period_start_date,
                shift_id,
                kpi_values_id,
                value
            from kpi_values
            """
        ).fetchall()
    return {row[:7]: Figure(*row[7:]) for row in rows}


def differences(
    figures: Mapping[Key, Figure], shown: Mapping[Key, Shown]
) -> list[tuple[Key, float | None, float | None]]:
    """Where a door shows another number than kpi_values, or one that kpi_values does not have."""
    found = []
    for key, (number, tolerance) in shown.items():
        value = figures[key].value if key in figures else None
        if value is None or number is None:
            same = value is None and number is None
        else:
            same = abs(value - number) <= tolerance + EXACT * max(1.0, abs(value))
        if not same:
            found.append((key, value, number))
    return found


# --- the semantic layer ---------------------------------------------------------------------------


class _DuckDb:
    """What MetricFlow wants to know of a database in order to write its SQL."""

    @cached_property
    def sql_engine_type(self) -> Any:
        from metricflow.protocols.sql_client import SqlEngine

        return SqlEngine.DUCKDB

    @cached_property
    def sql_plan_renderer(self) -> Any:
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

        return DuckDbSqlPlanRenderer()


class SemanticLayer:
    """MetricFlow in this process, over a semantic manifest."""

    def __init__(self, manifest: str) -> None:
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow_semantics.model.dbt_manifest_parser import (
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        parsed = parse_manifest_from_dbt_generated_manifest(manifest)
        self._engine = MetricFlowEngine(SemanticManifestLookup(parsed), _DuckDb())

    def sql(self, metrics: Iterable[str], group_by: Iterable[str]) -> str:
        """What `mf query --metrics ... --group-by ...` runs."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics), group_by_names=list(group_by)
        )
        return str(self._engine.explain(request).sql_statement.sql)


@dataclass(frozen=True)
class Place:
    """A metric, and what to group it by for the figures of a KPI and scope."""

    kpi_id: str
    scope_type: str
    metric: str
    group_by: str | None
    period_types: frozenset[str]


def places(con: duckdb.DuckDBPyConnection) -> list[Place]:
    """Where the semantic layer has figures, as the published file says itself."""
    rows = con.execute(
        """
        select kpi_id, scope_type, metric, group_by, period_types
        from kpi_metrics
        join kpi_definitions using (kpi_id)
        where metric is not null
        """
    ).fetchall()
    return [Place(*place, frozenset(periods.split("|"))) for *place, periods in rows]


def metric_figures(
    layer: SemanticLayer, file: Path, period_type: str, kpis: Iterable[str] | None = None
) -> dict[Key, Shown]:
    """The second door: every metric (or those of some KPIs) by the scopes of kpi_values.

    One query per scope, whatever the number of KPIs.
    """
    is_shift = period_type == "shift"
    time = "metric_time__day" if is_shift else f"metric_time__{period_type}"
    shown: dict[Key, Shown] = {}
    with duckdb.connect(str(file), read_only=True) as con:
        asked: dict[tuple[str, str | None], list[Place]] = defaultdict(list)
        for place in places(con):
            if period_type in place.period_types and (kpis is None or place.kpi_id in kpis):
                asked[place.scope_type, place.group_by].append(place)
        for (scope_type, group_by), found in asked.items():
            names = [time, "plant", *([group_by] if group_by else [])]
            names += ["shift__shift_id", "shift__shift_kind"] if is_shift else []
            sql = layer.sql([place.metric for place in found], names)
            for row in _rows(con, sql):
                scope_id, start = row[group_by or "plant"], row[time]
                # Rows of no scope, and time outside shifts, are reported by nobody.
                if scope_id is None or start is None:
                    continue
                if is_shift and row["shift__shift_kind"] != "shift":
                    continue
                shift_id = row["shift__shift_id"] if is_shift else None
                for place in found:
                    scope = (place.kpi_id, row["plant"], scope_type, scope_id)
                    shown[*scope, period_type, start.date(), shift_id] = (row[place.metric], 0.0)
    return shown


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        yield dict(zip(names, row, strict=True))


# --- a BI tool ------------------------------------------------------------------------------------


def bi_figures(file: Path) -> dict[Key, Shown]:
    """The third door: what a tool over SQLAlchemy gets that adds up the fractions itself.

    Figures that are no fraction (medians) it takes as they are.
    """
    query = """
        select
            kpi_id, plant_id, scope_type, scope_id, period_type, period_start_date, shift_id,
            case
                when max(cast(is_withheld as integer)) = 0
                then coalesce(sum(numerator) / nullif(sum(denominator), 0), max(value))
            end as figure
        from kpi_values
        group by
            kpi_id, plant_id, scope_type, scope_id, period_type, period_start_date, shift_id
    """
    engine = sa.create_engine(f"duckdb:///{file}", connect_args={"read_only": True})
    with engine.connect() as con:
        rows = [tuple(row) for row in con.execute(sa.text(query))]
    engine.dispose()
    return {row[:7]: (row[7], 0.0) for row in rows}


# --- the workbook ---------------------------------------------------------------------------------


def workbook_figures(file: Path, folder: Path) -> dict[Key, Shown]:
    """The fourth door: the sheet of figures (days, weeks and months) of `leankpi export`."""
    book = folder / "leankpi.xlsx"
    export_workbook(file, book)
    rows = pl.read_excel(
        book,
        sheet_name="KPI",
        read_options={"header_row": 1},
        schema_overrides={"value": pl.Float64, "period_start_date": pl.Date},
        columns=[
            "kpi_id",
            "plant_id",
            "scope_type",
            "scope_id",
            "period_type",
            "period_start_date",
            "value",
        ],
    )
    names = ["kpi_id", "plant_id", "scope_type", "scope_id", "period_type", "period_start_date"]
    return {(*key, None): (value, 0.0) for *key, value in rows.select(*names, "value").iter_rows()}


# --- the board ------------------------------------------------------------------------------------

#: A row of a page behind the board: the start of the figure's id, its period and its value.
ROW = re.compile(r'<tr id="(\w{12})"><td>[^<]*<td>([^<]*)<td>')
NUMBER = re.compile(r"-?[\d,]+(?:\.(\d+))?")


def board_figures(file: Path, figures: Mapping[Key, Figure]) -> dict[Key, Shown]:
    """The board: the numbers on its pages, of enough plants to show all its KPIs."""
    key_of = {figure.kpi_values_id[:12]: key for key, figure in figures.items()}
    published = _enough_plants(read(file))
    return {
        key_of[anchor]: _shown(text)
        for name, html in build_pages(published)
        if name.startswith("en/")
        for anchor, text in ROW.findall(html)
    }


def _enough_plants(published: Published) -> Published:
    missing, chosen = set(KPIS_OF_THE_BOARD), []
    for plant in published.plants:
        has = {
            kpi_id
            for (_, kpi_id, _), found in plant.figures.items()
            if any(figure.value is not None for figure in found)
        }
        if has & missing:
            chosen.append(plant)
            missing -= has
    return replace(published, plants=chosen)


def _shown(text: str) -> Shown:
    """A number as it is printed, and half of its last digit."""
    number = NUMBER.match(text)
    if number is None:
        assert text == "withheld", text
        return None, 0.0
    per_cent = 0.01 if "%" in text else 1.0
    half = 0.5 * 10.0 ** -len(number[1] or "")
    return float(number[0].replace(",", "")) * per_cent, half * per_cent
