"""SAP Production Planning: orders, confirmations and the rates of the routings.

Lists as spreadsheets (tab separated, technical field names): COOIS (order headers) and CA_RATES
(routing operations with their standard values in the unit they name). Tables in the internal format
of an extractor (semicolons, dates `20260302`, times `081500`, numbers with leading zeros):

- AFKO: the header of an order, as COOIS lists it; an order has the same id in both, so that the
  later delivery counts and none counts twice. The header has no creation date and no deletion
  flag: these stand in AUFK, and a query may add `ERDAT`, `ERFZEIT` and `LOEKZ`. The release
  is a date without a time, the day's first instant. Headers of maintenance orders have no material
  and are left out.
- AFPO: the items of an order. Quantities received stand here (`WEMNG`), what was confirmed in the
  header; an order of a feed comes from one row, so the items are accepted and feed nothing.
- AFRU: confirmations. Yield, scrap and rework, in the base unit of the item, between `ISDD ISDZ`
  and `IEDD IEDZ`. A confirmation that was reversed carries STOKZ, and the one that reverses it the
  counter of the first in STZHL: neither counts, even where the first one is not sent again.
  A confirmation whose start is its end (a milestone) lasted no time and is put aside.
- CRHD: work centres, for the numbers AFRU knows them by (`ARBID`).

A plant whose MES counts what machines make leaves AFRU out (`include` in plants.toml): the same
units would be counted twice.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import (
    code,
    constant,
    in_unit,
    joined,
    local_time,
    number,
    ratio_of,
    sum_of,
    text,
    whole,
)
from ingestion.feeds import (
    Identifiers,
    OrderOperations,
    ProductionCounts,
    ProductionOrders,
    StandardRates,
)
from ingestion.source import FeedMapping, Source, Table
from ingestion.vocabularies.sap import LEADING_ZEROS, LIST, LIST_DATE, TABLE, TABLE_DATE

LIST_TIME = f"{LIST_DATE} %H:%M:%S"
TABLE_TIME = "%Y%m%d %H%M%S"

#: Units of time of standard values, internal and as German and English lists show them.
UNITS_S = {
    "S": 1,
    "SEK": 1,
    "SEC": 1,
    "MIN": 60,
    "H": 3600,
    "STD": 3600,
    "HR": 3600,
}
IS_DELETED = code("LOEKZ", {"X": True}, blank=False)
ORDER_ID = text("AUFNR", cut=LEADING_ZEROS)

COOIS = Table(
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
                "created_at": local_time("ERDAT", "ERZEIT", format=LIST_TIME),
                "released_at": local_time("FTRMI", "FTRZT", format=LIST_TIME),
                "due_at": local_time("GLTRP", format=LIST_DATE, future=True),
                "completed_at": local_time("GETRI", "GEUZI", format=LIST_TIME),
                "is_cancelled": IS_DELETED,
            },
        ),
    ),
)

CA_RATES = Table(
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
                "valid_from": local_time("DATUV", format=LIST_DATE, future=True),
                "ideal_cycle_s": ratio_of(in_unit(number("VGW02"), "VGE02", UNITS_S), "BMSCH"),
                "planned_setup_s": in_unit(number("VGW01"), "VGE01", UNITS_S),
            },
        ),
    ),
)

AFKO = Table(
    name="AFKO",
    pattern="AFKO_*.csv",
    dialect=TABLE,
    columns=("AUFNR", "PLNBEZ", "GAMNG", "IGMNG", "FTRMI", "GLTRP", "GETRI", "GEUZI"),
    feeds=(
        FeedMapping(
            ProductionOrders,
            {
                "order_id": ORDER_ID,
                "item_id": text("PLNBEZ", cut=LEADING_ZEROS),
                "planned_qty": number("GAMNG"),
                "completed_qty": number("IGMNG"),
                "created_at": local_time("ERDAT", "ERFZEIT", format=TABLE_TIME),
                "released_at": local_time("FTRMI", format=TABLE_DATE),
                "due_at": local_time("GLTRP", format=TABLE_DATE, future=True),
                "completed_at": local_time("GETRI", "GEUZI", format=TABLE_TIME),
                "is_cancelled": IS_DELETED,
            },
            where=pl.col("PLNBEZ") != "",
        ),
    ),
)

AFPO = Table(
    name="AFPO",
    pattern="AFPO_*.csv",
    dialect=TABLE,
    columns=("AUFNR", "POSNR", "MATNR", "PSMNG", "WEMNG"),
    feeds=(),
)

RUN = {
    "machine_id": text("ARBID", cut=LEADING_ZEROS),
    "operation_id": joined("AUFNR", "VORNR", cut=LEADING_ZEROS),
    "order_id": ORDER_ID,
    "pass_no": constant(1),
    "start_at": local_time("ISDD", "ISDZ", format=TABLE_TIME),
    "end_at": local_time("IEDD", "IEDZ", format=TABLE_TIME),
}
IS_REVERSAL = ~pl.col("STZHL").is_in(list(TABLE.nulls))

AFRU = Table(
    name="AFRU",
    pattern="AFRU_*.csv",
    dialect=TABLE,
    columns=(
        "RUECK",
        "RMZHL",
        "AUFNR",
        "VORNR",
        "ARBID",
        "LMNGA",
        "XMNGA",
        "RMNGA",
        "MEINH",
        "STOKZ",
        "STZHL",
        "ISDD",
        "ISDZ",
        "IEDD",
        "IEDZ",
    ),
    feeds=(
        FeedMapping(
            ProductionCounts,
            RUN
            | {
                "run_id": joined("RUECK", "RMZHL", cut=LEADING_ZEROS),
                "produced_qty": sum_of("LMNGA", "XMNGA", "RMNGA"),
                "good_qty": number("LMNGA"),
                "scrap_qty": number("XMNGA"),
                "rework_qty": number("RMNGA"),
                "is_deleted": code("STOKZ", {"X": True}, blank=False),
            },
            where=~IS_REVERSAL,
        ),
        # What a reversal takes back, whether or not it is sent again with its mark.
        FeedMapping(
            ProductionCounts,
            RUN
            | {
                "run_id": joined("RUECK", "STZHL", cut=LEADING_ZEROS),
                "is_deleted": constant(True),
            },
            where=IS_REVERSAL,
        ),
        FeedMapping(
            OrderOperations,
            {
                "operation_id": joined("AUFNR", "VORNR", cut=LEADING_ZEROS),
                "order_id": ORDER_ID,
                "sequence_no": whole("VORNR"),
                "machine_id": text("ARBID", cut=LEADING_ZEROS),
            },
        ),
    ),
)

CRHD = Table(
    name="CRHD",
    pattern="CRHD_*.csv",
    dialect=TABLE,
    columns=("OBJTY", "OBJID", "ARBPL"),
    feeds=(
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("machine"),
                "source_id": text("OBJID", cut=LEADING_ZEROS),
                "business_id": text("ARBPL"),
            },
            where=pl.col("OBJTY") == "A",
        ),
    ),
)

SOURCE = Source(
    name="sap_pp",
    title="SAP PP, production orders, confirmations and routing rates",
    system="erp",
    tables=(COOIS, CA_RATES, AFKO, AFPO, AFRU, CRHD),
)
