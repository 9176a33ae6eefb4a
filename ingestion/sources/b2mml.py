"""B2MML messages (ISA-95), V4 to V7, named after their kind: `SyncOperationsPerformance_….xml`.

What happened in a segment (OperationsPerformance, ProductionPerformance) becomes a state of its
equipment, output and stock movements; a schedule's requests become orders; material definitions
items. Lots and sub-lots (MaterialInformation) are no stock of an item at a time: no feed takes
them. A response is accepted or put aside as a whole. How a site names its files is its own
convention: another one goes into the patterns, as in `b2mml_courbon.py`; the words stand in
`vocabularies/b2mml.py`.
"""

from __future__ import annotations

from ingestion.source import Source, Table
from ingestion.vocabularies.b2mml import (
    MATERIAL_DEFINITION,
    MATERIAL_DEFINITION_FEEDS,
    MATERIAL_INFORMATION,
    PERFORMANCE,
    PERFORMANCE_FEEDS,
    SCHEDULE,
    SCHEDULE_FEEDS,
)

SOURCE = Source(
    name="b2mml",
    title="B2MML messages (ISA-95)",
    system="mes",
    tables=(
        Table("performance", "*performance*.xml*", PERFORMANCE, (), PERFORMANCE_FEEDS),
        Table("schedule", "*schedule*.xml*", SCHEDULE, ("ID",), SCHEDULE_FEEDS),
        Table(
            "material_definition",
            "*materialdefinition*.xml*",
            MATERIAL_DEFINITION,
            ("ID",),
            MATERIAL_DEFINITION_FEEDS,
        ),
        Table(
            "material_information", "*materialinformation*.xml*", MATERIAL_INFORMATION, ("ID",), ()
        ),
    ),
)
