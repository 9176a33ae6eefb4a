"""How the catalogue and an explanation look on a terminal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestration.explain import SUMMED, Explanation
from orchestration.plain_text import plain, text


def show_catalogue(console: Console, kpis: list[dict[str, Any]]) -> None:
    """Every KPI with its number in ISO 22400-2, its formula and its unit."""
    table = Table(box=None, pad_edge=False)
    table.add_column("ISO", justify="right")
    for name in ("KPI", "name", "unit", "numerator", "denominator"):
        table.add_column(name, overflow="fold")
    for kpi in kpis:
        number = "" if kpi["iso_22400_no"] is None else str(kpi["iso_22400_no"])
        words = (kpi[name] or "" for name in ("kpi_id", "kpi_name", "unit"))
        parts = (kpi[name] or "-" for name in ("numerator", "denominator"))
        table.add_row(number, *words, *parts)
    console.print(table)
    of_the_standard = sum(kpi["iso_22400_no"] is not None for kpi in kpis)
    console.print(f"{len(kpis)} KPIs, {of_the_standard} of them of ISO 22400-2")


def show_explanation(console: Console, explanation: Explanation) -> None:
    """The figure, its fraction, its coverage, the rows behind it and where they came from."""
    definition, figure = explanation.definition, explanation.figure
    number = definition["iso_22400_no"]
    standard = f" (ISO 22400-2, no. {number})" if number is not None else ""
    console.print(text(f"{definition['kpi_name']}{standard}", style="bold"))
    console.print(text(definition["formula"]))
    if definition["choice"]:
        console.print(text(definition["choice"]))
    if definition["example"]:
        console.print(text(f"for example: {definition['example']}"))
    console.print()
    whose = f"{explanation.scope_type} {explanation.scope_id}"
    running = "" if explanation.is_over else ", not over yet: of what is known so far"
    console.print(text(f"{explanation.plant_id}, {whose}, {explanation.period}{running}"))
    lines = Table(box=None, show_header=False, pad_edge=False)
    lines.add_column(style="dim")
    lines.add_column()
    value = figure["value"]
    lines.add_row(
        "value",
        f"withheld: {plain(figure['withheld_reason'])}"
        if value is None
        else f"{number_of(value)} {plain(figure['unit'])}",
    )
    for part in ("numerator", "denominator"):
        lines.add_row(part, f"{number_of(figure[part])}  {plain(definition[part] or '')}")
    lines.add_row("coverage", number_of(figure["coverage_ratio"]))
    console.print(lines)
    for change in explanation.restatements:
        console.print(
            text(
                f"restated {change['restated_at']:%Y-%m-%d %H:%M} UTC: was "
                f"{number_of(change['was_value'])}, is {number_of(change['is_value'])} "
                f"({change['cause']}: {change['delivery_files'] or '-'})"
            )
        )
    for rows in explanation.rows:
        console.print()
        is_summed = rows.fact in SUMMED
        origin = "each of several lines" if is_summed else f"from {rows.file_qty:,} files"
        console.print(text(f"{rows.fact}: {rows.row_qty:,} rows, {origin}"))
        table = Table(box=None, pad_edge=False)
        columns = rows.columns if is_summed else (*rows.columns, "file", "line")
        for column in columns:
            zone = f" ({explanation.time_zone})" if column.endswith("_at") else ""
            table.add_column(f"{column}{zone}", overflow="fold")
        for row in rows.rows:
            table.add_row(*(text(number_of(cell)) for cell in row[: len(columns)]))
        console.print(table)
        if rows.row_qty > len(rows.rows):
            console.print(f"... {rows.row_qty - len(rows.rows):,} more: --rows {rows.row_qty}")


def number_of(value: Any) -> str:
    """A number without needless zeros; other values as they stand."""
    if value is None:
        return "-"
    if isinstance(value, Decimal):
        value = float(value)
    return f"{value:,.10g}" if isinstance(value, float) else plain(value)
