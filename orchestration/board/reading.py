"""What the board shows, read from a published file. Nothing is divided here: figures stand in
`kpi_values`, and only seconds, counts and amounts are added up for the Paretos and the waterfall.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.board.letters import KPIS

#: The board's losses are those of the seven days up to the latest complete one.
LOSS_DAYS = 7
#: Days before the month that may hold the figure to compare the month's first day with.
DAYS_BEFORE = 7
CHART_POINTS = 31
#: Days kept of a machine: its lines and plant hold the month.
MACHINE_DAYS = 5
PARETO_BARS = 8
#: Losses of the day that are named; the rest is one.
DAY_LOSSES = 3
#: Bars that a plant did not name: what is beyond the longest ones, and stops without a reason.
OTHERS = "board:others"
UNLABELLED = "board:"


@dataclass(frozen=True, order=True)
class Scope:
    """For whom a page or a figure is: a plant, an area, a line or a machine."""

    type: str
    id: str


@dataclass(frozen=True)
class Figure:
    """A row of `kpi_values`, with its judgement and its point of the chart."""

    kpi_values_id: str
    kpi_id: str
    scope: Scope
    period_type: str
    start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    coverage: float | None
    withheld_reason: str | None
    unit: str
    target: float | None
    status: str | None
    not_judged_reason: str | None
    raised_rules: str | None
    signal_side: str | None
    is_better: bool | None
    #: Rules that hold, the strongest first, and how many points in a row a rule has held.
    rules: str | None
    signal_qty: int
    baseline_qty: int | None
    is_baseline_complete: bool | None

    @property
    def anchor(self) -> str:
        """Where it stands on its page: enough of the key to be alone there."""
        return self.kpi_values_id[:12]


@dataclass(frozen=True)
class Point:
    """A point of an XmR chart, with the limits of its series."""

    figure: Figure
    series_key: str
    centre_line: float
    lower_limit: float
    upper_limit: float


@dataclass(frozen=True)
class Bar:
    """A bar of a Pareto or a step of the waterfall: hours, an amount or a number."""

    name: str
    quantity: float
    detail: int = 0


@dataclass(frozen=True)
class DayLosses:
    """What a line or machine lost on the latest complete day: hours of OEE's denominator that
    were not fully productive, and the longest losses, whose hours as shown add up to `lost_h`."""

    scope: Scope
    line_id: str | None
    lost_h: float
    planned_h: float
    losses: list[Bar]


@dataclass(frozen=True)
class Contribution:
    """What moved a signal: a loss, a machine or an item, in shares of the figure."""

    kpi_values_id: str
    contributor_type: str
    contributor_id: str | None
    change_ratio: float


@dataclass(frozen=True)
class Definition:
    """A KPI of the catalogue."""

    kpi_id: str
    name: str
    unit: str
    formula: str
    direction: str
    scope_types: frozenset[str]
    period_types: frozenset[str]
    no_data_reason: str


@dataclass(frozen=True)
class Machine:
    """A machine and where it stands."""

    machine_id: str
    name: str
    line_id: str | None
    area_id: str | None


@dataclass
class PlantBoard:
    """All that a plant's pages need. Figures are by scope, KPI and length of period, newest
    first."""

    plant_id: str
    plant_name: str
    currency: str
    day: date
    latest: dict[str, date]
    machines: list[Machine]
    figures: dict[tuple[Scope, str, str], list[Figure]] = field(default_factory=dict)
    points: dict[tuple[Scope, str], list[Point]] = field(default_factory=dict)
    contributions: dict[str, list[Contribution]] = field(default_factory=dict)
    stops: dict[Scope, list[Bar]] = field(default_factory=dict)
    scrap: dict[Scope, list[Bar]] = field(default_factory=dict)
    is_scrap_costed: bool = False
    losses: dict[Scope, list[Bar]] = field(default_factory=dict)
    day_losses: dict[Scope, DayLosses] = field(default_factory=dict)
    #: The longest reason of a machine's loss on the latest complete day, None where nobody gave it.
    day_reasons: dict[tuple[str, str], str | None] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return Scope("plant", self.plant_id)

    @property
    def lines(self) -> list[str]:
        return sorted({m.line_id for m in self.machines if m.line_id})

    @property
    def areas(self) -> list[str]:
        return sorted({m.area_id for m in self.machines if m.area_id and m.line_id})

    def lines_of(self, area_id: str) -> list[str]:
        return sorted({m.line_id for m in self.machines if m.area_id == area_id and m.line_id})

    def machines_of(self, line_id: str) -> list[Machine]:
        return [m for m in self.machines if m.line_id == line_id]


@dataclass(frozen=True)
class Published:
    """What the board reads of a published file."""

    published_at: datetime
    definitions: dict[str, Definition]
    plants: list[PlantBoard]


def read(path: Path) -> Published:
    """Read a published version. Raises duckdb.Error where it lacks a table the board needs."""
    with duckdb.connect(str(path), read_only=True) as con:
        published_at = con.execute("select published_at from publication").fetchall()[0][0]
        return Published(published_at, _definitions(con), _plants(con))


def _definitions(con: duckdb.DuckDBPyConnection) -> dict[str, Definition]:
    rows = con.execute(
        """
        select kpi_id, kpi_name, unit, formula, direction, scope_types, period_types, no_data_reason
        from kpi_definitions
        """
    ).fetchall()
    return {
        kpi_id: Definition(
            kpi_id,
            name,
            unit,
            formula,
            direction,
            frozenset(scopes.split("|")),
            frozenset(periods.split("|")),
            no_data or "",
        )
        for kpi_id, name, unit, formula, direction, scopes, periods, no_data in rows
    }


def _plants(con: duckdb.DuckDBPyConnection) -> list[PlantBoard]:
    """Plants that have a complete day, by name."""
    latest: dict[str, dict[str, date]] = defaultdict(dict)
    for plant_id, period_type, start in con.execute(
        """
        select plant_id, period_type, max(period_start_date)
        from kpi_periods
        where is_over
        group by plant_id, period_type
        """
    ).fetchall():
        latest[plant_id][period_type] = start
    boards = []
    for plant_id, name, currency in con.execute(
        "select plant_id, plant_name, currency from dim_plant order by plant_name, plant_id"
    ).fetchall():
        if "day" in latest[plant_id]:
            boards.append(_board(con, plant_id, name, currency, latest[plant_id]))
    return boards


def _board(
    con: duckdb.DuckDBPyConnection,
    plant_id: str,
    name: str | None,
    currency: str | None,
    latest: dict[str, date],
) -> PlantBoard:
    machines = con.execute(
        """
        select machine_id, machine_name, line_id, area_id
        from dim_machine
        where plant_id = ?
        order by line_id, machine_id
        """,
        [plant_id],
    ).fetchall()
    board = PlantBoard(
        plant_id,
        name or plant_id,
        currency or "",
        latest["day"],
        latest,
        [Machine(*row) for row in machines],
    )
    _add_figures(con, board)
    _add_points(con, board)
    _add_contributions(con, board)
    _add_losses(con, board)
    _add_day_losses(con, board)
    return board


# --- figures --------------------------------------------------------------------------------------

FIGURE = """
    kpi_values.kpi_values_id,
    kpi_values.kpi_id,
    kpi_values.scope_type,
    kpi_values.scope_id,
    kpi_values.period_type,
    kpi_values.period_start_date,
    kpi_values.numerator,
    kpi_values.denominator,
    kpi_values.value,
    kpi_values.coverage_ratio,
    kpi_values.withheld_reason,
    kpi_values.unit,
    kpi_values.target_value,
    mart_kpi_targets.status,
    mart_kpi_targets.not_judged_reason,
    mart_kpi_signals.raised_rules,
    signals.signal_side,
    signals.is_better,
    signals.rules,
    coalesce(signals.signal_qty, 0),
    mart_kpi_signals.baseline_qty,
    mart_kpi_signals.is_baseline_complete
