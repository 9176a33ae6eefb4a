"""What stands behind a published figure: its fraction, the rows it adds up, and their lines.

Reads the published file alone, so that it can be asked at any time. Which facts a KPI adds up, and
by which of their dates, is said by the catalogue (`kpi_definitions.facts`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb


class NotExplained(ValueError):
    """There is no such KPI, scope or period; the message says what there is."""


#: What is shown of a fact's rows.
COLUMNS = {
    "fct_energy": ("meter_id", "energy_carrier", "machine_id", "production_date", "energy_kwh"),
    "fct_inventory_daily": (
        "item_id",
        "location_id",
        "stock_date",
        "closing_qty",
        "closing_value_amount",
        "movement_qty",
    ),
    "fct_labour_time": ("machine_id", "production_date", "apwt_s", "apat_s"),
    "fct_machine_state": ("machine_id", "start_at", "end_at", "state", "duration_s"),
    "fct_maintenance_order": (
        "machine_id",
        "maintenance_order_id",
        "maintenance_kind",
        "started_at",
        "work_s",
    ),
    "fct_material_balance": (
        "balance_id",
        "item_id",
        "uom",
        "consumed_qty",
        "good_qty",
        "integrated_good_qty",
    ),
    "fct_measurement_subgroup": (
        "characteristic_id",
        "machine_id",
        "item_id",
        "first_measured_at",
        "measurement_qty",
        "measured_sum",
    ),
    "fct_order_lead_time": ("order_id", "item_id", "released_at", "completed_at", "lead_time_s"),
    "fct_order_operation": (
        "operation_id",
        "order_id",
        "started_at",
        "first_pass_produced_qty",
        "aubt_s",
        "execution_s",
    ),
    "fct_production": (
        "machine_id",
        "item_id",
        "start_at",
        "pass_no",
        "produced_qty",
        "good_qty",
        "ideal_s",
        "good_ideal_s",
    ),
    "fct_purchase_order_line": (
        "purchase_order_line_id",
        "item_id",
        "ordered_qty",
        "received_qty",
        "first_promised_date",
        "received_date",
    ),
    "fct_sales_order_line": (
        "sales_order_line_id",
        "item_id",
        "ordered_qty",
        "delivered_qty",
        "first_promised_date",
        "delivered_date",
    ),
    "fct_stock_movement": ("item_id", "movement_class", "moved_qty", "standard_value_amount"),
}
#: Facts whose rows add up several lines: movements since the first, single values of a sample, and
#: what single people did, which does not leave the warehouse.
SUMMED = ("fct_inventory_daily", "fct_labour_time", "fct_measurement_subgroup")
#: Scope types that are found through a dimension: its table, its key, and its column.
SCOPES = {
    "machine": ("dim_machine", "machine_key", "machine_id"),
    "line": ("dim_machine", "machine_key", "line_id"),
    "item": ("dim_item", "item_key", "item_id"),
    "item_type": ("dim_item", "item_key", "item_type"),
}
#: Facts of no machine: what customers ask for counts whole on every machine that can make it.
WITHOUT_MACHINE = ("fct_sales_order_line",)


@dataclass(frozen=True)
class Period:
    """A period of kpi_values, as people write it."""

    period_type: str
    first_date: date
    #: Its code; its id where several shifts of a day have the same code.
    shift: str | None = None

    @classmethod
    def parse(cls, text: str) -> Period:
        """`2026-04-03` (day), `2026-W14` (week), `2026-04` (month), `2026-04-03/N` (shift)."""
        day, _, shift = text.partition("/")
        try:
            if re.fullmatch(r"\d{4}-W\d{1,2}", day):
                year, week = day.split("-W")
                return cls("week", date.fromisocalendar(int(year), int(week), 1))
            if re.fullmatch(r"\d{4}-\d{2}", day):
                return cls("month", date.fromisoformat(f"{day}-01"))
            first = date.fromisoformat(day)
        except ValueError:
            raise NotExplained(
                f"{text!r} is no period: write 2026-04-03 (a day), 2026-W14 (a week), 2026-04 "
                "(a month) or 2026-04-03/N (a shift)"
            ) from None
        return cls("shift" if shift else "day", first, shift or None)

    @property
    def last_date(self) -> date:
        """The last date of the period."""
        if self.period_type == "week":
            return self.first_date + timedelta(days=6)
        if self.period_type == "month":
            return (self.first_date + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return self.first_date

    def __str__(self) -> str:
        if self.period_type == "week":
            year, week, _ = self.first_date.isocalendar()
            return f"{year}-W{week:02}"
        if self.period_type == "month":
            return f"{self.first_date:%Y-%m}"
        shift = f"/{self.shift}" if self.shift else ""
        return f"{self.first_date}{shift}"


@dataclass(frozen=True)
class Rows:
    """Rows of one fact behind a figure."""

    fact: str
    columns: tuple[str, ...]
    #: Values of the columns, then file and line.
    rows: list[tuple[Any, ...]]
    row_qty: int
    file_qty: int


@dataclass(frozen=True)
class Explanation:
    """A published figure and all that stands behind it."""

    definition: dict[str, Any]
    plant_id: str
    scope_type: str
    scope_id: str
    period: Period
    #: Whether the newest delivery of the plant knows all of the period (of a shift: of its day).
    is_over: bool
    #: The plant's, which the times of the rows are in.
    time_zone: str
    figure: dict[str, Any]
    rows: list[Rows]
    restatements: list[dict[str, Any]]


def catalogue(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every KPI: those of the standard first, by its numbers."""
    return _dicts(con, "select * from kpi_definitions order by iso_22400_no nulls last, kpi_id")


