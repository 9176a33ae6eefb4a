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

import dataframely as dy

from ingestion.feeds import FEEDS, Feed
from ingestion.feeds.base import feed_columns, feed_key
from ingestion.rules import FEED_RULES
from ingestion.warehouse import ROW_COLUMNS, sql_type
from orchestration.lineage import Lineage, compiled_models, delivered_tables, seed_tables

PROJECT = Path(__file__).parents[1] / "dbt_project"
INPUTS = PROJECT / "seeds" / "kpi_inputs.csv"
PAGE = PROJECT / "docs" / "feeds.md"

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
    """The reference, as Markdown."""
    readers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kpi, feed, column in inputs:
        readers[feed, column].append(kpi)
    lines = [
        "# Feeds",
        "",
        "Written by `make docs` from the schemas in `ingestion/feeds/` and the SQL of the models.",
        "A source module maps exported columns to these; the plain template of a feed is a file of",
        "exactly these columns, read by the source `typed_csv`. Times are UTC, `_date` is a date",
        "of the plant, numbers are exact with six decimals, and the unit ends the name. A column",
        "that stays empty leaves the KPIs that read it less covered, or without a figure.",
    ]
    for name, feed in FEEDS.items():
        lines += ["", f"## {name}", "", *described(feed)]
        lines += ["", "| column | type | | meaning and rule | KPIs that read it |"]
        lines += ["|---|---|---|---|---|"]
        for column, kind in feed_columns(feed).items():
            who = "key" if column in feed_key(feed) else "" if kind.nullable else "required"
            meaning = f"{kind.description} {bounds(kind)}".strip()
            kpis = ", ".join(f"[{kpi}](kpis.md#{kpi})" for kpi in readers[name, column])
            lines.append(f"| `{column}` | {sql_type(kind)} | {who} | {meaning} | {kpis} |")
    return "\n".join(lines) + "\n"


def described(feed: type[Feed]) -> list[str]:
    """What a row of the feed is, its key, and the rules over several of its columns."""
    lines = [cleandoc(feed.__doc__ or "").replace("\n\n", "\n").replace("\n", " "), ""]
    lines.append(f"Key: {', '.join(f'`{column}`' for column in feed_key(feed))}, with the source.")
    broken = [
        f"{advice} (`{rule}`)"
        for rule, (advice, _) in FEED_RULES.items()
        if rule in feed._validation_rules(with_cast=False)
    ]
    return [*lines, f"Quarantined: {'; '.join(broken)}."] if broken else lines


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
