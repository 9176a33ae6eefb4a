"""Every figure that a warehouse must hold, from its raw schema alone."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import machine_kpis
from answers import Answer, Definition, Place, read_catalogue, withheld
from raw_rows import RawPlant, rows_of
from shop_floor import ShopFloor

#: KPIs of the catalogue that the oracle computes.
KPIS = machine_kpis.KPIS
#: KPIs of the catalogue that it does not compute yet.
NOT_YET = frozenset(
    {
        "scrap_ratio",
        "rework_ratio",
        "lead_time_median_h",
        "lead_time_mean_h",
        "inventory_turns",
        "mttr_h",
        "corrective_maintenance_ratio",
        "otif_ratio",
        "otd_ratio",
        "in_full_ratio",
        "perfect_order_ratio",
        "order_fulfilment_cycle_time_h",
        "supplier_otd_ratio",
        "supplier_lead_time_h",
        "worker_efficiency",
        "comprehensive_energy_consumption",
        "finished_goods_ratio",
        "integrated_goods_ratio",
        "production_loss_ratio",
        "storage_transport_loss_ratio",
        "other_loss_ratio",
        "equipment_load_ratio",
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
    yield from machine_kpis.answers(ShopFloor(raw), catalogue)


def without_data(raw: RawPlant, with_data: set[str]) -> Iterator[tuple[Place, Answer]]:
    """A withheld figure of the plant and month for each KPI that the plant has no data for."""
    for kpi_id in KPIS - with_data:
        for month in raw.months:
            place = Place(raw.plant_id, kpi_id, "plant", raw.plant_id, "month", month, None)
            yield place, withheld(None, None)
