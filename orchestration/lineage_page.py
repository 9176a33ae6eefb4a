"""The lineage of a column as people read it: a layer per line, from the figure to the export."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from orchestration.lineage import KPI, Trace
from orchestration.plain_text import text


def show_trace(console: Console, trace: Trace) -> None:
    """Layer by layer, then each delivered column with the exported ones it is read from."""
    table_name, column = trace.column
    console.print(text(column if table_name == KPI else f"{table_name}.{column}"))
    layers = Table(box=None, pad_edge=False, show_header=False)
    layers.add_column(no_wrap=True)
    layers.add_column(overflow="fold")
    for title, columns in trace.layers.items():
        layers.add_row(text(title), text(", ".join(columns)))
    console.print(layers)
    console.print()
    delivered = Table(box=None, pad_edge=False)
    for heading in ("feed and column", "exported as"):
        delivered.add_column(heading, overflow="fold")
    for one, exports in trace.exports.items():
        delivered.add_row(text(one), text("; ".join(exports) or "by no source of this warehouse"))
    console.print(delivered)
