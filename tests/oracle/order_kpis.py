"""Lead time of production orders: of the completed ones, and of all that were released."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from plant_calendar import Calendar
from raw_rows import RawPlant, Row
from shop_floor import seconds

KPIS = frozenset(
    {
        "lead_time_median_h",
        "lead_time_mean_h",
        "lead_time_p85_h",
        "lead_time_p95_h",
        "lead_time_working_h",
        "lead_time_by_release_median_h",
        "lead_time_restricted_mean_h",
    }
)
NOTHING = Fraction(0)
QUANTILES = {
    "lead_time_median_h": Fraction(1, 2),
    "lead_time_p85_h": Fraction(85, 100),
    "lead_time_p95_h": Fraction(95, 100),
}


@dataclass(frozen=True)
class Completed:
    """One completed order; None where nobody says when it was released."""

    hours: Fraction | None
    working_hours: Fraction | None


@dataclass(frozen=True)
class Released:
    """One released order: how long it took, or has been under way.

    One that was completed and whose release nobody knows counts as missing where it was completed.
    """

    hours: Fraction | None
    is_completed: bool


def orders(raw: RawPlant) -> dict[str, Row]:
    """Each order as the ERP sees it, or as another system does where the ERP does not know it."""
    found: dict[str, Row] = {}
    for row in raw.feed("production_orders"):
        order_id = raw.business_id("order", row, "order_id")
        assert order_id is not None
        is_of_erp = raw.deliveries[row["delivery_id"]]["system"] == "erp"
        if order_id not in found or is_of_erp:
            found[order_id] = row
    return found


def scopes_of(raw: RawPlant, row: Row) -> list[Scope]:
    item_id = raw.business_id("item", row, "item_id")
    plant = Scope("plant", raw.plant_id)
    return [plant] if item_id is None else [plant, Scope("item", item_id)]


def working_hours(calendar: Calendar, start_at: datetime, end_at: datetime) -> Fraction | None:
    """Hours in which the plant was to work; None where nobody says."""
    shifts = [row for row in calendar.all_entries if row["planned_stop"] is None]
    if not shifts or not calendar.covers(shifts, start_at, end_at):
        return None
    return planned_hours(calendar, start_at, end_at)


def planned_hours(calendar: Calendar, start_at: datetime, end_at: datetime) -> Fraction:
    """Hours of work in the shifts that are known.

    The plant works in its own shifts, or in those of its lines and machines together where it has
    none, and stands in planned stops of the whole plant.
    """
    entries = calendar.all_entries
    shifts = [row for row in entries if row["planned_stop"] is None]
    own = [row for row in shifts if row["line_id"] is None and row["machine_id"] is None]
    stops = [
        row
        for row in entries
        if row["planned_stop"] is not None and row["line_id"] is None and row["machine_id"] is None
    ]
    cuts = {start_at, end_at}
    for row in [*shifts, *stops]:
        cuts.update(moment for moment in (row["start_at"], row["end_at"]))
    total = NOTHING
    for begin, end in pairwise(sorted(cut for cut in cuts if start_at <= cut <= end_at)):
        works = any(row["start_at"] <= begin < row["end_at"] for row in own or shifts)
        stands = any(row["start_at"] <= begin < row["end_at"] for row in stops)
        if works and not stands:
            total += seconds(end - begin)
    return total / 3600


def answers(raw: RawPlant, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    calendar = Calendar(raw)
    done: dict[tuple[Scope, Period], list[Completed]] = defaultdict(list)
    begun: dict[tuple[Scope, Period], list[Released]] = defaultdict(list)
    for row in orders(raw).values():
        released_at, completed_at = row["released_at"], row["completed_at"]
        if row["is_cancelled"]:
            continue
        if completed_at is not None:
            completed = Completed(None, None)
            if released_at is not None:
                completed = Completed(
                    seconds(completed_at - released_at) / 3600,
                    working_hours(calendar, released_at, completed_at),
                )
            for scope in scopes_of(raw, row):
                for period in periods(calendar.local_date(completed_at)):
                    done[scope, period].append(completed)
                    if released_at is None:
                        begun[scope, period].append(Released(None, True))
        if released_at is not None:
            until = completed_at or raw.open_until(row)
            if completed_at is None and until <= released_at:
                continue  # nobody has seen it under way yet
            released = Released(seconds(until - released_at) / 3600, completed_at is not None)
            for scope in scopes_of(raw, row):
                for period in periods(calendar.local_date(released_at)):
                    begun[scope, period].append(released)
    figures = [
        (scope, period, figure)
        for cells, of_cell in ((done, of_completed), (begun, of_released))
        for (scope, period), cell in cells.items()
        for figure in of_cell(cell, catalogue)  # type: ignore[operator]
    ]
    for scope, period, (kpi_id, answer) in figures:
        if period.period_type in catalogue[kpi_id].period_types:
            yield Place(raw.plant_id, kpi_id, *scope, *period), answer


def of_completed(
    cell: list[Completed], catalogue: dict[str, Definition]
) -> Iterator[tuple[str, Answer]]:
    """Orders completed in a period."""
    hours = sorted(order.hours for order in cell if order.hours is not None)
    qty = Fraction(len(hours))
    known = share(qty, Fraction(len(cell))) or NOTHING
    yield (
        "lead_time_mean_h",
        ratio(
            sum(hours, NOTHING) if hours else None,
            qty,
            [known],
            catalogue["lead_time_mean_h"].floor,
        ),
    )
    for kpi_id, level in QUANTILES.items():
        told = hours and known >= catalogue[kpi_id].floor
        yield kpi_id, Answer(None, qty, quantile(hours, level) if told else None)
    working = [order.working_hours for order in cell if order.working_hours is not None]
    working_qty = Fraction(len(working))
    yield (
        "lead_time_working_h",
        ratio(
            sum(working, NOTHING) if working else None,
            working_qty,
            [share(working_qty, Fraction(len(cell)))],
            catalogue["lead_time_working_h"].floor,
        ),
    )


def quantile(ordered: list[Fraction], level: Fraction) -> Fraction:
    """The value below which a share of all lies, interpolated between two."""
    position = (len(ordered) - 1) * level
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def of_released(
    cell: list[Released], catalogue: dict[str, Definition]
) -> Iterator[tuple[str, Answer]]:
    """Orders released in a period, by Kaplan and Meier."""
    times = [(order.hours, order.is_completed) for order in cell if order.hours is not None]
    qty = Fraction(len(times))
    median: Fraction | None = None
    open_share, area, at = Fraction(1), NOTHING, NOTHING
    for moment in sorted({hours for hours, _ in times}):
        area += open_share * (moment - at)
        at = moment
        at_risk = [is_done for hours, is_done in times if hours >= moment]
        done = [is_done for hours, is_done in times if hours == moment and is_done]
        open_share *= 1 - Fraction(len(done), len(at_risk))
        if median is None and open_share <= Fraction(1, 2):
            median = moment
    known = share(qty, Fraction(len(cell))) or NOTHING
    for kpi_id, value in (
        ("lead_time_restricted_mean_h", area if times else None),
        ("lead_time_by_release_median_h", median),
    ):
        yield kpi_id, Answer(None, qty, value if known >= catalogue[kpi_id].floor else None)