def explain(
    con: duckdb.DuckDBPyConnection,
    kpi_id: str,
    *,
    plant_id: str | None = None,
    scope: str = "plant",
    period: str | None = None,
    row_limit: int = 20,
) -> Explanation:
    """The figure of a KPI, and up to `row_limit` rows of each fact it adds up.

    `scope` is `plant` or a type and an id (`machine=L1-M1`); without a plant the only one there
    is counts, without a period the latest week that is over and has a figure.
    NotExplained where there is no such figure.
    """
    definitions = {row["kpi_id"]: row for row in catalogue(con)}
    if kpi_id not in definitions:
        raise NotExplained(f"no KPI {kpi_id!r}; there are {', '.join(sorted(definitions))}")
    plant_id = plant_id or _only_plant(con)
    scope_type, _, scope_id = scope.partition("=")
    if scope_type == "plant":
        scope_id = scope_id or plant_id
    of = (kpi_id, plant_id, scope_type, scope_id)
    chosen = Period.parse(period) if period else _latest(con, *of)
    figure = _figure(con, kpi_id, plant_id, scope_type, scope_id, chosen)
    facts = definitions[kpi_id]["facts"].split("|")
    time_zone = _time_zone(con, plant_id)
    return Explanation(
        definition=definitions[kpi_id],
        plant_id=plant_id,
        scope_type=scope_type,
        scope_id=scope_id,
        period=chosen,
        is_over=_is_over(con, plant_id, chosen),
        time_zone=time_zone,
        figure=figure,
        rows=[
            _rows(
                con, fact, (plant_id, time_zone), (scope_type, scope_id), chosen, figure, row_limit
            )
            for fact in facts
        ],
        restatements=_dicts(
            con,
            "select * from mart_restatements where plant_id = ? and kpi_id = ? and scope_type = ? "
            "and scope_id = ? and period_type = ? and period_start_date = ? "
            "and shift_id is not distinct from ? order by restated_at",
            plant_id,
            kpi_id,
            scope_type,
            scope_id,
            chosen.period_type,
            chosen.first_date,
            figure["shift_id"],
        ),
    )


