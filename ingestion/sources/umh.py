"""United Manufacturing Hub, version 2: dumps of its analytics tables as CSV, one file per table.

Column names are those of its schema; times are written with their offset, as PostgreSQL dumps them.
A state lasts until the next one of its asset. Its numbers go by tens of thousands: what is below
them tells the place (180003: failure of the palletizer). In an unknown state nobody observes the
asset. A product is what was made until its end time; `quantity` includes `bad_quantity`. Which work
order it was made for the tables do not say. A row that was deleted is simply missing from the next
dump, so that what it said stays until another row takes its place.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import (
    FIRST_INSTANT,
    Column,
    code,
    computed,
    constant,
    either,
    joined,
    just_before,
    number,
    on_clocks,
    text,
    utc_time,
)
from ingestion.feeds import (
    Identifiers,
    Machines,
    MachineStates,
    OrderOperations,
    ProductionCounts,
    ProductionOrders,
    Reasons,
    ShiftCalendar,
    StandardRates,
)
from ingestion.plants import Plant
from ingestion.reshapes import WRITTEN, states_by_change
from ingestion.source import Delimited, FeedMapping, Source, Table

CSV = Delimited()
TIME = "%Y-%m-%d %H:%M:%S%.f%#z"
WITHIN = 10_000

#: Tens of thousands of a state's number: what it is called, and the state of the machine.
KINDS = {
    1: ("Producing", "producing"),
    2: ("Producing slowly", "producing"),
    3: ("Unknown", None),
    4: ("Unspecified stop", "delay"),
    5: ("Microstop", "delay"),
    6: ("Jam at the inlet", "delay"),
    7: ("Jam at the outlet", "delay"),
    8: ("Congestion in the bypass", "delay"),
    9: ("Other material issue", "delay"),
    10: ("Changeover", "setup"),
    11: ("Cleaning", "setup"),
    12: ("Emptying", "setup"),
    13: ("Setting up", "setup"),
    14: ("Operator not at the machine", "delay"),
    15: ("Break of the operators", "planned_down"),
    16: ("No shift", "planned_down"),
    17: ("No order", "no_order"),
    18: ("Equipment failure", "delay"),
    19: ("External failure", "delay"),
    20: ("External interference", "delay"),
    21: ("Preventive maintenance", "planned_down"),
    22: ("Other technical stop", "delay"),
}
UNKNOWN, FAILURE = 3, 18
#: Stops that say no reason; the numbers above them within the ten thousand do.
UNSPECIFIED = ("40000",)


def kind(name: str = "state") -> pl.Expr:
    """The tens of thousands of a state's number."""
    return pl.col(name).str.strip_chars().cast(pl.Int64, strict=False) // WITHIN


def changes(rows: pl.DataFrame) -> pl.DataFrame:
    """The states with the time until which they lasted."""
    known = rows.filter(kind().is_in(list(KINDS)))["state"].unique()
    reshape = states_by_change(
        "asset_id", time="start_time", format=TIME, state="state", known=known
    )
    return reshape(rows)


def reasons(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per state that is a stop with a reason."""
    is_stop = (kind() > UNKNOWN) & kind().is_in(list(KINDS)) & ~pl.col("state").is_in(UNSPECIFIED)
    return rows.filter(is_stop).unique("state", keep="first", maintain_order=True)


def of_kind(part: int) -> pl.Expr:
    """The name (0) or the machine's state (1) of the kind."""
    return kind().replace_strict(
        {number: meaning[part] for number, meaning in KINDS.items()},
        default=None,
        return_dtype=pl.String,
    )


def places(rows: pl.DataFrame) -> pl.DataFrame:
    """The assets below the site, with their path in it; what stands above is no machine."""
    levels = [
        pl.when(pl.col(name) != "").then(pl.col(name))
        for name in ("area", "line", "workcell", "origin_id")
    ]
    path = pl.concat_str(levels, separator="/", ignore_nulls=True)
    return rows.with_columns(path=path).filter(pl.col("path") != "")


def known_state() -> Column:
    """The state of the machine; a number of no kind is a fault."""
    return Column(
        lambda ctx: of_kind(1),
        lambda ctx: pl.when(of_kind(0).is_null()).then(pl.lit("unknown_code")),
        ("state",),
    )


def good() -> Column:
    """What was made and is not bad."""
    made, bad = number("quantity"), number("bad_quantity")
    return Column(
        lambda ctx: made.value(ctx) - bad.value(ctx),
        lambda ctx: pl.coalesce(made.fault(ctx), bad.fault(ctx)),
        ("quantity", "bad_quantity"),
    )


def production_day(local: pl.Expr, plant: Plant) -> pl.Expr:
    """The day a shift counts for by when it starts."""
    start = plant.day_start
    return (local - pl.duration(hours=start.hour, minutes=start.minute)).dt.date()


START = utc_time("start_time", format=TIME)
END = utc_time("end_time", format=TIME)
PLANNED_START = utc_time("start_time", format=TIME, future=True)

STATUS = code("status", {"0": "planned", "1": "running", "2": "completed"}, required=True)
IS_COMPLETED = pl.col("status") == "2"
#: What is planned or under way may have an end too: the planned one.
COMPLETED = Column(
    lambda ctx: pl.when(IS_COMPLETED).then(END.value(ctx)),
    lambda ctx: pl.coalesce(STATUS.fault(ctx), pl.when(IS_COMPLETED).then(END.fault(ctx))),
    ("status", "end_time"),
    END.parts,
)

ASSET = Table(
    name="asset",
    pattern="asset_*.csv*",
    dialect=CSV,
    columns=("id", "enterprise", "site", "area", "line", "workcell", "origin_id"),
    feeds=(
        FeedMapping(
            Machines,
            {
                "machine_id": text("path"),
                "line_id": text("line"),
                "area_id": text("area"),
            },
            reshape=places,
        ),
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("machine"),
                "source_id": text("id"),
                "business_id": text("path"),
            },
            reshape=places,
        ),
    ),
)

