"""Feeds of the shop floor: machines, what they did, what came out, and what was planned."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from ingestion.feeds.base import (
    Feed,
    day,
    ends_after_start,
    flag,
    id_,
    instant,
    key_id,
    number,
    one_of,
    text,
    whole,
)

#: What a machine does, each a time element of ISO 22400-2.
STATES = [
    "producing",  # APT, actual production time: first passes
    "rework",  # busy with parts that already failed once: inside AUBT, outside APT
    "setup",  # AUST
    "delay",  # ADET: malfunction, minor stop, waiting while an order runs
    "no_order",  # ADOT: available, but without an order
    "planned_down",  # PDOT: break, planned maintenance
]


class Machines(Feed):
    """One machine (ISA-95 work unit) and where it stands."""

    machine_id = key_id("The machine's business id, as every system shall call it.")
    machine_name = text("Readable name.")
    line_id = id_("The line it belongs to.")
    area_id = id_("The area the line belongs to.")


class Reasons(Feed):
    """One reason code for a stop or a rejection."""

    reason_kind = one_of(["stop", "scrap"], "What the code explains.", key=True)
    reason_id = key_id("The code as the delivering system refers to it.")
    reason_code = text("Short code people know.")
    reason_name = text("Readable name.")
    reason_group = text("The group or parent it is reported under.")
    state = one_of(
        STATES,
        "The state of the machine while a stop with this reason lasts.",
        nullable=True,
    )
    is_failure = flag("True where a stop with this reason is a failure event (MTBF).")


class Identifiers(Feed):
    """One id of a system and the business id that means the same thing."""

    id_kind = one_of(["machine", "item", "order"], "What is identified.", key=True)
    source_id = key_id("The id inside the delivering system.")
    business_id = id_("The id that all systems share.", nullable=False)


class MachineStates(Feed):
    """One state interval of a machine, half-open, in UTC; the end is null while it lasts.

    Either the machine or the production run it happened in must be known. Where intervals
    overlap, the higher layer wins, then the later start, then the earlier end, then the
    later delivery: a stop inside a run is delivered as its own row on layer 1, and the run
    goes on when the stop ends.
    """

    state_id = key_id("The interval's id in its system.")
    machine_id = id_("The machine, as the delivering system calls it.")
    run_id = id_("The production run (production_counts) it happened in.")
    operation_id = id_("The operation (order_operations) it served; null: that of its run.")
    layer = whole("0 for an activity, 1 for a stop inside an activity.", min=0)
    start_at = instant("Start, included.", event=True)
    end_at = instant("End, excluded; null while the state lasts.", nullable=True, event=True)
    state = one_of(STATES, "The state; null where its reason says it.", nullable=True)
    reason_id = id_("The stop reason.")
    is_placed = flag(
        "True where the system knows only the duration and the clock times were placed."
    )

    @dy.rule()
    def end_after_start(cls) -> pl.Expr:
        return ends_after_start()

    @dy.rule()
    def machine_or_run_given(cls) -> pl.Expr:
        return pl.col("machine_id").is_not_null() | pl.col("run_id").is_not_null()


class ProductionCounts(Feed):
    """What one machine produced of one operation in one pass over one interval.

    produced = good + scrap + rework, always. A rework pass (pass_no above 1) counts parts
    that were already counted as rework in an earlier pass.
    """

    run_id = key_id("The production run's id in its system.")
    machine_id = id_("The machine.", nullable=False)
    operation_id = id_("The operation of an order (order_operations).")
    order_id = id_("The order, where the system knows it here.")
    item_id = id_("The item, where the system knows it here.")
    pass_no = whole("1 for the first pass, more for rework passes.", min=1)
    start_at = instant("Start of the run, included.", event=True)
    end_at = instant("End of the run, excluded; null while it lasts.", nullable=True, event=True)
    produced_qty = number("PQ, in the item's base unit.", nullable=True, min=0)
    good_qty = number("GQ.", nullable=True, min=0)
    scrap_qty = number("SQ.", nullable=True, min=0)
    rework_qty = number("RQ, to be reworked in another pass.", nullable=True, min=0)
    ideal_cycle_s = number(
        "PRI the system used for this run, seconds per unit; null: standard_rates.",
        nullable=True,
    )

    @dy.rule()
    def end_after_start(cls) -> pl.Expr:
        return ends_after_start()

    @dy.rule()
    def quantities_add_up(cls) -> pl.Expr:
        parts = pl.col("good_qty") + pl.col("scrap_qty") + pl.col("rework_qty")
        return (parts.is_null() | pl.col("produced_qty").is_null()) | (
            parts == pl.col("produced_qty")
        )

    @dy.rule()
    def ideal_cycle_positive(cls) -> pl.Expr:
        return pl.col("ideal_cycle_s").is_null() | (pl.col("ideal_cycle_s") > 0)


class CounterReadings(Feed):
    """What one counter of a machine showed at one moment; it counts up until it is reset.

    For machines that count and do not say what a run made. The change between two readings of a
    counter is what came out between them; the first reading books nothing. Where a counter falls
    it rolled over, if its `rollover_qty` explains the fall by a change of at most half of it; else
    it was reset, and what it shows was made since. A counter that is not read when another of the
    machine is has not changed. A production run with a quantity goes before the counters.
    """

    machine_id = key_id("The machine.")
    counter = one_of(
        ["produced", "good", "scrap"],
        "Which units it counts: all, those that were good, or those that were scrapped. Of the "
        "three, two tell the third; what three leave over is to be reworked.",
        key=True,
    )
    read_at = instant("When it was read.", key=True, event=True)
    reading_qty = number("What it showed, in the item's base unit.", min=0)
    rollover_qty = number(
        "It shows this many different numbers and starts again at 0; null: it does not roll over.",
        nullable=True,
        min=1,
    )
    order_id = id_("The order of the units counted since the reading before.")
    item_id = id_("The item of the units counted since the reading before.")

    @dy.rule()
    def reading_below_rollover(cls) -> pl.Expr:
        return pl.col("rollover_qty").is_null() | (pl.col("reading_qty") < pl.col("rollover_qty"))


class ScrapEvents(Feed):
    """One rejection: so many units, for one reason."""

    scrap_id = key_id("The rejection's id in its system.")
    run_id = id_("The production run that made the units.")
    machine_id = id_("The machine, where there is no run.")
    item_id = id_("The item, where there is no run.")
    reason_id = id_("The defect code.")
    disposition = one_of(["scrap", "rework"], "What becomes of the units.")
    rejected_qty = number("Units rejected; negative takes an earlier entry back.")
    produced_at = instant("When they were made; null: at the end of the run.", nullable=True)
    detected_at = instant("When the defect was found.", nullable=True)


class OrderOperations(Feed):
    """One operation of a production order on its route."""

    operation_id = key_id("The operation's id in its system.")
    order_id = id_("The order, as the delivering system calls it.", nullable=False)
    sequence_no = whole("Position on the route.", nullable=True)
    item_id = id_("The item, where the system knows it here.")
    machine_id = id_("The planned machine.")
    planned_qty = number("POQ.", nullable=True, min=0)
    planned_scrap_qty = number("Planned scrap (PSQ).", nullable=True, min=0)
    planned_setup_s = number("Planned setup time (PUST).", nullable=True, min=0)
    planned_run_s = number("Planned run time of the quantity.", nullable=True, min=0)


class ShiftCalendar(Feed):
    """One shift instance of a plant, line or machine, or a planned stop inside one.

    Where a plant delivers none, shifts come from its pattern in plants.toml.
    """

    shift_id = key_id("The instance's id.")
    shift_code = id_("The shift's name (M, T, N ...).", nullable=False)
    line_id = id_("Only this line; null with machine_id null: the whole plant.")
    machine_id = id_("Only this machine.")
    production_date = day("The day the shift counts for.", event=True)
    start_at = instant("Start, included.")
    end_at = instant("End, excluded.")
    planned_stop = text("Null: a shift. Else the category of the planned stop.")

    @dy.rule()
    def end_after_start(cls) -> pl.Expr:
        return pl.col("end_at") > pl.col("start_at")

    @dy.rule()
    def at_most_two_days(cls) -> pl.Expr:
        return (pl.col("end_at") - pl.col("start_at")) <= pl.duration(hours=48)


class StandardRates(Feed):
    """The standard of one item on one machine while it is valid; machine null: any machine."""

    item_id = key_id("The item.")
    machine_id = key_id("The machine; null: every machine.", nullable=True)
    valid_from = instant("Valid from, included.", key=True)
    valid_to = instant("Valid to, excluded; null: still valid.", nullable=True)
    ideal_cycle_s = number("PRI: planned run time of one unit, in seconds.")
    planned_setup_s = number("Planned setup per order.", nullable=True, min=0)
    cavities_qty = number("Units per stroke.", nullable=True, min=0)

    @dy.rule()
    def ideal_cycle_positive(cls) -> pl.Expr:
        return pl.col("ideal_cycle_s") > 0

    @dy.rule()
    def valid_to_after_from(cls) -> pl.Expr:
        return ends_after_start("valid_from", "valid_to")


class MachineCapacities(Feed):
    """What one machine can make of anything in an hour (EPC), while it is valid."""

    machine_id = key_id("The machine.")
    valid_from = instant("Valid from, included.", key=True)
    valid_to = instant("Valid to, excluded; null: still valid.", nullable=True)
    capacity_per_h_qty = number("Rated production capacity: units per hour.", min=0)

    @dy.rule()
    def valid_to_after_from(cls) -> pl.Expr:
        return ends_after_start("valid_from", "valid_to")


class MaterialBalances(Feed):
    """What became of the material one production order consumed (process industry), in one unit.

    Consumed = integrated good + production loss + storage and transport loss + other loss, where
    all of them are known.
    """

    balance_id = key_id("The balance's id in its system.")
    machine_id = id_("The machine or process cell.")
    order_id = id_("The production order.")
    item_id = id_("The item made.")
    balanced_at = instant("When it was drawn up: it counts for this moment's day.", event=True)
    uom = id_("Unit of all quantities.", nullable=False)
    consumed_qty = number("Consumed material (CM).", min=0)
    good_qty = number("Good quantity (GQ).", nullable=True, min=0)
    integrated_good_qty = number("Integrated good quantity (IGQ).", nullable=True, min=0)
    production_loss_qty = number("Production loss (PL).", nullable=True, min=0)
    storage_transport_loss_qty = number(
        "Storage and transportation loss (STL).", nullable=True, min=0
    )
    other_loss_qty = number("Other loss (OL).", nullable=True, min=0)
