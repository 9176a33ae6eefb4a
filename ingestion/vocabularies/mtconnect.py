"""MTConnect's words for what a controller does, as adapters and agents say them.

A controller knows no orders, so it never says that there was none: whatever is not ACTIVE is a
delay. Why it is one only some words tell: a held feed, an interruption, a stop that the program
asked for. READY and STOPPED tell nothing, and most of a machine's quiet time is one of them.
UNAVAILABLE is a value too: from then on nobody observes the machine, until another value comes.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import code, computed, constant, text
from ingestion.reshapes import states_by_change
from ingestion.times import ISO, moments

UNAVAILABLE = "UNAVAILABLE"

#: The values of EXECUTION (MTConnect 1.0 to 2.x) to states.
EXECUTIONS = {
    "ACTIVE": "producing",
    "READY": "delay",
    "STOPPED": "delay",
    "FEED_HOLD": "delay",
    "INTERRUPTED": "delay",
    "OPTIONAL_STOP": "delay",
    "PROGRAM_OPTIONAL_STOP": "delay",
    "PROGRAM_STOPPED": "delay",
    "PROGRAM_COMPLETED": "delay",
    "WAIT": "delay",
}

#: The values that say why a machine stands still.
STOPS = {
    "FEED_HOLD": "Feed held",
    "INTERRUPTED": "Program interrupted",
    "OPTIONAL_STOP": "Optional stop of the program",
    "PROGRAM_OPTIONAL_STOP": "Optional stop of the program",
    "PROGRAM_STOPPED": "Stop of the program",
    "WAIT": "Waiting for something outside",
}

#: What adapters call the item of type EXECUTION, and that of type PART_COUNT: the name in the
#: device model (Devices.xml) counts. Another adapter's name is added here.
EXECUTION_ITEMS = ("execution", "Execution", "exec", "Program_Status")
PART_COUNT_ITEMS = ("PartCountAct", "PartCount", "Part_Count", "part_count")

#: Conditions say level, native code, severity, qualifier and text. Which alarm stopped a machine
#: they do not say, so that no feed takes them; their lines have to be told from the others.
CONDITION_ITEMS = (
    "*_cond",
    "*_cond[0-9]",
    "*travel",
    "path_system*",
    "coolant_*",
    "electric_temp",
)

#: State, and the stop reason where the value is one, of rows with a column `value`.
STATE = code("value", EXECUTIONS, required=True)
REASON = computed(pl.when(pl.col("value").is_in(list(STOPS))).then("value"), "value")
IS_OBSERVED = pl.col("value").ne_missing(UNAVAILABLE)

#: The columns of the feed `reasons`, for the rows that `stops` leaves.
STOP_REASONS = {
    "reason_kind": constant("stop"),
    "reason_id": text("value"),
    "reason_code": text("value"),
    "reason_name": code("value", STOPS),
    "state": constant("delay"),
    "is_failure": constant(False),
}


def executions(rows: pl.DataFrame, *by: str, time: str) -> pl.DataFrame:
    """The changes of execution, with `until`, of rows with `item`, `value`, `time` and groups `by`.

    Values carry the clock of the machine, UNAVAILABLE that of the agent, which may be minutes
    behind: an UNAVAILABLE that comes after a value, but with an earlier time, counts from the time
    of that value. Else it would end what came before, and the value would last until the next day.
    Snapshots repeat it; only the first one counts.
    """
    before: list[pl.Expr] = [pl.col(name) for name in by] or [pl.lit(0)]
    is_lost = pl.col("value").eq_missing(UNAVAILABLE)
    at = moments(pl.col(time), (ISO,))
    found = rows.filter(pl.col("item").is_in(EXECUTION_ITEMS))
    changes = found.filter(~(is_lost & is_lost.shift(1, fill_value=False).over(before)))
    is_behind = is_lost & (at < at.shift(1).over(before))
    ordered = changes.with_columns(
        pl.when(is_behind).then(pl.col(time).shift(1).over(before)).otherwise(time).alias(time)
    )
    return states_by_change(
        *by, time=time, format=ISO, state="value", known=(*EXECUTIONS, UNAVAILABLE)
    )(ordered)


def stops(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each word that says why a machine stands still."""
    found = rows.filter(pl.col("item").is_in(EXECUTION_ITEMS) & pl.col("value").is_in(list(STOPS)))
    return found.unique("value", keep="first", maintain_order=True)


def part_counts(rows: pl.DataFrame) -> pl.DataFrame:
    """The readings of part counters.

    Zeros are left out: adapters say 0 before the control has answered, and of a counter that nobody
    connected. What a counter shows after a reset is less than before it, which tells the reset.
    """
    return rows.filter(
        pl.col("item").is_in(PART_COUNT_ITEMS)
        & ~pl.col("value").str.strip_chars().is_in([UNAVAILABLE, "0", ""]).fill_null(True)
    )