PRODUCT_TYPE = Table(
    name="product_type",
    pattern="product_type_*.csv*",
    dialect=CSV,
    columns=("product_type_id", "external_product_type_id", "cycle_time_ms", "asset_id"),
    feeds=(
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("item"),
                "source_id": text("product_type_id"),
                "business_id": text("external_product_type_id"),
            },
        ),
        FeedMapping(
            StandardRates,
            {
                "item_id": text("product_type_id"),
                "machine_id": text("asset_id"),
                # The table says no date: the cycle holds for every product there is.
                "valid_from": constant(FIRST_INSTANT),
                "ideal_cycle_s": number("cycle_time_ms", times="0.001"),
            },
        ),
    ),
)

WORK_ORDER = Table(
    name="work_order",
    pattern="work_order_*.csv*",
    dialect=CSV,
    columns=(
        "work_order_id",
        "external_work_order_id",
        "asset_id",
        "product_type_id",
        "quantity",
        "status",
    ),
    feeds=(
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("order"),
                "source_id": text("work_order_id"),
                "business_id": text("external_work_order_id"),
            },
        ),
        FeedMapping(
            OrderOperations,
            {
                "operation_id": text("work_order_id"),
                "order_id": text("work_order_id"),
                "item_id": text("product_type_id"),
                "machine_id": text("asset_id"),
                "planned_qty": number("quantity"),
            },
        ),
        FeedMapping(
            ProductionOrders,
            {
                "order_id": text("work_order_id"),
                "item_id": text("product_type_id"),
                "planned_qty": number("quantity"),
                "completed_at": COMPLETED,
                "is_cancelled": constant(False),
            },
        ),
    ),
)

PRODUCT = Table(
    name="product",
    # Not the product types.
    pattern="product_[0-9]*.csv*",
    dialect=CSV,
    columns=("product_type_id", "product_batch_id", "asset_id", "end_time", "quantity"),
    feeds=(
        FeedMapping(
            ProductionCounts,
            {
                "run_id": joined(
                    "asset_id", "end_time", "product_batch_id", optional=("product_batch_id",)
                ),
                "machine_id": text("asset_id"),
                "item_id": text("product_type_id"),
                "pass_no": constant(1),
                "start_at": either("start_time", START, just_before(END)),
                "end_at": END,
                "produced_qty": number("quantity"),
                "good_qty": good(),
                "scrap_qty": number("bad_quantity"),
                "rework_qty": constant(0),
            },
        ),
    ),
)

SHIFT = Table(
    name="shift",
    pattern="shift_*.csv*",
    dialect=CSV,
    columns=("shift_id", "asset_id", "start_time", "end_time"),
    feeds=(
        FeedMapping(
            ShiftCalendar,
            {
                "shift_id": text("shift_id"),
                # A shift has no name: when it starts is what people call it.
                "shift_code": on_clocks(
                    PLANNED_START, lambda local, plant: local.dt.strftime("%H:%M")
                ),
                "machine_id": text("asset_id"),
                "production_date": on_clocks(PLANNED_START, production_day),
                "start_at": PLANNED_START,
                "end_at": utc_time("end_time", format=TIME, future=True),
            },
        ),
    ),
)

STATE = Table(
    name="state",
    pattern="state_*.csv*",
    dialect=CSV,
    columns=("asset_id", "start_time", "state"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": joined("asset_id", "start_time"),
                "machine_id": text("asset_id"),
                "layer": constant(0),
                "start_at": START,
                "end_at": utc_time("until", format=WRITTEN),
                "state": known_state(),
                "reason_id": computed(
                    pl.when((kind() > UNKNOWN) & ~pl.col("state").is_in(UNSPECIFIED)).then("state"),
                    "state",
                ),
                "is_placed": constant(False),
            },
            where=kind().ne_missing(UNKNOWN),
            reshape=changes,
        ),
        FeedMapping(
            Reasons,
            {
                "reason_kind": constant("stop"),
                "reason_id": text("state"),
                "reason_code": text("state"),
                "reason_name": computed(of_kind(0), "state"),
                "state": known_state(),
                "is_failure": computed(kind() == FAILURE, "state"),
            },
            reshape=reasons,
        ),
    ),
)

SOURCE = Source(
    name="umh",
    title="United Manufacturing Hub, table dumps",
    system="mes",
    tables=(ASSET, PRODUCT_TYPE, WORK_ORDER, PRODUCT, SHIFT, STATE),
)