def _only_plant(con: duckdb.DuckDBPyConnection) -> str:
    plants = [row["plant_id"] for row in _dicts(con, "select plant_id from dim_plant order by 1")]
    if len(plants) != 1:
        raise NotExplained(f"say which plant: --plant {' | '.join(plants)}")
    return str(plants[0])


def _time_zone(con: duckdb.DuckDBPyConnection, plant_id: str) -> str:
    zones = _dicts(con, "select time_zone from dim_plant where plant_id = ?", plant_id)
    return str(zones[0]["time_zone"] or "UTC") if zones else "UTC"


def _is_over(con: duckdb.DuckDBPyConnection, plant_id: str, period: Period) -> bool:
    length = "day" if period.period_type == "shift" else period.period_type
    found = _dicts(
        con,
        "select is_over from kpi_periods "
        "where plant_id = ? and period_type = ? and period_start_date = ?",
        plant_id,
        length,
        period.first_date,
    )
    return bool(found and found[0]["is_over"])


def _latest(
    con: duckdb.DuckDBPyConnection, kpi_id: str, plant_id: str, scope_type: str, scope_id: str
) -> Period:
    """The latest week with a figure of the KPI, or what is reported instead of weeks.

    One that is over goes before one that still runs, whose figure is that of its first days.
    Where the scope has no figure at all, that of its neighbours, so that `_figure` can name them.
    """
    found = _dicts(
        con,
        "select period_type, coalesce("
        "max(period_start_date) filter (value is not null and is_over), "
        "max(period_start_date) filter (value is not null), "
        "max(period_start_date) filter (is_over), "
        "max(period_start_date)) as first_date from kpi_values "
        "left join kpi_periods using (plant_id, period_type, period_start_date) "
        "where kpi_id = ? and plant_id = ? and scope_type = ? and shift_id is null "
        "group by scope_id, period_type "
        "order by scope_id <> ?, period_type <> 'week', count(value) = 0, period_type",
        kpi_id,
        plant_id,
        scope_type,
        scope_id,
    )
    if not found:
        raise NotExplained(f"{kpi_id} has no figure for a {scope_type} of {plant_id}")
    return Period(found[0]["period_type"], found[0]["first_date"])


def _figure(
    con: duckdb.DuckDBPyConnection,
    kpi_id: str,
    plant_id: str,
    scope_type: str,
    scope_id: str,
    period: Period,
) -> dict[str, Any]:
    figures = _dicts(
        con,
        """
        select facts.*
        from kpi_values as facts
        left join
            dim_shift as shifts
            on shifts.plant_id = facts.plant_id and shifts.shift_id = facts.shift_id
        where
            facts.kpi_id = ? and facts.plant_id = ? and facts.scope_type = ?
            and facts.scope_id = ? and facts.period_type = ? and facts.period_start_date = ?
            and (? is null or shifts.shift_code = ? or shifts.shift_id = ?)
        """,
        kpi_id,
        plant_id,
        scope_type,
        scope_id,
        period.period_type,
        period.first_date,
        *[period.shift] * 3,
    )
    if len(figures) == 1:
        return figures[0]
    if figures:
        written = sorted(f"{period.first_date}/{row['shift_id']}" for row in figures)
        raise NotExplained(
            f"several shifts of {scope_id} are called {period.shift} on that day: write one of "
            f"{', '.join(written)}"
        )
    known = _dicts(
        con,
        "select scope_type, min(scope_id) as scope_id, period_type, "
        "min(period_start_date) as first_date, max(period_start_date) as last_date "
        "from kpi_values where kpi_id = ? and plant_id = ? group by scope_type, period_type "
        "order by all",
        kpi_id,
        plant_id,
    )
    there_is = "; ".join(
        f"{row['scope_type']} (such as {row['scope_id']}) by {row['period_type']}, "
        f"{row['first_date']} to {row['last_date']}"
        for row in known
    )
    raise NotExplained(
        f"no figure of {kpi_id} for {scope_type} {scope_id} of {plant_id} in {period}; "
        f"there is: {there_is or 'none for this plant'}"
    )


