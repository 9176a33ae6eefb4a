"""SAP ECC tables of Global Bike, the teaching client: whole tables saved as CSV by a spreadsheet.

Three worlds with the same document numbers, each a plant of its own: MSEG, MSEG_EI (with the
header table misspelt MKPK_EI) and MSEG_Pirates. Dates are American, with two or four digits of
the year; times have 12 or 24 hours; amounts have thousands commas and may be padded.

A line's own posting date is believed before its header's: in MKPF the dates were filled down the
column by a spreadsheet, one day further per row. Lines without one take it from the header.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import code, day, joined, local_time, text
from ingestion.feeds import Items, StockDocuments, StockMovements
from ingestion.source import Delimited, FeedMapping, Source, Table
from ingestion.vocabularies.sap import movement_columns

CSV = Delimited(thousands=",", nulls=("", "00/00/0000"))
# The two-digit year first: "17" would also be read as the year 17.
DATES = ("%m/%d/%y", "%m/%d/%Y")
TIMES = tuple(f"{date} {clock}" for date in DATES for clock in ("%I:%M:%S %p", "%H:%M:%S"))

# MSEG and MKPF join by document and year; the client is the same within a plant.
DOCUMENT = joined("MJAHR", "MBLNR")

MSEG = Table(
    name="MSEG",
    pattern="MSEG*.csv*",
    dialect=CSV,
    columns=(
        "MBLNR",
        "MJAHR",
        "ZEILE",
        "BWART",
        "MATNR",
        "WERKS",
        "LGORT",
        "SOBKZ",
        "SHKZG",
        "DMBTR",
        "WAERS",
        "MENGE",
        "MEINS",
        "AUFNR",
    ),
    feeds=(
        FeedMapping(
            StockMovements,
            movement_columns()
            | {
                "movement_id": joined("MJAHR", "MBLNR", "ZEILE"),
                "document_id": DOCUMENT,
                # Stock in transit to another site, and receipts for direct consumption, have
                # no storage location there.
                "location_id": joined("WERKS", "LGORT", optional=("LGORT",)),
                "posting_date": day("BUDAT_MKPF", *DATES),
                "entered_at": local_time(
                    "CPUDT_MKPF", "CPUTM_MKPF", format=TIMES, informative=True
                ),
                # Numbers of empty cells' columns went through a floating-point type.
                "order_id": text("AUFNR", cut=r"\.0$"),
            },
        ),
    ),
)

MKPF = Table(
    name="MKPF",
    pattern="MKP[FK]*.csv*",
    dialect=CSV,
    columns=("MBLNR", "MJAHR", "BUDAT", "CPUDT", "CPUTM"),
    feeds=(
        FeedMapping(
            StockDocuments,
            {
                "document_id": DOCUMENT,
                "posting_date": day("BUDAT", *DATES),
                "entered_at": local_time("CPUDT", "CPUTM", format=TIMES, informative=True),
            },
        ),
    ),
)

# Items of purchase orders repeat a material's master data; those without a material are services.
EKPO = Table(
    name="EKPO",
    pattern="EKPO*.csv*",
    dialect=CSV,
    columns=("EBELN", "EBELP", "MATNR", "TXZ01", "MATKL", "LMEIN"),
    feeds=(
        FeedMapping(
            Items,
            {
                "item_id": text("MATNR"),
                "item_name": text("TXZ01"),
                # The material type is not in every release; here the group says the same.
                "item_type": code(
                    "MATKL",
                    {"RAW": "raw", "BIKES": "finished", "SFTY": "finished", "UTIL": "other"},
                ),
                "item_group": text("MATKL"),
                "base_uom": text("LMEIN"),
            },
            where=pl.col("MATNR") != "",
        ),
    ),
)

# Purchase order headers and price conditions: no feed takes them yet, they are accepted so that
# they are not reported as unknown.
EKKO = Table(name="EKKO", pattern="EKKO*.csv*", dialect=CSV, columns=("EBELN",), feeds=())
KONV = Table(name="KONV", pattern="KONV*.csv*", dialect=CSV, columns=("KNUMV",), feeds=())

SOURCE = Source(
    name="sap_gbi",
    title="SAP ECC tables (Global Bike), saved as CSV",
    system="erp",
    tables=(MSEG, MKPF, EKPO, EKKO, KONV),
)
