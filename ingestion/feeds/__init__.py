"""Feeds: the canonical shape of one kind of fact, and the public contract towards data engineers.

A feed says what a row means, its key, units and rules; it does not know any system. How an
exported file becomes rows of a feed stands in `ingestion/sources/`.
"""

from ingestion.feeds.base import Feed, feed_key
from ingestion.feeds.erp import (
    ItemCosts,
    Items,
    ProductionOrders,
    StockDocuments,
    StockMovements,
    StockSnapshots,
)
from ingestion.feeds.maintenance import MaintenanceOrders
from ingestion.feeds.mes import (
    Identifiers,
    Machines,
    MachineStates,
    OrderOperations,
    ProductionCounts,
    Reasons,
    ScrapEvents,
    ShiftCalendar,
    StandardRates,
)

#: Every feed by its name, which is also its table in the raw schema.
FEEDS: dict[str, type[Feed]] = {
    "machines": Machines,
    "reasons": Reasons,
    "identifiers": Identifiers,
    "machine_states": MachineStates,
    "production_counts": ProductionCounts,
    "scrap_events": ScrapEvents,
    "order_operations": OrderOperations,
    "shift_calendar": ShiftCalendar,
    "standard_rates": StandardRates,
    "maintenance_orders": MaintenanceOrders,
    "items": Items,
    "item_costs": ItemCosts,
    "stock_documents": StockDocuments,
    "stock_movements": StockMovements,
    "stock_snapshots": StockSnapshots,
    "production_orders": ProductionOrders,
}


def feed_name(feed: type[Feed]) -> str:
    """The feed's name in FEEDS."""
    return next(name for name, known in FEEDS.items() if known is feed)


__all__ = [
    "FEEDS",
    "Feed",
    "Identifiers",
    "ItemCosts",
    "Items",
    "MachineStates",
    "Machines",
    "MaintenanceOrders",
    "OrderOperations",
    "ProductionCounts",
    "ProductionOrders",
    "Reasons",
    "ScrapEvents",
    "ShiftCalendar",
    "StandardRates",
    "StockDocuments",
    "StockMovements",
    "StockSnapshots",
    "feed_key",
    "feed_name",
]
