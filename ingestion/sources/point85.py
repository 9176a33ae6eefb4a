"""Point85 OEE: table dumps of its database as CSV, files named after their tables.

Column names and codes are those of its schema (version 4) and of its domain library. Databases
differ in how they dump: declared are commas, the schema's upper-case names (PostgreSQL writes them
in lower case: dump with aliases) and times as `2026-03-10 06:00:00.000`. Times are the clock's,
with the offset from UTC in seconds beside them. A production event counts what was booked at a
moment: its units belong to the millisecond before it. Where it does not say what was made, the
material and job events before it do. Rejects and start-up losses are scrap; Point85 does not tell
rework from it.

How many seconds the unit of a run rate means (`RUN_UOM_KEY`, such as units per minute) is said per
plant: `code_maps.run_uom` in plants.toml, `"44" = "60"`.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import (
    EXACT,
    FIRST_INSTANT,
    Column,
    Context,
    cell,
    code,
    computed,
    constant,
    just_before,
    moved,
    number,
    plant_code,
    text,
    utc_time,
)
from ingestion.feeds import (
    Identifiers,
    Machines,
    MachineStates,
    ProductionCounts,
    Reasons,
    ScrapEvents,
    StandardRates,
)
from ingestion.source import Delimited, FeedMapping, Source, Table
from ingestion.times import moments

CSV = Delimited(nulls=("", "NULL", "null"))
TIME = "%Y-%m-%d %H:%M:%S%.f"

#: EVENT_TYPE. The words of reports and older notes stand beside those of the database.
AVAILABILITY = ("AVAIL", "avail")
GOOD = ("GOOD", "prod_good")
SCRAP = ("REJECT", "STARTUP", "prod_reject", "prod_startup")
MATERIAL = ("MATL", "matl_change")
JOB = ("JOB", "job_change")
OTHER = ("CUSTOM", "OTHER")
EVENT_TYPES = (*AVAILABILITY, *GOOD, *SCRAP, *MATERIAL, *JOB, *OTHER)

#: LOSS of a reason to the state of a machine. Losses of speed and quality are lost while it runs.
LOSSES = {
    "NLOSS": "producing",
    "SPEED": "producing",
    "REJECT": "producing",
    "START": "producing",
    "SETUP": "setup",
    "UDOWN": "delay",
    "STOP": "delay",
    "PDOWN": "planned_down",
    "NSCHED": "planned_down",
    "USCHED": "planned_down",
}
QUALITY_LOSSES = ("REJECT", "START")

TYPE = pl.col("EVENT_TYPE").str.strip_chars()
START = moved(utc_time("START_TIME", format=TIME), "START_TIME_OFFSET", back=True)
END = moved(utc_time("END_TIME", format=TIME), "END_TIME_OFFSET", back=True)


#: The event's id, where its type is one there is.
EVENT = Column(
    lambda ctx: cell("EVENT_KEY", ctx),
    code("EVENT_TYPE", {each: each for each in EVENT_TYPES}, required=True).fault,
    ("EVENT_TYPE",),
)


def amount_of(types: tuple[str, ...]) -> Column:
    """The units of events of these types; none of another one."""
    amount = number("AMOUNT")
    return Column(
        lambda ctx: pl.when(TYPE.is_in(types)).then(amount.value(ctx)).otherwise(0),
        amount.fault,
        amount.exported,
    )


def set_up(rows: pl.DataFrame) -> pl.DataFrame:
    """The events with the material and the job that the machine was last set up for."""
    at = moments(pl.col("START_TIME").str.strip_chars(), (TIME,))

    def last(name: str, types: tuple[str, ...]) -> pl.Expr:
        said = pl.when(~pl.col(name).is_in(CSV.nulls)).then(pl.col(name))
        since = pl.when(TYPE.is_in(types)).then(said).forward_fill().over("ENT_KEY", order_by=at)
        return pl.coalesce(said, since).alias(name)

    return rows.with_columns(last("MATL_KEY", MATERIAL), last("JOB", JOB))


def under_parents(rows: pl.DataFrame) -> pl.DataFrame:
    """The reasons with the name of the reason they are reported under."""
    parents = rows.select("REASON_KEY", parent="NAME")
    return rows.join(
        parents, left_on="PARENT_KEY", right_on="REASON_KEY", how="left", maintain_order="left"
    )


def under_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """The machines, with the names of the line and the area they stand in."""
    parents = rows.select("ENT_KEY", "NAME", "HIER_LEVEL", "PARENT_KEY")
    found = rows.filter(pl.col("HIER_LEVEL") == "EQ").with_columns(
        above=pl.col("PARENT_KEY"),
        line=pl.lit(None, pl.String),
        area=pl.lit(None, pl.String),
    )
    # Enterprise, site, area, line, cell: no machine stands deeper.
    for _ in range(5):
        found = found.join(
            parents,
            left_on="above",
            right_on="ENT_KEY",
            how="left",
            suffix=" above",
            maintain_order="left",
        )
        level, name = pl.col("HIER_LEVEL above"), pl.col("NAME above")
        found = found.with_columns(
            line=pl.coalesce("line", pl.when(level == "PL").then(name)),
            area=pl.coalesce("area", pl.when(level == "AREA").then(name)),
            above=pl.col("PARENT_KEY above"),
        ).drop("HIER_LEVEL above", "NAME above", "PARENT_KEY above")
    return found


def cycle_s() -> Column:
    """Seconds per unit of a run rate, whose unit the plant's code map knows."""
    seconds = plant_code("RUN_UOM_KEY", "run_uom")
    amount = number("RUN_AMOUNT")

    def value(ctx: Context) -> pl.Expr:
        per = seconds.value(ctx).cast(pl.Float64, strict=False)
        return (per / amount.value(ctx).cast(pl.Float64)).round(6).cast(EXACT, strict=False)

    def fault(ctx: Context) -> pl.Expr:
        return pl.coalesce(amount.fault(ctx), seconds.fault(ctx))

    return Column(value, fault, ("RUN_AMOUNT", "RUN_UOM_KEY"))


