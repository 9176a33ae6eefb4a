"""SAP Materials Management: material documents as lists and as tables, stock, materials, prices.

A material document can arrive in four shapes; in all of them its movements have the same ids (year,
document and line without leading zeros), so that one which is delivered twice counts once:

- MB51 as a spreadsheet (`MB51_*.txt`): tab separated, technical field names;
- MB51 unconverted (`MB51_*.lst`): drawn with bars, a head on every page, totals marked with `*`.
  Its heads are words of the language and the layout: LIST_HEADS below has the English ones, and no
  real list of this kind was at hand. The layout must show all of them. There is no debit/credit
  mark: quantities and values carry their minus behind the number;
- the tables MSEG and MKPF (`MSEG_*.csv`, `MKPF_*.csv`) in the internal format of an extractor:
  semicolons, dates `20260302`, times `081500`, numbers with leading zeros, quantities without a
  sign beside SHKZG. Older releases keep the posting date in MKPF alone, newer ones repeat it as
  BUDAT_MKPF: the line's own date is believed first. A line without a material moves no stock;
- the table MATDOC of S/4 in the same format, with the dates on every line. Only records of type
  MDOC are documents.

Tables keep amounts of currencies without small change (JPY) with two decimals all the same.
Materials and orders lose their leading zeros, as lists show them.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ingestion.columns import code, day, joined, local_time, number, ratio_of, text
from ingestion.feeds import ItemCosts, Items, StockDocuments, StockMovements, StockSnapshots
from ingestion.source import FeedMapping, Source, Table
from ingestion.vocabularies.sap import (
    LEADING_ZEROS,
    LIST,
    LIST_DATE,
    TABLE,
    TABLE_DATE,
    movement_columns,
)

DRAWN = replace(LIST, delimiter="|", quote=None, drawn=True)
TABLE_TIME = "%Y%m%d %H%M%S"

#: Field names to the heads of the unconverted MB51 list.
LIST_HEADS = {
    "MATNR": "Material",
    "LGORT": "SLoc",
    "BWART": "MvT",
    "SOBKZ": "S",
    "MBLNR": "Mat. Doc.",
    "MJAHR": "MatYr",
    "ZEILE": "Item",
    "BUDAT": "Pstng Date",
    "MENGE": "Quantity",
    "MEINS": "BUn",
    "DMBTR": "Amt.in Loc.Cur.",
    "WAERS": "Crcy",
    "AUFNR": "Order",
}

DOCUMENT = joined("MJAHR", "MBLNR", cut=LEADING_ZEROS)
TABLE_MOVEMENT = movement_columns(cut=LEADING_ZEROS) | {
    "movement_id": joined("MJAHR", "MBLNR", "ZEILE", cut=LEADING_ZEROS),
    "location_id": text("LGORT"),
}
MOVES_STOCK = pl.col("MATNR") != ""
TABLE_COLUMNS = (
    "MBLNR",
    "MJAHR",
    "ZEILE",
    "BWART",
    "MATNR",
    "LGORT",
    "SOBKZ",
    "SHKZG",
    "WAERS",
    "DMBTR",
    "MENGE",
    "MEINS",
    "AUFNR",
)

MB51 = Table(
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
            movement_columns()
            | {
                "movement_id": joined("MJAHR", "MBLNR", "ZEILE"),
                "location_id": text("LGORT"),
                "posting_date": day("BUDAT", LIST_DATE),
                "entered_at": local_time(
                    "CPUDT", "CPUTM", format=f"{LIST_DATE} %H:%M:%S", informative=True
                ),
            },
        ),
    ),
)

MB51_DRAWN = Table(
    name="MB51_drawn",
    pattern="MB51_*.lst",
    dialect=DRAWN,
    columns=tuple(LIST_HEADS.values()),
    feeds=(
        FeedMapping(
            StockMovements,
            movement_columns(LIST_HEADS)
            | {
                "movement_id": joined(
                    LIST_HEADS["MJAHR"], LIST_HEADS["MBLNR"], LIST_HEADS["ZEILE"]
                ),
                "location_id": text(LIST_HEADS["LGORT"]),
                "posting_date": day(LIST_HEADS["BUDAT"], LIST_DATE),
            },
        ),
    ),
)

MSEG = Table(
    name="MSEG",
    pattern="MSEG_*.csv",
    dialect=TABLE,
    columns=TABLE_COLUMNS,
    feeds=(
        FeedMapping(
            StockMovements,
            TABLE_MOVEMENT
            | {
                "document_id": DOCUMENT,
                "posting_date": day("BUDAT_MKPF", TABLE_DATE),
                "entered_at": local_time(
                    "CPUDT_MKPF", "CPUTM_MKPF", format=TABLE_TIME, informative=True
                ),
            },
            where=MOVES_STOCK,
        ),
    ),
)

MKPF = Table(
    name="MKPF",
    pattern="MKPF_*.csv",
    dialect=TABLE,
    columns=("MBLNR", "MJAHR", "BUDAT", "CPUDT", "CPUTM"),
    feeds=(
        FeedMapping(
            StockDocuments,
            {
                "document_id": DOCUMENT,
                "posting_date": day("BUDAT", TABLE_DATE),
                "entered_at": local_time("CPUDT", "CPUTM", format=TABLE_TIME, informative=True),
            },
        ),
    ),
)

MATDOC = Table(
    name="MATDOC",
    pattern="MATDOC_*.csv",
    dialect=TABLE,
    columns=("RECORD_TYPE", *TABLE_COLUMNS, "BUDAT", "CPUDT", "CPUTM"),
    feeds=(
        FeedMapping(
            StockMovements,
            TABLE_MOVEMENT
            | {
                "posting_date": day("BUDAT", TABLE_DATE),
                "entered_at": local_time("CPUDT", "CPUTM", format=TABLE_TIME, informative=True),
            },
            where=MOVES_STOCK & (pl.col("RECORD_TYPE") == "MDOC"),
        ),
    ),
)

MARD = Table(
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
                "snapshot_date": day("STICHTAG", LIST_DATE),
                "on_hand_qty": number("LABST"),
                "uom": text("MEINS"),
            },
        ),
    ),
)

MARA = Table(
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
)

MBEW = Table(
    name="MBEW",
    pattern="MBEW_*.txt",
    dialect=LIST,
    columns=("MATNR", "VPRSV", "STPRS", "PEINH", "GUELTIG_AB"),
    feeds=(
        FeedMapping(
            ItemCosts,
            {
                "item_id": text("MATNR"),
                "valid_from": day("GUELTIG_AB", LIST_DATE, future=True),
                "unit_cost_amount": ratio_of("STPRS", "PEINH"),
            },
        ),
    ),
)

SOURCE = Source(
    name="sap_mm",
    title="SAP MM, material documents, stock and prices",
    system="erp",
    tables=(MB51, MB51_DRAWN, MSEG, MKPF, MATDOC, MARD, MARA, MBEW),
)
