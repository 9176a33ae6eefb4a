"""Exported rows to feed rows: each row is accepted into every feed it belongs to, or quarantined.

A row that breaks a rule in one feed is kept out of all, so that the feeds stay consistent and
the row can be mended and delivered again as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import dataframely as dy
import polars as pl

from ingestion.columns import Context, constant
from ingestion.feeds import Feed, feed_name
from ingestion.rules import COLUMN_RULES, FEED_RULES
from ingestion.source import FeedMapping, Table

#: Columns that a mapping may leave out, with what they then are.
DEFAULTS = {"is_deleted": constant(False), "changed_at": constant(None)}


@dataclass
class Conformed:
    """What became of a chunk: rows per feed (in declared order), and faults by line."""

    accepted: list[pl.DataFrame] = field(default_factory=list)
    faults: list[pl.DataFrame] = field(default_factory=list)


def polars_schema(feed: type[Feed]) -> dict[str, pl.DataType]:
    """The feed's columns with their polars types, words of closed lists as text."""
    return {
        name: pl.String() if isinstance(column, dy.Enum) else column.dtype
        for name, column in feed.columns().items()
    }


def conform(rows: pl.DataFrame, table: Table, ctx: Context) -> Conformed:
    """Map exported rows to the table's feeds and check every rule.

    `rows` has line_no, raw_line and the exported columns. The frames of `accepted` have the
    feed's columns; `faults` has line_no, feed, column_name, value, rule, several per line
    where several rules are broken.
    """
    frames = []
    faults = []
    prepared = rows
    for mapping in table.feeds:
        if mapping.reshape is None:
            # Parts look at all rows of the table, so that every feed reads a time alike.
            selected = prepared = with_parts(prepared, mapping, ctx)
        else:
            selected = with_parts(mapping.reshape(rows), mapping, ctx)
        canonical, found = _canonical(selected, mapping, ctx)
        frames.append(canonical)
        faults.append(found)
        # A value that could not be read is missing for that reason alone.
        is_missing = pl.col("rule") == "required_value"
        broken = _broken_rules(canonical, selected, mapping)
        faults.append(broken.filter(~is_missing))
        faults.append(
            broken.filter(is_missing).join(found, on=["line_no", "column_name"], how="anti")
        )
    faults.append(_no_faults())
    bad_lines = pl.concat([fault.select("line_no") for fault in faults]).unique()
    accepted = [
        frame.join(bad_lines, on="line_no", how="anti", maintain_order="left") for frame in frames
    ]
    return Conformed(accepted, faults)


def with_parts(rows: pl.DataFrame, mapping: FeedMapping, ctx: Context) -> pl.DataFrame:
    """The exported rows with every column the mapping mentions, and the parts it needs."""
    columns = mapping.columns.values()
    # Columns that the table does not insist on: some releases of a system do not export them.
    mentioned = {name for column in columns for name in column.exported}
    rows = rows.with_columns(
        pl.lit(None, pl.String).alias(name) for name in sorted(mentioned - set(rows.columns))
    )
    parts = {name: expr for column in columns for name, expr in column.parts(ctx).items()}
    for name, expr in parts.items():
        if name not in rows.columns:
            rows = rows.with_columns(expr.alias(name))
    return rows


def _canonical(
    prepared: pl.DataFrame, mapping: FeedMapping, ctx: Context
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The feed's columns, and the values that could not be read."""
    selected = prepared
    if mapping.where is not None:
        selected = selected.filter(mapping.where)
    schema = polars_schema(mapping.feed)
    columns = DEFAULTS | dict(mapping.columns)
    unknown = set(columns) - set(schema)
    if unknown:
        raise TypeError(f"{mapping.feed.__name__} has no column {', '.join(sorted(unknown))}")
    values = []
    for name, kind in schema.items():
        if name == "plant_id":
            values.append(pl.lit(ctx.plant.plant_id).alias(name))
        elif name == "line_no":
            values.append(pl.col(name))
        elif name in columns:
            values.append(columns[name].value(ctx).cast(kind).alias(name))
        else:
            values.append(pl.lit(None, kind).alias(name))
    checked = {name: column for name, column in columns.items() if column.exported}
    rules = [
        column.fault(ctx).cast(pl.String).alias(f"fault of {name}")
        for name, column in checked.items()
    ]
    evaluated = selected.select(*values, *rules)
    faults = [
        selected.select(
            "line_no",
            feed=pl.lit(feed_name(mapping.feed)),
            column_name=pl.lit(" + ".join(column.exported), pl.String),
            value=_exported_value(column.exported),
            rule=evaluated[f"fault of {name}"],
        ).filter(pl.col("rule").is_not_null())
        for name, column in checked.items()
        if evaluated[f"fault of {name}"].null_count() < evaluated.height
    ]
    return evaluated.select(list(schema)), pl.concat([_no_faults(), *faults])


def _exported_value(exported: tuple[str, ...]) -> pl.Expr:
    """The delivered text, of several columns with a bar between; empty where all of them are."""
    parts = [pl.col(name).fill_null("") for name in exported]
    return (
        pl.when(pl.all_horizontal([part == "" for part in parts]))
        .then(pl.lit(""))
        .otherwise(pl.concat_str(parts, separator=" | "))
        .str.slice(0, 200)
    )


def _no_faults() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "line_no": pl.Int64,
            "feed": pl.String,
            "column_name": pl.String,
            "value": pl.String,
            "rule": pl.String,
        }
    )


def _broken_rules(
    canonical: pl.DataFrame, prepared: pl.DataFrame, mapping: FeedMapping
) -> pl.DataFrame:
    """The rules of the feed's schema that rows break, with the values as they were exported."""
    _, failures = mapping.feed.filter(canonical, cast=True)
    if not len(failures):
        return _no_faults()
    details = failures.details()
    feed_names = list(mapping.feed.columns())
    frames = []
    for rule in [name for name in details.columns if name not in feed_names]:
        column, _, kind = rule.rpartition("|")
        if column:
            touched: tuple[str, ...] = (column,)
            name = COLUMN_RULES.get(kind, "unknown_code" if kind == "dtype" else kind)
        else:
            touched, name = FEED_RULES[rule][1], rule
        exported = tuple(
            dict.fromkeys(
                part
                for item in touched
                if item in mapping.columns
                for part in mapping.columns[item].exported
            )
        )
        lines = details.filter(pl.col(rule) == "invalid").select(pl.col("line_no").cast(pl.Int64))
        delivered = prepared.unique("line_no", keep="first").select(
            "line_no", value=_exported_value(exported) if exported else pl.lit(None, pl.String)
        )
        frames.append(
            lines.join(delivered, on="line_no", how="left", maintain_order="left").select(
                "line_no",
                feed=pl.lit(feed_name(mapping.feed)),
                column_name=pl.lit(" + ".join(exported or touched)),
                value="value",
                rule=pl.lit(name),
            )
        )
    return pl.concat([_no_faults(), *frames])