OEE_EVENT = Table(
    name="oee_event",
    pattern="oee_event_*.csv*",
    dialect=CSV,
    columns=("EVENT_KEY", "ENT_KEY", "START_TIME", "START_TIME_OFFSET", "EVENT_TYPE"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": EVENT,
                "machine_id": text("ENT_KEY"),
                "layer": constant(0),
                "start_at": START,
                "end_at": END,
                "reason_id": text("REASON_KEY", required=True),
                "is_placed": constant(False),
            },
            # Whatever is no known event of another kind: a type that nobody knows is told here.
            where=~TYPE.is_in([*GOOD, *SCRAP, *MATERIAL, *JOB, *OTHER]).fill_null(False),
        ),
        FeedMapping(
            ProductionCounts,
            {
                "run_id": text("EVENT_KEY"),
                "machine_id": text("ENT_KEY"),
                "item_id": text("MATL_KEY"),
                "order_id": text("JOB"),
                "pass_no": constant(1),
                "start_at": just_before(START),
                "end_at": START,
                "produced_qty": number("AMOUNT"),
                "good_qty": amount_of(GOOD),
                "scrap_qty": amount_of(SCRAP),
                "rework_qty": constant(0),
            },
            where=TYPE.is_in([*GOOD, *SCRAP]),
            reshape=set_up,
        ),
        FeedMapping(
            ScrapEvents,
            {
                "scrap_id": text("EVENT_KEY"),
                "run_id": text("EVENT_KEY"),
                "machine_id": text("ENT_KEY"),
                "reason_id": text("REASON_KEY"),
                "disposition": constant("scrap"),
                "rejected_qty": number("AMOUNT"),
                "produced_at": START,
            },
            where=TYPE.is_in(SCRAP),
        ),
    ),
)

PLANT_ENTITY = Table(
    name="plant_entity",
    pattern="plant_entity_*.csv*",
    dialect=CSV,
    columns=("ENT_KEY", "NAME", "DESCRIPTION", "PARENT_KEY", "HIER_LEVEL"),
    feeds=(
        FeedMapping(
            Machines,
            {
                "machine_id": text("NAME"),
                "machine_name": text("DESCRIPTION"),
                "line_id": text("line"),
                "area_id": text("area"),
            },
            reshape=under_lines,
        ),
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("machine"),
                "source_id": text("ENT_KEY"),
                "business_id": text("NAME"),
            },
            where=pl.col("HIER_LEVEL") == "EQ",
        ),
    ),
)

REASON = Table(
    name="reason",
    pattern="reason_*.csv*",
    dialect=CSV,
    columns=("REASON_KEY", "NAME", "DESCRIPTION", "PARENT_KEY", "LOSS"),
    feeds=(
        FeedMapping(
            Reasons,
            {
                "reason_kind": computed(
                    pl.when(pl.col("LOSS").is_in(QUALITY_LOSSES).fill_null(False))
                    .then(pl.lit("scrap"))
                    .otherwise(pl.lit("stop"))
                ),
                "reason_id": text("REASON_KEY"),
                "reason_code": text("NAME"),
                "reason_name": text("DESCRIPTION"),
                "reason_group": text("parent"),
                "state": code("LOSS", LOSSES),
                "is_failure": computed(pl.col("LOSS").eq_missing("UDOWN")),
            },
            reshape=under_parents,
        ),
    ),
)

MATERIAL_TABLE = Table(
    name="material",
    pattern="material_*.csv*",
    dialect=CSV,
    columns=("MAT_KEY", "NAME"),
    feeds=(
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("item"),
                "source_id": text("MAT_KEY"),
                "business_id": text("NAME"),
            },
        ),
    ),
)

EQUIPMENT_MATERIAL = Table(
    name="equipment_material",
    pattern="equipment_material_*.csv*",
    dialect=CSV,
    columns=("MAT_KEY", "EQ_KEY", "RUN_AMOUNT", "RUN_UOM_KEY"),
    feeds=(
        FeedMapping(
            StandardRates,
            {
                "item_id": text("MAT_KEY"),
                "machine_id": text("EQ_KEY"),
                # The table says no date: the rate holds for every event there is.
                "valid_from": constant(FIRST_INSTANT),
                "ideal_cycle_s": cycle_s(),
            },
            where=~pl.col("RUN_AMOUNT").is_in(CSV.nulls).fill_null(True),
        ),
    ),
)

SOURCE = Source(
    name="point85",
    title="Point85 OEE, table dumps",
    system="mes",
    tables=(OEE_EVENT, PLANT_ENTITY, REASON, MATERIAL_TABLE, EQUIPMENT_MATERIAL),
)
