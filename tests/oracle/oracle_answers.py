"""Every figure that a warehouse must hold, from its raw schema alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import capability_kpis
import crew_kpis
import delivery_kpis
import duckdb
import machine_kpis
import maintenance_kpis
import order_kpis
import output_kpis
import pace_kpis
import resource_kpis
import restoration_kpis
import route_kpis
import stock_kpis
import wip_kpis
from answers import Answer, Definition, Place, read_catalogue, withheld
from raw_rows import RawPlant, rows_of
from shop_floor import ShopFloor

#: What the oracle computes.
KPIS = (
    machine_kpis.KPIS
    | output_kpis.KPIS
    | order_kpis.KPIS
    | wip_kpis.KPIS
    | pace_kpis.KPIS
    | stock_kpis.KPIS
    | route_kpis.KPIS
    | maintenance_kpis.KPIS
    | restoration_kpis.KPIS
    | crew_kpis.KPIS
    | delivery_kpis.KPIS
    | resource_kpis.KPIS
    | capability_kpis.KPIS
)


def expected(con: duckdb.DuckDBPyConnection) -> dict[Place, Answer]:
    """The figures of every plant."""
    catalogue = read_catalogue()
    found: dict[Place, Answer] = {}
    for plant in rows_of(con, "select plant_id from raw.plants"):
        raw = RawPlant(con, plant["plant_id"])
        own = dict(of_plant(raw, catalogue))
        found |= own | dict(without_data(raw, own))
    return found


def of_plant(raw: RawPlant, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    """The figures that one plant has data for."""
    floor = ShopFloor(raw)
    yield from machine_kpis.answers(floor, catalogue)
    yield from output_kpis.answers(floor, catalogue)
    yield from order_kpis.answers(raw, catalogue)
    yield from wip_kpis.answers(raw, catalogue)
    yield from pace_kpis.answers(floor, catalogue)
    yield from stock_kpis.answers(raw, catalogue)
    yield from route_kpis.answers(floor, catalogue)
    yield from maintenance_kpis.answers(floor, catalogue)
    yield from restoration_kpis.answers(floor, catalogue)
    yield from crew_kpis.answers(floor, catalogue)
    yield from delivery_kpis.answers(raw, catalogue)
    yield from resource_kpis.answers(floor, catalogue)
    yield from capability_kpis.answers(floor, catalogue)


def without_data(raw: RawPlant, own: Iterable[Place]) -> Iterator[tuple[Place, Answer]]:
    """A withheld figure of the plant for each KPI and month that nobody delivered data of."""
    own = list(own)
    # A week may begin in the month before the one that its data lies in.
    with_data = {
        (place.kpi_id, place.period_start_date.replace(day=1))
        for place in own
        if place.period_type != "week"
    }
    months = {*raw.months, *(p.period_start_date for p in own if p.period_type == "month")}
    for kpi_id in KPIS:
        for month in months:
            if (kpi_id, month) not in with_data:
                place = Place(raw.plant_id, kpi_id, "plant", raw.plant_id, "month", month, None)
                yield place, withheld(None, None)
