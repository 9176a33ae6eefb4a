"""SAP Plant Maintenance: the order list IW38/IW39 saved as a spreadsheet.

"Spreadsheet" means tab separated UTF-16 with a byte order mark. Field names are the technical
ones. Equipment numbers become machines by the plant's code map `equipment`.
"""

from __future__ import annotations

from ingestion.columns import code, local_time, number, plant_code, text
from ingestion.feeds import MaintenanceOrders
from ingestion.source import Delimited, FeedMapping, Source, Table

LIST = Delimited(
    encoding="utf-16",
    delimiter="\t",
    decimal=",",
    thousands=".",
    trailing_minus=True,
    nulls=("", "00.00.0000"),
    final_newline=True,
    totals_mark="*",
)
TIME = "%d.%m.%Y %H:%M:%S"

SOURCE = Source(
    name="sap_pm",
    title="SAP PM, maintenance order list (IW38/IW39)",
    system="cmms",
    tables=(
        Table(
            name="IW39",
            pattern="IW3[89]_*.txt",
            dialect=LIST,
            columns=(
                "AUFNR",
                "AUART",
                "EQUNR",
                "KTEXT",
                "MSAUS",
                "ERDAT",
                "ERZEIT",
                "GSTRI",
                "GSUZI",
                "GETRI",
                "GEUZI",
            ),
            feeds=(
                FeedMapping(
                    MaintenanceOrders,
                    {
                        "maintenance_order_id": text("AUFNR"),
                        "machine_id": plant_code("EQUNR", "equipment"),
                        "maintenance_kind": code(
                            "AUART",
                            {
                                "PM01": "corrective",
                                "PM02": "preventive",
                                "PM03": "preventive",
                                "PM04": "other",
                                "PM05": "other",
                                "PM06": "other",
                            },
                        ),
                        "is_breakdown": code("MSAUS", {"X": True}, blank=False),
                        "description": text("KTEXT"),
                        "failure_code": text("FECOD"),
                        "reported_at": local_time("ERDAT", "ERZEIT", format=TIME),
                        "started_at": local_time("GSTRI", "GSUZI", format=TIME),
                        "finished_at": local_time("GETRI", "GEUZI", format=TIME),
                        "due_at": local_time("GSTRP", format="%d.%m.%Y", future=True),
                        "labour_s": number("ISMNW", times=3600),
                        "cost_amount": number("GKOST"),
                    },
                ),
            ),
        ),
    ),
)
