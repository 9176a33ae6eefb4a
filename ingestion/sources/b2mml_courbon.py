"""Courbon's example messages in B2MML V0401, named by their purpose, and a batch record (BatchML).

PES is a production performance (what a weighing consumed), PRO a production schedule, MAT a
material; INV and LOT tell of one sub-lot and one lot, and the batch record of the steps of a
recipe: they are no stock of an item and no time of a machine, so that no feed takes them.
"""

from __future__ import annotations

from ingestion.source import Source, Table, Xml
from ingestion.vocabularies.b2mml import (
    MATERIAL_DEFINITION,
    MATERIAL_DEFINITION_FEEDS,
    MATERIAL_INFORMATION,
    PERFORMANCE,
    PERFORMANCE_FEEDS,
    SCHEDULE,
    SCHEDULE_FEEDS,
)

#: The local time at which a message was made, as its name says it.
STAMP = (r"-(\d{14})-", "%Y%m%d%H%M%S")

SOURCE = Source(
    name="b2mml_courbon",
    title="B2MML example messages of Courbon, and a batch record",
    system="mes",
    tables=(
        Table("performance", "PES-*.xml", PERFORMANCE, (), PERFORMANCE_FEEDS, stamp=STAMP),
        Table("schedule", "PRO-*.xml", SCHEDULE, ("ID",), SCHEDULE_FEEDS, stamp=STAMP),
        Table(
            "material_definition",
            "MAT-*.xml",
            MATERIAL_DEFINITION,
            ("ID",),
            MATERIAL_DEFINITION_FEEDS,
            stamp=STAMP,
        ),
        Table("sub_lot", "INV-*.xml", MATERIAL_INFORMATION, ("ID",), (), stamp=STAMP),
        Table("lot", "LOT-*.xml", MATERIAL_INFORMATION, ("ID",), (), stamp=STAMP),
        Table(
            "batch_record",
            "ProductionBatchRecord*.xml",
            Xml(record="ExecutedControlRecipe"),
            ("ID",),
            (),
        ),
    ),
)
