"""Deliveries as people read them: what is in quarantine, what a file would bring."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import dataframely as dy
from rich.console import Console
from rich.table import Table

from ingestion.feeds import FEEDS
from ingestion.feeds.base import feed_columns
from ingestion.proposals.draft import Draft
from ingestion.rules import RULES
from ingestion.sources.typed_csv import SOURCE
from orchestration.export_check import ExportCheck
from orchestration.plain_text import text
from orchestration.quarantine import Replay, RuleCount, expected


def show_counts(console: Console, counts: list[RuleCount]) -> None:
    """A line per plant, source and rule, and what to do about each."""
    if not counts:
        console.print("nothing is in quarantine")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("rows", "plant", "source", "rule", "what to do", "first"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "rows" else "left")
    for one in counts:
        line = "" if one.first_line_no is None else f" line {one.first_line_no}"
        table.add_row(
            f"{one.row_qty:,}",
            text(one.plant_id),
            text(one.source),
            text(one.rule),
            text(RULES.get(one.rule, "")),
            text(f"{one.first_file}{line}"),
        )
    console.print(table)


def show_rows(console: Console, rows: list[dict[str, Any]]) -> None:
    """Each row with the place it stands at, what is wrong, and its text as delivered."""
    for row in rows:
        line = "" if row["line_no"] is None else f" line {row['line_no']}"
        column = "" if row["column_name"] is None else f" {row['column_name']}={row['value']!r}"
        console.print(text(f"{row['file_path']}{line}:{column}", "bold"))
        console.print(text(f"  {row['rule']}: {row['message']}"))
        if words := expected(row):
            written = "one of" if row["rule"] == "unknown_code" else "written like"
            console.print(text(f"  {written}: {', '.join(words)}"))
        if row["raw_line"] is not None:
            console.print(text(f"  {row['raw_line'][:500]}", "dim"))


def show_check(console: Console, check: ExportCheck) -> None:
    """What the file would bring, what not and why, and what its columns leave unknown."""
    for outcome in check.outcomes:
        console.print(
            text(
                f"{outcome.source} {outcome.table_name}: {outcome.delivered_rows:,} rows, of them "
                f"{outcome.accepted_rows:,} accepted, {outcome.quarantined_rows:,} quarantined, "
                f"{outcome.duplicate_rows:,} duplicates"
            )
        )
        if outcome.message:
            console.print(text(f"  {outcome.message}"))
    for feed, qty in check.feed_rows.items():
        console.print(text(f"feed {feed}: {qty:,} rows"))
    if check.broken:
        console.print()
        show_counts(console, check.broken)
        console.print()
        for examples in check.examples.values():
            show_rows(console, examples)
    if check.empty:
        console.print()
        table = Table(box=None, pad_edge=False)
        table.add_column("stays empty", overflow="fold")
        table.add_column("KPIs that read it", overflow="fold")
        for one in check.empty:
            table.add_row(text(f"{one.feed}.{one.column}"), text(", ".join(one.kpis) or "none"))
        console.print(table)
    console.print()
    console.print("nothing was written")


def show_replay(console: Console, replay: Replay) -> None:
    """Which rules are broken less often than before, and what was read."""
    accepted = sum(outcome.accepted_rows for outcome in replay.files)
    if not replay.files:
        console.print("no declaration changed: nothing was read again")
        return
    console.print(text(f"{len(replay.files)} files read, {accepted:,} rows accepted"))
    console.print()
    after = {(one.plant_id, one.source, one.rule): one for one in replay.after}
    before = {(one.plant_id, one.source, one.rule): one for one in replay.before}
    table = Table(box=None, pad_edge=False)
    for heading in ("plant", "source", "rule", "rows before", "rows now"):
        table.add_column(heading, justify="right" if heading.startswith("rows") else "left")
    for key in sorted({*before, *after}):
        qty = [counts[key].row_qty if key in counts else 0 for counts in (before, after)]
        table.add_row(*map(text, key), *(f"{one:,}" for one in qty))
    console.print(table)
    console.print()
    console.print("next: leankpi nightly")


def show_draft(console: Console, name: str, draft: Draft) -> None:
    """What a draft of a source module rests on, and what comes next."""
    best = draft.guesses[0]
    console.print(text(f"{draft.profile.path.name}: {draft.profile.verdict}"))
    console.print(
        text(f"{draft.profile.row_qty:,} rows of {len(draft.profile.columns)} columns read")
    )
    console.print(text(f"looks like the feed {best}"))
    table = Table(box=None, pad_edge=False)
    for heading in ("column of the feed", "exported column", "like", "because"):
        table.add_column(heading, overflow="fold")
    for canonical, match in best.matches.items():
        table.add_row(
            text(canonical), text(match.column.name), f"{match.score:.0%}", text(match.why)
        )
    for canonical in best.missing:
        table.add_row(text(canonical, "bold"), text("required: map it by hand", "bold"), "", "")
    console.print(table)
    others = [str(guess) for guess in draft.guesses[1:4] if guess.matches]
    if others:
        console.print(text(f"it may also be (--feed): {', '.join(others)}"))
    console.print()
    console.print(text(f"written: {draft.module}"))
    console.print("next:")
    console.print("  1. finish it by hand: every line says what it rests on")
    console.print("  2. let a plant deliver it, at the end of plants.toml:")
    for line in ("[[plants.<plant>.sources]]", f'source = "{name}"', f'folder = "{name}"'):
        console.print(text(f"       {line}"))
    console.print(text(f"  3. leankpi sources check <plant> {draft.profile.path}"))


def show_template(console: Console, feed: str, target: Path) -> None:
    """Write the header of a feed's typed CSV, and say what its columns are and how to type them."""
    columns = feed_columns(FEEDS[feed])
    (typed,) = (table for table in SOURCE.tables if table.name == feed)
    ways = {name: column.expected for name, column in typed.feeds[0].columns.items()}
    with target.open("x", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow(columns)
    table = Table(box=None, pad_edge=False)
    for heading in ("column", "needed", "what it is", "written as"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "column")
    for name, column in columns.items():
        # The first way of writing a time is the full one.
        ways_shown = ways[name][:1] if isinstance(column, dy.Datetime) else ways[name]
        table.add_row(
            text(name),
            "" if name not in typed.columns else "yes",
            text(column.description or ""),
            text(", ".join(ways_shown)),
        )
    console.print(table)
    console.print()
    console.print("Commas between fields, a point in decimals, UTF-8. Times are the plant's clock.")
    console.print(
        text(f"Deliver it as {feed}.csv or {feed}_20260302_060000.csv (when it was made)")
    )
    console.print("to the folder of the source typed_csv: landing/<plant>/<folder>/")
    console.print(text(f"written: {target}; columns that are not needed may go"))
