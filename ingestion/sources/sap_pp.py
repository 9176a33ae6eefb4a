"""SAP Production Planning: the order list (COOIS) and the rates of the routings."""

from __future__ import annotations

from ingestion.columns import code, local_time, number, ratio_of, text
from ingestion.feeds import ProductionOrders, StandardRates
from ingestion.source import Delimited, FeedMapping, Source, Table

LIST = Delimited(
    encoding="cp1252",
    delimiter="\t",
    decimal=",",
    thousands=".",
    trailing_minus=True,
    nulls=("", "00.00.0000"),
    final_newline=True,
    totals_mark="*",
)
DATE = "%d.%m.%Y"
TIME = f"{DATE} %H:%M:%S"

SOURCE = Source(
    name="sap_pp",
    title="SAP PP, production orders and routing rates",
    system="erp",
    tables=(
        Table(
            name="COOIS",
            pattern="COOIS_*.txt",
            dialect=LIST,
            columns=(
                "AUFNR",
                "MATNR",
                "GAMNG",
                "IGMNG",
                "ERDAT",
                "ERZEIT",
                "FTRMI",
                "FTRZT",
                "GLTRP",
                "GETRI",
                "GEUZI",
                "LOEKZ",
            ),
            feeds=(
                FeedMapping(
                    ProductionOrders,
                    {
                        "order_id": text("AUFNR"),
                        "item_id": text("MATNR"),
                        "planned_qty": number("GAMNG"),
                        "completed_qty": number("IGMNG"),
                        "created_at": local_time("ERDAT", "ERZEIT", format=TIME),
                        "released_at": local_time("FTRMI", "FTRZT", format=TIME),
                        "due_at": local_time("GLTRP", format=DATE, future=True),
                        "completed_at": local_time("GETRI", "GEUZI", format=TIME),
                        "is_cancelled": code("LOEKZ", {"X": True}, blank=False),
                    },
                ),
            ),
        ),
        Table(
            name="CA_RATES",
            pattern="CA_RATES_*.txt",
            dialect=LIST,
            columns=("MATNR", "ARBPL", "DATUV", "BMSCH", "VGW01", "VGE01", "VGW02", "VGE02"),
            feeds=(
                FeedMapping(
                    StandardRates,
                    {
                        "item_id": text("MATNR"),
                        "machine_id": text("ARBPL"),
                        "valid_from": local_time("DATUV", format=DATE, future=True),
                        "ideal_cycle_s": ratio_of("VGW02", "BMSCH", times=60),
                        "planned_setup_s": number("VGW01", times=60),
                    },
                ),
            ),
        ),
    ),
)
