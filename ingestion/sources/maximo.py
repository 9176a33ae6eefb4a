"""IBM Maximo: work orders, and the history of their status, 7.6 and MAS Manage.

CSV out of the database, with the names of the columns of WORKORDER and WOSTATUS: the download of a
list in the user interface has translated headers and only the columns of that list. Times are
naive, in the zone of the application server, which must be the plant's; the fraction of a second
may be there or not. Flags are 0 and 1. Durations and labour are hours.

- Only work orders count (`WOCLASS` WORKORDER): activities, and tasks (`ISTASK`), are parts of one.
- A number is unique in its site: the id is `SITEID-WONUM`. The asset becomes a machine by the
  plant's code map `assets`.
- `WORKTYPE` is a list of the site; the words Maximo installs, and the usual further ones, stand in
  WORK_TYPES below. EM is work on a machine that stood still.
- Start and finish are `ACTSTART` and `ACTFINISH`. Maximo fills them when the status becomes INPRG
  and COMP. Where they are empty they cannot be taken from WOSTATUS here: an order of a feed comes
  from one row, and a second row of it would replace it as a whole. Ask for them in the query then:
  `coalesce(w.actstart, (select min(s.changedate) from wostatus s where s.wonum = w.wonum and
  s.siteid = w.siteid and s.status = 'INPRG')) as actstart`, the finish with `max` and COMP.
  WOSTATUS itself is accepted, so that it is not reported as unknown, and feeds nothing.
- `TARGCOMPDATE` is the day it is due. Work that is generated from a PM, or estimated before it
  began (`ESTLABHRS`), was planned; `PMNUM` says the first, and only that is used.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import code, computed, joined, local_time, number, plant_code, sum_of, text
from ingestion.feeds import MaintenanceOrders
from ingestion.source import Delimited, FeedMapping, Source, Table

CSV = Delimited(nulls=("", "NULL"), final_newline=True)
TIME = "%Y-%m-%d %H:%M:%S%.f"

#: Internal status (MAXVALUE of WOSTATUS); a site that adds synonyms names them here.
STATUSES = dict.fromkeys(
    ("WAPPR", "APPR", "WSCH", "WMATL", "WPCOND", "INPRG", "COMP", "CLOSE", "HISTEDIT"), False
) | {"CAN": True}
WORK_TYPES = {
    "CM": "corrective",
    "EM": "corrective",
    "PM": "preventive",
    "CAL": "other",
    "CP": "other",
    "EV": "other",
    "INSP": "other",
}
IS_BREAKDOWN = {kind: kind == "EM" for kind in WORK_TYPES}

WORKORDER = Table(
    name="WORKORDER",
    pattern="WORKORDER_*.csv",
    dialect=CSV,
    columns=(
        "WONUM",
        "SITEID",
        "WOCLASS",
        "ISTASK",
        "DESCRIPTION",
        "ASSETNUM",
        "WORKTYPE",
        "STATUS",
        "REPORTDATE",
        "ACTSTART",
        "ACTFINISH",
        "TARGCOMPDATE",
        "ESTLABHRS",
        "ACTLABHRS",
        "ACTLABCOST",
        "ACTMATCOST",
        "PROBLEMCODE",
        "PMNUM",
        "CHANGEDATE",
    ),
    feeds=(
        FeedMapping(
            MaintenanceOrders,
            {
                "maintenance_order_id": joined("SITEID", "WONUM"),
                "machine_id": plant_code("ASSETNUM", "assets"),
                "maintenance_kind": code("WORKTYPE", WORK_TYPES),
                "is_breakdown": code("WORKTYPE", IS_BREAKDOWN),
                "description": text("DESCRIPTION"),
                "failure_code": text("PROBLEMCODE"),
                "reported_at": local_time("REPORTDATE", format=TIME),
                "started_at": local_time("ACTSTART", format=TIME),
                "finished_at": local_time("ACTFINISH", format=TIME),
                "due_at": local_time("TARGCOMPDATE", format=TIME, future=True),
                "is_planned": computed(~pl.col("PMNUM").is_in(list(CSV.nulls)), "PMNUM"),
                "planned_labour_s": number("ESTLABHRS", times=3600),
                "labour_s": number("ACTLABHRS", times=3600),
                "cost_amount": sum_of("ACTLABCOST", "ACTMATCOST"),
                "is_deleted": code("STATUS", STATUSES, required=True),
                "changed_at": local_time("CHANGEDATE", format=TIME, informative=True),
            },
            where=(pl.col("WOCLASS") == "WORKORDER") & (pl.col("ISTASK") == "0"),
        ),
    ),
)

WOSTATUS = Table(
    name="WOSTATUS",
    pattern="WOSTATUS_*.csv",
    dialect=CSV,
    columns=("WONUM", "SITEID", "STATUS", "CHANGEDATE"),
    feeds=(),
)

SOURCE = Source(
    name="maximo",
    title="IBM Maximo, work orders",
    system="cmms",
    tables=(WORKORDER, WOSTATUS),
)
