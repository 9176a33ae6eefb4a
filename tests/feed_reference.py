"""Writes the reference of every feed, docs/feeds.md, and which KPIs read which of its columns,
seeds/kpi_inputs.csv, from the schemas and the SQL of the models.

    python tests/feed_reference.py
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from inspect import cleandoc
from pathlib import Path
from textwrap import wrap

import dataframely as dy

from ingestion.feeds import FEEDS, Feed
from ingestion.feeds.base import feed_columns, feed_key
from ingestion.rules import FEED_RULES
from ingestion.warehouse import ROW_COLUMNS, sql_type
from orchestration.lineage import Lineage, compiled_models, delivered_tables, seed_tables

PROJECT = Path(__file__).parents[1] / "dbt_project"
INPUTS = PROJECT / "seeds" / "kpi_inputs.csv"
PAGE = PROJECT / "docs" / "feeds.md"

#: Of a line of the page.
WIDTH = 96

Inputs = list[tuple[str, str, str]]


def kpi_inputs(lineage: Lineage) -> Inputs:
    """KPI, feed and column, of every delivered column that the figures of a KPI come from."""
    with (PROJECT / "seeds" / "kpi_definitions.csv").open(encoding="utf-8") as file:
        kpis = [row["kpi_id"] for row in csv.DictReader(file)]
    return [
        (kpi, feed, column)
        for kpi in kpis
        for feed, column in sorted(lineage.origins("kpi", kpi))
        if feed in FEEDS and column not in ROW_COLUMNS
    ]


def inputs_csv(inputs: Inputs) -> str:
    """The seed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([("kpi_id", "feed", "column_name"), *inputs])
    return out.getvalue()


def page(inputs: Inputs) -> str:
    """The reference, as Markdown that is read as it stands: no line is longer than a screen."""
    readers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kpi, feed, column in inputs:
        readers[feed, column].append(kpi)
    lines = [
        "# Feeds",
        "",
        "Written by `make docs` from the schemas in `ingestion/feeds/` and the SQL of the models.",
        "A source module maps exported columns to these; the plain template of a feed is a file of",
        "exactly these columns, read by the source `typed_csv`. Numbers are exact with six",
        "decimals, and the unit ends the name. A column that stays empty leaves the KPIs that read",
        "it less covered, or without a figure.",
        "",
        "Times, `_at`, are UTC in the warehouse; **in the plain template they are the plant's",
        "clock**, `2026-03-02 06:00:00`, and become UTC when they are read. `_date` is a date of",
        "the plant, `2026-03-02`, in both. `leankpi sources template` says how to type each.",
        "",
        *(f"- [{name}](#{name})" for name in FEEDS),
    ]
    for name, feed in FEEDS.items():
        lines += ["", f"## {name}", "", *described(feed), ""]
        for column, kind in feed_columns(feed).items():
            lines += listed(entry(feed, column, kind))
        lines += ["", *read_by({column: readers[name, column] for column in feed_columns(feed)})]
    kpis = sorted({kpi for kpi, _, _ in inputs})
    lines += ["", *(f"[{kpi}]: kpis.md#{kpi}" for kpi in kpis)]
    return "\n".join(lines) + "\n"


def described(feed: type[Feed]) -> list[str]:
    """What a row of the feed is, its key, and the rules over several of its columns."""
    lines = wrap(cleandoc(feed.__doc__ or "").replace("\n\n", "\n").replace("\n", " "), WIDTH)
    key = ", ".join(f"`{column}`" for column in feed_key(feed))
    lines += ["", *wrap(f"Key: {key}, with the source.", WIDTH)]
    broken = [
        f"{advice} (`{rule}`)"
        for rule, (advice, _) in FEED_RULES.items()
        if rule in feed._validation_rules(with_cast=False)
    ]
    return [*lines, "", *wrap(f"Quarantined: {'; '.join(broken)}.", WIDTH)] if broken else lines


def entry(feed: type[Feed], column: str, kind: dy.Column) -> str:
    """A column: its type, whether a row must have it, what it means and may be."""
    who = ", key" if column in feed_key(feed) else "" if kind.nullable else ", required"
    return f"`{column}` ({sql_type(kind)}{who}): {kind.description} {bounds(kind)}".strip()


def read_by(readers: dict[str, list[str]]) -> list[str]:
    """The KPIs that read the columns of a feed; columns that the same ones read stand together."""
    columns_of: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for column, kpis in readers.items():
        columns_of[tuple(kpis)].append(f"`{column}`")
    unread = columns_of.pop((), [])
    if not columns_of:
        return ["No KPI reads it."]
    lines = ["KPIs that read it, by column:", ""]
    for kpis, columns in columns_of.items():
        lines += listed(f"{', '.join(columns)}: {', '.join(f'[{kpi}]' for kpi in kpis)}")
    return [*lines, *listed(f"{', '.join(unread)}: none")] if unread else lines


def listed(text: str) -> list[str]:
    """A point of a list, in lines that are not too long."""
    return wrap(text, WIDTH, initial_indent="- ", subsequent_indent="  ")


def bounds(kind: dy.Column) -> str:
    """What a value may be, where its type does not say so."""
    if isinstance(kind, dy.Enum):
        return f"One of {', '.join(f'`{word}`' for word in kind.categories)}."
    if isinstance(kind, dy.Decimal | dy.Int64):
        least, most = kind.min, getattr(kind, "max", None)
        if most is not None and least is not None and least != -most:
            return f"From {least:,} to {most:,}."
        if most is None and least is not None:
            return f"At least {least:,}."
    return ""


def compiled_sql() -> dict[str, str]:
    """The SQL of the models as they are, compiled by dbt in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "LEANKPI_WAREHOUSE": f"{folder}/warehouse.duckdb",
            "DBT_TARGET_PATH": folder,
            "DBT_LOG_PATH": folder,
        }
        dbt = str(Path(sys.executable).with_name("dbt"))
        where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        subprocess.run([dbt, "compile", "--quiet", *where], env=env, check=True)
        return compiled_models(Path(folder))


if __name__ == "__main__":
    found = kpi_inputs(Lineage(compiled_sql(), delivered_tables() | seed_tables()))
    INPUTS.write_text(inputs_csv(found), encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    print(f"{PAGE.name}: {len(FEEDS)} feeds, {len(found)} columns of KPIs")
