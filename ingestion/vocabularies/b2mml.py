"""B2MML's words (ISA-95): performance, schedules and materials, of any version from V4 to V7.

Namespaces differ by version and are not looked at. V4 says ProductionPerformance, which later
versions still know beside OperationsPerformance; there a segment within a segment may be called
SegmentResponseChild, and the end of the whole is spelt `Endtime`. Quantities are texts with a unit
of their own, and MaterialUse says what they do to stock.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import (
    Column,
    code,
    computed,
    constant,
    day_of,
    joined,
    number,
    signed,
    text,
    utc_time,
)
from ingestion.dialects import Xml
from ingestion.feeds import Items, MachineStates, ProductionCounts, ProductionOrders, StockMovements
from ingestion.source import FeedMapping
from ingestion.times import ISO

#: What a use of material does to stock. What is not here moves none: a sample that is kept or
#: given back, what was only inventoried.
MOVEMENTS = {
    "Produced": "receipt_production",
    "Material Produced": "receipt_production",
    "Yield Produced": "receipt_production",
    "By-product Produced": "receipt_production",
    "Co-product Produced": "receipt_production",
    "Consumed": "issue",
    "Material Consumed": "issue",
    "Consumable": "issue",
    "Destructive Sample": "scrap",
}
OUT_OF_STOCK = ("Consumed", "Material Consumed", "Consumable", "Destructive Sample")
NO_MOVEMENT = ("Returned Sample", "Retained Sample", "Inventoried", "Other")
#: Uses that count as output of the segment; by-products and co-products do not.
OUTPUT = ("Produced", "Material Produced", "Yield Produced")
#: Before V4 said MaterialActual with its use, the element's own name said it.
USES = {
    "MaterialProducedActual": "Produced",
    "MaterialConsumedActual": "Consumed",
    "ConsumableActual": "Consumable",
}

#: Where below a response a text stands: its segment, its material, and the rest of the path.
PLACE = (
    r"^((?:SegmentResponse(?:Child)?(?:\[\d+\])?/)+)"
    r"((?:(?:Material(?:Produced|Consumed)?|Consumable)Actual(?:\[\d+\])?/)?)(.+)$"
)
#: Paths below a segment, and below a material.
SEGMENT = (
    "ActualStartTime",
    "ActualEndTime",
    "EquipmentActual/EquipmentID",
    "HierarchyScope/EquipmentID",
    "Location/EquipmentID",
)
MATERIAL = (
    "MaterialDefinitionID",
    "MaterialUse",
    "StorageLocation",
    "Quantity/QuantityString",
    "Quantity/UnitOfMeasure",
)
#: When a response ended, was published or sent: the first of them that is said.
SAID_AT = (
    "EndTime",
    "*Performance/Endtime",
    "*Performance/EndTime",
    "*Performance/PublishedDate",
    "*[a-z]OperationsPerformance/ApplicationArea/CreationDateTime",
    "*[a-z]ProductionPerformance/ApplicationArea/CreationDateTime",
)

PERFORMANCE = Xml(
    record="*Performance/*Response", above=("*Performance/OperationsType", *SAID_AT[1:])
)
SCHEDULE = Xml(record="*Schedule/*Request")
MATERIAL_DEFINITION = Xml(record="MaterialDefinition")
MATERIAL_INFORMATION = Xml(record="MaterialInformation")


def first_said(rows: pl.DataFrame, *names: str) -> pl.Expr:
    """The first of these columns that holds something; most documents have but some of them."""
    said = [pl.col(name) for name in names if name in rows.columns]
    return pl.coalesce(*said, pl.lit(None, pl.String))


def said_below(rows: pl.DataFrame) -> pl.DataFrame:
    """The texts below the segments: line_no, segment, material (empty: the segment's own), name."""
    places = [name for name in rows.columns if name.startswith("SegmentResponse")]
    parts = pl.col("place").str.extract_groups(PLACE)
    parts = parts.struct.rename_fields(["segment", "material", "name"])
    return (
        rows.unpivot(places, index="line_no", variable_name="place", value_name="said")
        # A message without segments has no such column, and so no text.
        .cast({"said": pl.String})
        .drop_nulls("said")
        .with_columns(parts.alias("parts"))
        .unnest("parts")
    )


def named(said: pl.DataFrame, by: tuple[str, ...], names: tuple[str, ...]) -> pl.DataFrame:
    """One row per group, the texts of these names as columns."""
    return said.group_by(by, maintain_order=True).agg(
        pl.col("said").filter(pl.col("name") == name).first().alias(name) for name in names
    )


def segments(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per segment of a response, however deep, with what the response says of itself."""
    said = said_below(rows).filter(pl.col("material") == "")
    responses = rows.select(
        "line_no",
        response=first_said(rows, "ID", "ProductionRequestID", "OperationsRequestID"),
        order=first_said(rows, "OperationsRequestID", "ProductionRequestID", "ID"),
        kind=first_said(rows, "OperationsType", "*Performance/OperationsType"),
        said_at=first_said(rows, *SAID_AT),
        stands_at=first_said(rows, "HierarchyScope/EquipmentID", "Location/EquipmentID"),
    )
    found = named(said, ("line_no", "segment"), SEGMENT)
    return found.join(responses, on="line_no", maintain_order="left").with_columns(
        place=pl.col("segment").str.strip_chars_end("/"),
        machine=pl.coalesce(*SEGMENT[2:], "stands_at"),
        ended=pl.coalesce("ActualEndTime", "said_at"),
    )


def materials(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per material of a segment, with what the segment says of itself."""
    said = said_below(rows).filter(pl.col("material") != "")
    element = pl.col("material").str.extract(r"^(\w+)")
    implied = element.replace_strict(USES, default=None, return_dtype=pl.String)
    by = ("line_no", "segment", "material")
    return (
        named(said, by, MATERIAL)
        .with_columns(pl.coalesce("MaterialUse", implied).alias("MaterialUse"))
        .join(segments(rows), on=["line_no", "segment"], how="left", maintain_order="left")
        .with_columns(place=pl.concat_str("segment", "material").str.strip_chars_end("/"))
    )


def outputs(rows: pl.DataFrame) -> pl.DataFrame:
    """The materials that were made at a machine that is named, at a time that is said."""
    is_timed = pl.col("machine").is_not_null() & pl.col("ActualStartTime").is_not_null()
    return materials(rows).filter(pl.col("MaterialUse").is_in(OUTPUT) & is_timed)


def orders(rows: pl.DataFrame) -> pl.DataFrame:
    """The requests, with the first material that their first segment is to produce."""
    requirement = "SegmentRequirement/MaterialRequirement"
    produced = "SegmentRequirement/MaterialProducedRequirement"
    is_output = first_said(rows, f"{requirement}/MaterialUse").is_in(OUTPUT)

    def of_output(name: str) -> pl.Expr:
        stated = pl.when(is_output).then(first_said(rows, f"{requirement}/{name}"))
        return pl.coalesce(stated, first_said(rows, f"{produced}/{name}"))

    return rows.with_columns(
        item=of_output("MaterialDefinitionID"), QuantityString=of_output("Quantity/QuantityString")
    )


ID = joined("response", "place")
INTERVAL: dict[str, Column] = {
    "start_at": utc_time("ActualStartTime", format=ISO),
    "end_at": utc_time("ActualEndTime", format=ISO),
}

PERFORMANCE_FEEDS = (
    FeedMapping(
        MachineStates,
        {
            "state_id": ID,
            "machine_id": text("machine"),
            "layer": constant(0),
            **INTERVAL,
            "state": constant("producing"),
            "is_placed": constant(False),
        },
        # Maintenance, quality and inventory have segments too, which are no production.
        where=pl.col("machine").is_not_null()
        & pl.col("ActualStartTime").is_not_null()
        & pl.col("kind").is_in(["Production", "Mixed"]).fill_null(True),
        reshape=segments,
    ),
    FeedMapping(
        ProductionCounts,
        {
            "run_id": ID,
            "machine_id": text("machine"),
            "order_id": text("order"),
            "item_id": text("MaterialDefinitionID"),
            "pass_no": constant(1),
            **INTERVAL,
            "produced_qty": number("Quantity/QuantityString"),
        },
        reshape=outputs,
    ),
    FeedMapping(
        StockMovements,
        {
            "movement_id": ID,
            "item_id": text("MaterialDefinitionID"),
            "location_id": text("StorageLocation"),
            "movement_class": code("MaterialUse", MOVEMENTS, required=True),
            "movement_code": text("MaterialUse"),
            "is_reversal": constant(False),
            "is_owned": constant(True),
            "posting_date": day_of(utc_time("ended", format=ISO)),
            "moved_qty": signed("Quantity/QuantityString", "MaterialUse", OUT_OF_STOCK),
            "uom": text("Quantity/UnitOfMeasure"),
            "order_id": text("order"),
        },
        where=~pl.col("MaterialUse").is_in(NO_MOVEMENT).fill_null(False),
        reshape=materials,
    ),
)

SCHEDULE_FEEDS = (
    FeedMapping(
        ProductionOrders,
        {
            "order_id": text("ID"),
            "item_id": text("item"),
            "planned_qty": number("QuantityString"),
            "due_at": utc_time("EndTime", format=ISO, future=True),
            "is_cancelled": constant(False),
        },
        reshape=orders,
    ),
)

#: Of a material's properties only one is of use here: its unit, which no element says.
UNIT = "MaterialDefinitionProperty"
MATERIAL_DEFINITION_FEEDS = (
    FeedMapping(
        Items,
        {
            "item_id": text("ID"),
            "item_name": text("Description"),
            "item_type": constant("other"),
            "base_uom": computed(
                pl.when(pl.col(f"{UNIT}/ID") == "BaseUnitOfMeasure").then(
                    f"{UNIT}/Value/ValueString"
                ),
                f"{UNIT}/ID",
                f"{UNIT}/Value/ValueString",
            ),
        },
    ),
)
