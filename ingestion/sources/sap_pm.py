"""SAP Plant Maintenance: orders and notifications, as lists and as views.

Lists saved as a spreadsheet: tab separated UTF-16 with a byte order mark, technical field names.
Views in the internal format of an extractor: semicolons, dates `20260302`, times `081500`, numbers
with leading zeros. Equipment numbers become machines by the plant's code map `equipment`,
as the export writes them.

- IW38/IW39 (`IW38_*.txt`, `IW39_*.txt`): the orders, or VIAUFKST (`VIAUFKST_*.csv`), the view they
  are read from. AFIH alone says neither the kind nor a time of an order (AUFK and AFKO do).
- IW28/IW29 (`IW28_*.txt`, `IW29_*.txt`): the notifications, or VIQMEL (`VIQMEL_*.csv`). QMEL alone
  does not say the equipment, QMIH alone not the kind. Malfunction ends at `AUSBS AUZTB`; where
  there is none the notification was completed at `QMDAB QMZAB`. Malfunction begins at
  `AUSVN AUZTV`, before anybody works on it: nothing says when work began, so there is no MTTR from
  notifications.

An order of the feed comes from one row. A failure that has both an order and a notification is one
order here, under the order's number, and its later delivery counts as a whole. A plant therefore
includes one of the four (`include = ["IW3[89]_*"]` in plants.toml), the orders where it has them.
Dates without a time have `00:00:00`, the day's first instant; times are those of the SAP server,
whose zone must be the plant's. Neither view was at hand: that VIAUFKST holds the actual times of
AFKO is to be checked against the first export, which is refused where a column is missing.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ingestion.columns import (
    Column,
    code,
    computed,
    either,
    local_time,
    number,
    plant_code,
    text,
)
from ingestion.feeds import MaintenanceOrders
from ingestion.source import FeedMapping, Source, Table
from ingestion.vocabularies.sap import LEADING_ZEROS, LIST, LIST_DATE, TABLE, TABLE_DATE

UTF16_LIST = replace(LIST, encoding="utf-16")
LIST_TIME = f"{LIST_DATE} %H:%M:%S"
TABLE_TIME = f"{TABLE_DATE} %H%M%S"

ORDER_KINDS = {
    "PM01": "corrective",
    "PM02": "preventive",
    "PM03": "preventive",
    "PM04": "other",
    "PM05": "other",
    "PM06": "other",
}
#: Request, malfunction report, activity report.
NOTIFICATION_KINDS = {"M1": "corrective", "M2": "corrective", "M3": "other"}
BREAKDOWN = code("MSAUS", {"X": True}, blank=False)


def orders(
    order_id: Column, is_breakdown: Column, entered: str, date_format: str, time_format: str
) -> FeedMapping:
    """The feed of maintenance orders; `entered` is the time of day an order was created at."""
    return FeedMapping(
        MaintenanceOrders,
        {
            "maintenance_order_id": order_id,
            "machine_id": plant_code("EQUNR", "equipment"),
            "maintenance_kind": code("AUART", ORDER_KINDS),
            "is_breakdown": is_breakdown,
            "description": text("KTEXT"),
            "failure_code": text("FECOD"),
            "reported_at": local_time("ERDAT", entered, format=time_format),
            "started_at": local_time("GSTRI", "GSUZI", format=time_format),
            "finished_at": local_time("GETRI", "GEUZI", format=time_format),
            "due_at": local_time("GSTRP", format=date_format, future=True),
            "labour_s": number("ISMNW", times=3600),
            "cost_amount": number("GKOST"),
            "is_deleted": code("LOEKZ", {"X": True}, blank=False),
        },
    )


def notifications(order_id: Column, time_format: str) -> FeedMapping:
    """The feed of maintenance orders, of notifications; `order_id` is that of their order."""
    return FeedMapping(
        MaintenanceOrders,
        {
            "maintenance_order_id": either(
                "AUFNR",
                then=order_id,
                # Orders and notifications have number ranges of their own, which may overlap.
                otherwise=computed(
                    pl.format("notification-{}", pl.col("QMNUM").str.replace(LEADING_ZEROS, "")),
                    "QMNUM",
                ),
            ),
            "machine_id": plant_code("EQUNR", "equipment"),
            "maintenance_kind": code("QMART", NOTIFICATION_KINDS),
            "is_breakdown": BREAKDOWN,
            "description": text("QMTXT"),
            "failure_code": text("FECOD"),
            "reported_at": local_time("QMDAT", "MZEIT", format=time_format),
            "finished_at": either(
                "AUSBS",
                then=local_time("AUSBS", "AUZTB", format=time_format),
                otherwise=local_time("QMDAB", "QMZAB", format=time_format),
            ),
            "due_at": local_time("LTRMN", "LTRUR", format=time_format, future=True),
            "is_deleted": code("KZLOESCH", {"X": True}, blank=False),
        },
    )


ORDER_COLUMNS = (
    "AUFNR",
    "AUART",
    "EQUNR",
    "KTEXT",
    "ERDAT",
    "GSTRI",
    "GSUZI",
    "GETRI",
    "GEUZI",
)
NOTIFICATION_COLUMNS = (
    "QMNUM",
    "QMART",
    "EQUNR",
    "QMTXT",
    "MSAUS",
    "QMDAT",
    "MZEIT",
    "AUSVN",
    "AUZTV",
    "AUSBS",
    "AUZTB",
    "QMDAB",
    "QMZAB",
    "AUFNR",
)

IW39 = Table(
    name="IW39",
    pattern="IW3[89]_*.txt",
    dialect=UTF16_LIST,
    columns=(*ORDER_COLUMNS, "MSAUS", "ERZEIT"),
    feeds=(orders(text("AUFNR"), BREAKDOWN, "ERZEIT", LIST_DATE, LIST_TIME),),
)

VIAUFKST = Table(
    name="VIAUFKST",
    pattern="VIAUFKST_*.csv",
    dialect=TABLE,
    columns=(*ORDER_COLUMNS, "ERFZEIT"),
    feeds=(
        orders(
            text("AUFNR", cut=LEADING_ZEROS),
            # Of the notification: where the query does not add it, nobody knows.
            code("MSAUS", {"X": True}),
            "ERFZEIT",
            TABLE_DATE,
            TABLE_TIME,
        ),
    ),
)

IW29 = Table(
    name="IW29",
    pattern="IW2[89]_*.txt",
    dialect=UTF16_LIST,
    columns=NOTIFICATION_COLUMNS,
    feeds=(notifications(text("AUFNR"), LIST_TIME),),
)

VIQMEL = Table(
    name="VIQMEL",
    pattern="VIQMEL_*.csv",
    dialect=TABLE,
    columns=NOTIFICATION_COLUMNS,
    feeds=(notifications(text("AUFNR", cut=LEADING_ZEROS), TABLE_TIME),),
)

SOURCE = Source(
    name="sap_pm",
    title="SAP PM, maintenance orders and notifications",
    system="cmms",
    tables=(IW39, VIAUFKST, IW29, VIQMEL),
)