"""
FIGURE_COLUMNS = 22
#: Rules go on to hold after the point that raised them: on which side, says that point.
SIGNALS = """
    with
        held as (
            select
                *,
                nullif(
                    concat_ws(
                        '|',
                        case when is_we1 then 'WE1' end,
                        case when is_we2 then 'WE2' end,
                        case when is_we3 then 'WE3' end,
                        case when is_we4 then 'WE4' end
                    ),
                    ''
                ) as rules
            from mart_kpi_signals
            where plant_id = $plant_id
        ),
        signals as (
            select
                kpi_values_id,
                rules,
                last_value(signal_side ignore nulls) over so_far as signal_side,
                last_value(is_better ignore nulls) over so_far as is_better,
                row_number() over so_far - coalesce(
                    max(case when rules is null then point_no end) over so_far
                    - min(point_no) over so_far
                    + 1,
                    0
                ) as signal_qty
            from held
            window so_far as (partition by series_key order by point_no rows unbounded preceding)
        )
"""


def _figure(row: tuple[Any, ...]) -> Figure:
    kpi_values_id, kpi_id, scope_type, scope_id, *rest = row
    return Figure(kpi_values_id, kpi_id, Scope(scope_type, scope_id), *rest)


def _add_figures(con: duckdb.DuckDBPyConnection, board: PlantBoard) -> None:
    """The month's days up to the latest complete one, and the two latest complete weeks and
    months."""
    first_day = min(board.day.replace(day=1), board.day - timedelta(days=DAYS_BEFORE))
    rows = con.execute(
        f"""
        {SIGNALS}
        select {FIGURE}
        from kpi_values
        left join mart_kpi_targets using (kpi_values_id)
        left join mart_kpi_signals using (kpi_values_id)
        left join signals using (kpi_values_id)
        where
            kpi_values.plant_id = $plant_id
            and kpi_values.scope_type in ('plant', 'line', 'machine')
            and list_contains($kpi_ids, kpi_values.kpi_id)
            and case kpi_values.period_type
                when 'day'
                then
                    kpi_values.period_start_date between $first_day and $day
                    and (
                        kpi_values.scope_type <> 'machine'
                        or kpi_values.period_start_date > $day - {MACHINE_DAYS}
                    )
                -- A plant's first week or month may not be over yet: then there is none.
                when 'week'
                then
                    kpi_values.period_start_date between cast($week as date) - 7 and $week
                when 'month'
                then
                    kpi_values.period_start_date
                    between cast($month as date) - interval 1 month and $month
                else false
            end
        order by kpi_values.period_start_date desc
        """,
        {
            "plant_id": board.plant_id,
            "kpi_ids": list(KPIS),
            "first_day": first_day,
            "day": board.day,
            "week": board.latest.get("week"),
            "month": board.latest.get("month"),
        },
    ).fetchall()
    for row in rows:
        figure = _figure(row)
        key = (figure.scope, figure.kpi_id, figure.period_type)
        board.figures.setdefault(key, []).append(figure)


def _add_points(con: duckdb.DuckDBPyConnection, board: PlantBoard) -> None:
    """The latest days of every chart of the plant and its lines, oldest first."""
    rows = con.execute(
        f"""
        {SIGNALS}
        select
            {FIGURE},
            mart_kpi_signals.series_key,
            mart_kpi_signals.centre_line,
            mart_kpi_signals.lower_limit,
            mart_kpi_signals.upper_limit
        from kpi_values
        left join mart_kpi_targets using (kpi_values_id)
        join mart_kpi_signals using (kpi_values_id)
        join signals using (kpi_values_id)
        where
            kpi_values.plant_id = $plant_id
            and kpi_values.scope_type in ('plant', 'line')
            and kpi_values.period_type = 'day'
            and list_contains($kpi_ids, kpi_values.kpi_id)
        qualify
            row_number() over (
                partition by kpi_values.scope_type, kpi_values.scope_id, kpi_values.kpi_id
                order by kpi_values.period_start_date desc
            ) <= $points
        order by kpi_values.period_start_date
        """,
        {"plant_id": board.plant_id, "kpi_ids": list(KPIS), "points": CHART_POINTS},
    ).fetchall()
    for row in rows:
        figure = _figure(row[:FIGURE_COLUMNS])
        point = Point(figure, *row[FIGURE_COLUMNS:])
        board.points.setdefault((figure.scope, figure.kpi_id), []).append(point)


def _add_contributions(con: duckdb.DuckDBPyConnection, board: PlantBoard) -> None:
    """What moved the signals of the latest complete day, week and month."""
    starts = [board.latest.get(period_type) for period_type in ("day", "week", "month")]
    rows = con.execute(
        """
        select kpi_values_id, contributor_type, contributor_id, change_ratio
        from mart_signal_contributions
        where
            plant_id = ?
            and (
                (period_type = 'day' and period_start_date = ?)
                or (period_type = 'week' and period_start_date = ?)
                or (period_type = 'month' and period_start_date = ?)
            )
        order by kpi_values_id, contributor_type, rank_no
        """,
        [board.plant_id, *starts],
    ).fetchall()
    for row in rows:
        board.contributions.setdefault(row[0], []).append(Contribution(*row))


# --- losses ---------------------------------------------------------------------------------------

#: Rows of a mart in the days of the losses, with the area of the machine's line.
IN_WINDOW = """
    select {table}.*, lines.area_id
    from {table}
    left join
        (
            select plant_id, line_id, min(area_id) as area_id
            from dim_machine
            where line_id is not null
            group by plant_id, line_id
        ) as lines using (plant_id, line_id)
    where plant_id = $plant_id and production_date between $first_day and $day