def _rows(
    con: duckdb.DuckDBPyConnection,
    fact: str,
    plant: tuple[str, str],
    scope: tuple[str, str],
    period: Period,
    figure: dict[str, Any],
    limit: int,
) -> Rows:
    """Rows of `fact`, which is a table and the date that decides on the period: `table@date`.

    `table@..date` stands for all rows up to the period's end: what is open, or in stock. Times come
    on the clock of the `plant`, which is its id and its time zone.
    """
    plant_id, time_zone = plant
    name, _, date_column = fact.partition("@")
    if scope[0] == "machine" and name in WITHOUT_MACHINE:
        scope = ("plant", plant_id)
    conditions, values = ["facts.plant_id = ?"], [plant_id]
    if scope[0] in SCOPES:
        table, key, column = SCOPES[scope[0]]
        conditions.append(
            f"facts.{key} in (select {key} from {table} where plant_id = ? and {column} = ?)"
        )
        values += [plant_id, scope[1]]
    elif scope[0] == "characteristic":
        # A machine's own capability is of a characteristic at that machine.
        conditions.append("? in (characteristic_id, concat(characteristic_id, '@', machine_id))")
        values.append(scope[1])
    elif scope[0] != "plant":
        conditions.append(f"facts.{scope[0]}_id = ?")
        values.append(scope[1])
    window, bounds = _in_period(date_column, plant_id, period, figure["shift_id"])
    conditions.append(window)
    values += bounds
    origin = ("null", "null") if name in SUMMED else ("deliveries.file_path", "facts.line_no")
    delivered = (
        ""
        if name in SUMMED
        else "left join deliveries on deliveries.delivery_id = facts.delivery_id"
    )
    found = f"from {name} as facts {delivered} where {' and '.join(conditions)}"
    totals = con.execute(
        f"select count(*), count(distinct {origin[0]}) {found}", values
    ).fetchall()[0]
    times = [column for column in COLUMNS[name] if column.endswith("_at")]
    columns = ", ".join(
        f"timezone(?, timezone('UTC', facts.{column}))" if column in times else f"facts.{column}"
        for column in COLUMNS[name]
    )
    rows = con.execute(
        f"select {columns}, {', '.join(origin)} {found} order by all limit {int(limit)}",
        [time_zone] * len(times) + values,
    ).fetchall()
    return Rows(name, COLUMNS[name], rows, *totals)


def _in_period(
    date_column: str, plant_id: str, period: Period, shift_id: str | None
) -> tuple[str, list[Any]]:
    """The condition that a row counts for the period, and its values.

    Rows without a date that decides are intervals: they belong wherever they reach.
    """
    if date_column.startswith(".."):
        return f"facts.{date_column[2:]} <= ?", [period.last_date]
    if date_column and shift_id is None:
        return f"facts.{date_column} between ? and ?", [period.first_date, period.last_date]
    if date_column:
        return (
            "facts.shift_key in "
            "(select shift_key from dim_shift where plant_id = ? and shift_id = ?)",
            [plant_id, shift_id],
        )
    return (
        "exists (select 1 from dim_shift as shifts where shifts.plant_id = facts.plant_id "
        "and (shifts.machine_id is null or shifts.machine_id = facts.machine_id) "
        "and shifts.production_date between ? and ? and coalesce(shifts.shift_id = ?, true) "
        "and shifts.start_at < facts.end_at and shifts.end_at > facts.start_at)",
        [period.first_date, period.last_date, shift_id],
    )


def _dicts(con: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[dict[str, Any]]:
    # A query without values binds none: for the first one DuckDB imports pandas, a second.
    cursor = con.execute(query, list(values)) if values else con.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
