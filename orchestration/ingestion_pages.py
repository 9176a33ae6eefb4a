"""Deliveries as people read them: what is in quarantine, what a file would bring."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from ingestion.rules import RULES
from orchestration.export_check import ExportCheck
from orchestration.plain_text import text
from orchestration.quarantine import RuleCount


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
