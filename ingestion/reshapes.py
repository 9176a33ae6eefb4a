"""Reshapes that several systems need: what happened at a moment becomes what lasted until another.

Each function makes a `reshape` for a `FeedMapping`. The rows that begin a state stay, with one more
column `until`: when it ended, written as `WRITTEN` says, or null where the export does not know. A
chunk of the export is reshaped by itself, so the last state of one may be open although the next
chunk knows its end; the models end it where the next state begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

from ingestion.readers.shdr import CONDITION_BARS, condition
from ingestion.times import moments

Reshape = Callable[[pl.DataFrame], pl.DataFrame]

#: How `until` is written: the plant's clock where the times are, UTC where they say an offset.
WRITTEN = "%Y-%m-%d %H:%M:%S%.f"
# Columns of ours, under names that no export has.
AT, RUN, END_AT = "moment of the row", "run of equal samples", "end of the sample"


def states_by_change(
    *by: str, time: str, format: str | tuple[str, ...], state: str, known: Collection[str]
) -> Reshape:
    """States of an export that says only changes: each lasts until the next one of its group.

    `by` are the columns that tell one machine from another, none where the file is of one machine.
    A value that says again what was so before begins nothing: snapshots repeat old values under
    their old times, and some systems repeat them to show that they are alive. Of several changes
    at the same moment the last counts. A value that is not `known`, and a time that cannot be read,
    stay rows of their own, so that each is quarantined.
    """

    def reshape(rows: pl.DataFrame) -> pl.DataFrame:
        sound, odd = _in_order(rows, by, time, format, state, known)
        group: list[pl.Expr] = [pl.col(name) for name in by] or [pl.lit(0)]
        at = pl.col(AT)
        changes = sound.filter((at != at.shift(-1)).fill_null(True).over(group)).filter(
            (pl.col(state) != pl.col(state).shift(1)).fill_null(True).over(group)
        )
        ends = changes.with_columns(until=at.shift(-1).over(group))
        return _written(ends, odd)

    return reshape


def states_by_sample(
    *by: str,
    time: str,
    format: str | tuple[str, ...],
    state: str,
    known: Collection[str],
    every_s: int,
) -> Reshape:
    """States of an export that says what is so every so many seconds (`every_s`).

    A sample stands until the next one, but no longer than its interval: where samples are missing,
    nothing is known. Equal samples in a row are one state. `by` and `known` as in
    `states_by_change`.
    """

    def reshape(rows: pl.DataFrame) -> pl.DataFrame:
        sound, odd = _in_order(rows, by, time, format, state, known)
        group: list[pl.Expr] = [pl.col(name) for name in by] or [pl.lit(0)]
        at = pl.col(AT)
        # Clocks and queries wander: only a gap of half an interval more is one.
        step, limit = pl.duration(seconds=every_s), pl.duration(seconds=every_s * 1.5)
        sound = sound.filter((at != at.shift(-1)).fill_null(True).over(group))
        follows = ((at - at.shift(1)) <= limit).fill_null(False).over(group)
        is_same = (pl.col(state) == pl.col(state).shift(1)).fill_null(False).over(group)
        following = at.shift(-1).over(group)
        ends = (
            sound.with_columns(
                (~(follows & is_same)).cum_sum().over(group).alias(RUN),
                pl.when(following - at <= limit).then(following).otherwise(at + step).alias(END_AT),
            )
            .with_columns(until=pl.col(END_AT).last().over([*group, pl.col(RUN)]))
            .filter(pl.col(RUN).is_first_distinct().over(group))
            .drop(RUN, END_AT)
        )
        return _written(ends, odd)

    return reshape


def shdr_items(rows: pl.DataFrame, conditions: tuple[str, ...] = ()) -> pl.DataFrame:
    """The items of `Shdr` lines: columns item and value, and of a condition (value is its level)
    also native_code, native_severity, qualifier and text.
    """
    item = pl.col("items").str.extract(r"^([^|]*)")
    is_condition = condition(item, conditions)
    parts = pl.col("items").str.split("|")
    named = ("item", "value", "native_code", "native_severity", "qualifier", "text")
    levels = rows.filter(is_condition).with_columns(
        pl.col("items")
        .str.splitn("|", CONDITION_BARS + 1)
        .struct.rename_fields(list(named))
        .alias("parts")
    )
    pairs = rows.filter(~is_condition).with_columns(
        item=parts.list.gather_every(2), value=parts.list.gather_every(2, 1)
    )
    return pl.concat([levels.unnest("parts"), pairs.explode("item", "value")], how="diagonal").sort(
        "line_no", maintain_order=True
    )


def _in_order(
    rows: pl.DataFrame,
    by: tuple[str, ...],
    time: str,
    format: str | tuple[str, ...],
    state: str,
    known: Collection[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows by group and time, with their moment (AT); and those that have no order."""
    formats = (format,) if isinstance(format, str) else format
    stripped = pl.col(time).str.strip_chars()
    timed = rows.with_columns(moments(stripped, formats).alias(AT))
    is_sound = pl.col(AT).is_not_null() & pl.col(state).is_in(list(known)).fill_null(False)
    return timed.filter(is_sound).sort(*by, AT, "line_no"), timed.filter(~is_sound)


def _written(states: pl.DataFrame, odd: pl.DataFrame) -> pl.DataFrame:
    return (
        pl.concat([states, odd], how="diagonal")
        .with_columns(pl.col("until").dt.strftime(WRITTEN))
        .drop(AT)
        .sort("line_no", maintain_order=True)
    )