"""
#: Added up for the plant, each area and each line in one go.
BY_SCOPE = "grouping sets ((name), (area_id, name), (line_id, name))"
SCOPE = """
    case
        when grouping(line_id) = 0 then 'line' when grouping(area_id) = 0 then 'area' else 'plant'
    end as scope_type,
    case
        when grouping(line_id) = 0 then line_id
        when grouping(area_id) = 0 then area_id
        else $plant_id
    end as scope_id
"""


def _add_losses(con: duckdb.DuckDBPyConnection, board: PlantBoard) -> None:
    window = {
        "plant_id": board.plant_id,
        "first_day": board.day - timedelta(days=LOSS_DAYS - 1),
        "day": board.day,
    }
    board.stops = _pareto(
        con,
        "mart_stop_pareto",
        f"case when reason_key is null then '{UNLABELLED}' || state else reason_name end",
        "sum(cast(duration_s as double)) / 3600",
        "sum(stop_qty)",
        "schedule = 'scheduled' and state in ('delay', 'setup', 'no_order', 'not_observed')",
        window,
    )
    # Costs add up over items; where one is not known, only the number of rejections does.
    board.is_scrap_costed = con.execute(
        """
        select count(*) > 0 and count(*) = count(scrap_cost_amount)
        from mart_scrap_pareto
        where plant_id = $plant_id and production_date between $first_day and $day
        """,
        window,
    ).fetchall()[0][0]
    amount = "sum(cast(scrap_cost_amount as double))" if board.is_scrap_costed else None
    board.scrap = _pareto(
        con,
        "mart_scrap_pareto",
        "reason_name",
        amount or "sum(cast(rejection_qty as double))",
        "sum(rejection_qty)",
        "true",
        window,
    )
    rows = con.execute(
        f"""
        with losses as ({IN_WINDOW.format(table="mart_time_losses")})
        select
            {SCOPE},
            loss_bucket as name,
            sum(cast(duration_s as double)) / 3600 as duration_h
        from losses
        group by {BY_SCOPE.replace("name", "loss_bucket, bucket_no")}
        order by bucket_no
        """,
        window,
    ).fetchall()
    for scope_type, scope_id, name, duration_h in rows:
        if scope_id is not None:
            board.losses.setdefault(Scope(scope_type, scope_id), []).append(Bar(name, duration_h))


def _add_day_losses(con: duckdb.DuckDBPyConnection, board: PlantBoard) -> None:
    """Hours lost on the latest complete day, most first. A part is shown as what it adds to the
    rounded running total: then no rounding makes the parts differ from their total."""
    window = {"plant_id": board.plant_id, "day": board.day}
    rows = con.execute(
        f"""
        with
            buckets as (
                select
                    case when grouping(machine_id) = 0 then 'machine' else 'line' end as scope_type,
                    case when grouping(machine_id) = 0 then machine_id else line_id end as scope_id,
                    line_id,
                    loss_bucket,
                    is_fully_productive,
                    sum(cast(duration_s as double)) / 3600 as duration_h
                from mart_time_losses
                where plant_id = $plant_id and production_date = $day and in_oee_denominator
                group by
                    grouping sets (
                        (line_id, loss_bucket, is_fully_productive),
                        (line_id, machine_id, loss_bucket, is_fully_productive)
                    )
            ),
            totals as (
                select
                    scope_type,
                    scope_id,
                    sum(case when is_fully_productive then 0 else duration_h end) as lost_h,
                    sum(duration_h) as planned_h
                from buckets
                where scope_id is not null
                group by scope_type, scope_id
            ),
            ranked as (
                select
                    *,
                    row_number() over scope_losses as rank_no,
                    sum(duration_h) over scope_losses as running_h
                from buckets
                where not is_fully_productive
                window
                    scope_losses as (
                        partition by scope_type, scope_id
                        order by duration_h desc, loss_bucket
                        rows unbounded preceding
                    )
            ),
            shown as (
                select
                    *,
                    round(running_h, 1) - coalesce(
                        round(
                            lag(running_h) over (
                                partition by scope_type, scope_id order by rank_no
                            ),
                            1
                        ),
                        0
                    ) as shown_h
                from ranked
            )
        select
            totals.scope_type,
            totals.scope_id,
            shown.line_id,
            round(totals.lost_h, 1) as lost_h,
            round(totals.planned_h, 1) as planned_h,
            case when rank_no <= {DAY_LOSSES} then loss_bucket else '{OTHERS}' end as name,
            round(sum(shown_h), 1) as shown_h
        from totals
        join shown using (scope_type, scope_id)
        where totals.planned_h > 0
        group by all
        order by lost_h desc, totals.scope_id, min(rank_no)
        """,
        window,
    ).fetchall()
    for scope_type, scope_id, line_id, lost_h, planned_h, name, shown_h in rows:
        scope = Scope(scope_type, scope_id)
        lost = DayLosses(scope, line_id, lost_h, planned_h, [])
        board.day_losses.setdefault(scope, lost)
        if shown_h:
            board.day_losses[scope].losses.append(Bar(name, shown_h))
    reasons = con.execute(
        """
        with
            reasons as (
                select
                    machine_id,
                    case state when 'no_order' then 'no_order' else 'breakdowns' end as loss_bucket,
                    case when reason_key is not null then reason_name end as reason_name,
                    sum(cast(duration_s as double)) as duration_s
                from mart_stop_pareto
                where
                    plant_id = $plant_id
                    and production_date = $day
                    and schedule = 'scheduled'
                    and (state = 'no_order' or (state = 'delay' and is_failure))
                group by all
            )
        select machine_id, loss_bucket, reason_name
        from reasons
        qualify
            row_number() over (
                partition by machine_id, loss_bucket
                order by duration_s desc, reason_name
            ) = 1
        """,
        window,
    ).fetchall()
    board.day_reasons = {(machine_id, bucket): name for machine_id, bucket, name in reasons}


def _pareto(
    con: duckdb.DuckDBPyConnection,
    table: str,
    name: str,
    quantity: str,
    detail: str,
    condition: str,
    window: dict[str, Any],
) -> dict[Scope, list[Bar]]:
    """The longest bars of each scope, and the rest as one."""
    rows = con.execute(
        f"""
        with
            rows_in_window as ({IN_WINDOW.format(table=table)}),
            named as (select *, {name} as name from rows_in_window where {condition}),
            bars as (
                select {SCOPE}, name, {quantity} as quantity, cast({detail} as bigint) as detail
                from named
                group by {BY_SCOPE}
            ),
            ranked as (
                select
                    *,
                    row_number() over (
                        partition by scope_type, scope_id order by quantity desc, name
                    ) as rank_no
                from bars
                where scope_id is not null and quantity > 0
            )
        select
            scope_type,
            scope_id,
            case when rank_no <= {PARETO_BARS} then name else '{OTHERS}' end as name,
            sum(quantity) as quantity,
            cast(sum(detail) as bigint) as detail
        from ranked
        group by scope_type, scope_id, least(rank_no, {PARETO_BARS + 1}), 3
        order by scope_type, scope_id, min(rank_no)
        """,
        window,
    ).fetchall()
    bars: dict[Scope, list[Bar]] = {}
    for scope_type, scope_id, bar_name, amount, detail_qty in rows:
        bar = Bar(bar_name, amount, detail_qty)
        bars.setdefault(Scope(scope_type, scope_id), []).append(bar)
    return bars
