"""SAP Materials Management: material documents (MB51 list), stock, materials and prices."""

from __future__ import annotations

from ingestion.columns import code, day, joined, local_time, number, ratio_of, text
from ingestion.feeds import ItemCosts, Items, StockMovements, StockSnapshots
from ingestion.source import Delimited, FeedMapping, Source, Table
from ingestion.vocabularies.sap import MOVEMENT_COLUMNS

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

SOURCE = Source(
    name="sap_mm",
    title="SAP MM, material documents, stock and prices",
    system="erp",
    tables=(
        Table(
            name="MB51",
            pattern="MB51_*.txt",
            dialect=LIST,
            columns=(
                "MBLNR",
                "MJAHR",
                "ZEILE",
                "BWART",
                "MATNR",
                "LGORT",
                "SOBKZ",
                "SHKZG",
                "MENGE",
                "MEINS",
                "DMBTR",
                "WAERS",
                "AUFNR",
                "BUDAT",
            ),
            feeds=(
                FeedMapping(
                    StockMovements,
                    MOVEMENT_COLUMNS
                    | {
                        "movement_id": joined("MJAHR", "MBLNR", "ZEILE"),
                        "location_id": text("LGORT"),
                        "posting_date": day("BUDAT", DATE),
                        "entered_at": local_time(
                            "CPUDT", "CPUTM", format=f"{DATE} %H:%M:%S", informative=True
                        ),
                        "order_id": text("AUFNR"),
                    },
                ),
            ),
        ),
        Table(
            name="MARD",
            pattern="MARD_*.txt",
            dialect=LIST,
            columns=("MATNR", "LGORT", "STICHTAG", "LABST", "MEINS"),
            feeds=(
                FeedMapping(
                    StockSnapshots,
                    {
                        "item_id": text("MATNR"),
                        "location_id": text("LGORT"),
                        "snapshot_date": day("STICHTAG", DATE),
                        "on_hand_qty": number("LABST"),
                        "uom": text("MEINS"),
                    },
                ),
            ),
        ),
        Table(
            name="MARA",
            pattern="MARA_*.txt",
            dialect=LIST,
            columns=("MATNR", "MAKTX", "MTART", "MEINS"),
            feeds=(
                FeedMapping(
                    Items,
                    {
                        "item_id": text("MATNR"),
                        "item_name": text("MAKTX"),
                        "item_type": code(
                            "MTART",
                            {
                                "ROH": "raw",
                                "VERP": "raw",
                                "HIBE": "other",
                                "HALB": "semi_finished",
                                "FERT": "finished",
                                "HAWA": "finished",
                            },
                        ),
                        "item_group": text("MATKL"),
                        "base_uom": text("MEINS"),
                    },
                ),
            ),
        ),
        Table(
            name="MBEW",
            pattern="MBEW_*.txt",
            dialect=LIST,
            columns=("MATNR", "VPRSV", "STPRS", "PEINH", "GUELTIG_AB"),
            feeds=(
                FeedMapping(
                    ItemCosts,
                    {
                        "item_id": text("MATNR"),
                        "valid_from": day("GUELTIG_AB", DATE, future=True),
                        "unit_cost_amount": ratio_of("STPRS", "PEINH"),
                    },
                ),
            ),
        ),
    ),
)
