"""Feeds: the canonical shape of one kind of fact, and the public contract towards data engineers.

A feed says what a row means, its key, units and rules; it does not know any system. How an
exported file becomes rows of a feed stands in `ingestion/sources/`.
"""

from ingestion.feeds.base import Feed, feed_key
from ingestion.feeds.energy import EnergyReadings
from ingestion.feeds.erp import (
    ItemCosts,
    Items,
    OperationCosts,
    ProductionOrders,
    PurchaseOrderLines,
    SalesOrderLines,
    StockDocuments,
    StockMovements,
    StockSnapshots,
)
from ingestion.feeds.kpi import KpiBaselines, KpiTargets
from ingestion.feeds.labour import LabourEntries
from ingestion.feeds.maintenance import MaintenanceOrders
from ingestion.feeds.mes import (
    CounterReadings,
    Identifiers,
    MachineCapacities,
    Machines,
    MachineStates,
    MaterialBalances,
    OrderOperations,
    ProductionCounts,
    Reasons,
    ScrapEvents,
    ShiftCalendar,
    StandardRates,
)
from ingestion.feeds.quality import Measurements

#: Every feed by its name, which is also its table in the raw schema.
FEEDS: dict[str, type[Feed]] = {
    "machines": Machines,
    "reasons": Reasons,
    "identifiers": Identifiers,
    "machine_states": MachineStates,
    "production_counts": ProductionCounts,
    "counter_readings": CounterReadings,
    "scrap_events": ScrapEvents,
    "order_operations": OrderOperations,
    "shift_calendar": ShiftCalendar,
    "standard_rates": StandardRates,
    "maintenance_orders": MaintenanceOrders,
    "items": Items,
    "item_costs": ItemCosts,
    "operation_costs": OperationCosts,
    "stock_documents": StockDocuments,
    "stock_movements": StockMovements,
    "stock_snapshots": StockSnapshots,
    "production_orders": ProductionOrders,
    "sales_order_lines": SalesOrderLines,
    "purchase_order_lines": PurchaseOrderLines,
    "labour_entries": LabourEntries,
    "energy_readings": EnergyReadings,
    "measurements": Measurements,
    "machine_capacities": MachineCapacities,
    "material_balances": MaterialBalances,
    "kpi_baselines": KpiBaselines,
    "kpi_targets": KpiTargets,
}


def feed_name(feed: type[Feed]) -> str:
    """The feed's name in FEEDS."""
    return next(name for name, known in FEEDS.items() if known is feed)


__all__ = [
    "FEEDS",
    "CounterReadings",
    "EnergyReadings",
    "Feed",
    "Identifiers",
    "ItemCosts",
    "Items",
    "KpiBaselines",
    "KpiTargets",
    "LabourEntries",
    "MachineCapacities",
    "MachineStates",
    "Machines",
    "MaintenanceOrders",
    "MaterialBalances",
    "Measurements",
    "OperationCosts",
    "OrderOperations",
    "ProductionCounts",
    "ProductionOrders",
    "PurchaseOrderLines",
    "Reasons",
    "SalesOrderLines",
    "ScrapEvents",
    "ShiftCalendar",
    "StandardRates",
    "StockDocuments",
    "StockMovements",
    "StockSnapshots",
    "feed_key",
    "feed_name",
]
