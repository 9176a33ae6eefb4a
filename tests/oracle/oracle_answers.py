"""Every figure that a warehouse must hold, from its raw schema alone."""

from __future__ import annotations

from collections.abc import Iterator

import delivery_kpis
import duckdb
import machine_kpis
import maintenance_kpis
import order_kpis
import output_kpis
import stock_kpis
from answers import Answer, Definition, Place, read_catalogue, withheld
from raw_rows import RawPlant, rows_of
from shop_floor import ShopFloor

#: KPIs of the catalogue that the oracle computes.
KPIS = (
    machine_kpis.KPIS
    | output_kpis.KPIS
    | order_kpis.KPIS
    | stock_kpis.KPIS
    | maintenance_kpis.KPIS
    | delivery_kpis.KPIS
)
#: KPIs of the catalogue that it does not compute yet.
NOT_YET = frozenset(
    {
        "worker_efficiency",
        "comprehensive_energy_consumption",
        "finished_goods_ratio",
        "integrated_goods_ratio",
        "production_loss_ratio",
        "storage_transport_loss_ratio",
        "other_loss_ratio",
        "equipment_load_ratio",
        "machine_capability_cm",
        "machine_capability_cmk",
        "process_capability_cp",
        "process_capability_cpk",
        "first_pass_yield",
        "final_yield",
        "rolled_throughput_yield",
        "dpmo",
        "copq_amount",
        "copq_ratio",
        "inventory_turns_by_quantity",
        "days_on_hand",
        "average_stock_amount",
        "allocation_ratio",
        "throughput_rate",
        "production_process_ratio",
        "actual_to_planned_scrap_ratio",
        "fall_off_ratio",
        "queue_ratio",
        "process_cycle_efficiency",
        "effectiveness_current_standard",
        "oee_current_standard",
    }
)


def expected(con: duckdb.DuckDBPyConnection) -> dict[Place, Answer]:
    """The figures of every plant."""
    catalogue = read_catalogue()
    found: dict[Place, Answer] = {}
    for plant in rows_of(con, "select plant_id from raw.plants"):
        raw = RawPlant(con, plant["plant_id"])
        own = dict(of_plant(raw, catalogue))
        found |= own | dict(without_data(raw, {place.kpi_id for place in own}))
    return found


def of_plant(raw: RawPlant, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    """The figures that one plant has data for."""
    floor = ShopFloor(raw)
    yield from machine_kpis.answers(floor, catalogue)
    yield from output_kpis.answers(floor, catalogue)
    yield from order_kpis.answers(raw, catalogue)
    yield from stock_kpis.answers(raw, catalogue)
    yield from maintenance_kpis.answers(floor, catalogue)
    yield from delivery_kpis.answers(raw, catalogue)


def without_data(raw: RawPlant, with_data: set[str]) -> Iterator[tuple[Place, Answer]]:
    """A withheld figure of the plant and month for each KPI that the plant has no data for."""
    for kpi_id in KPIS - with_data:
        for month in raw.months:
            place = Place(raw.plant_id, kpi_id, "plant", raw.plant_id, "month", month, None)
            yield place, withheld(None, None)
