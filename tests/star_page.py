"""The page of the stars, `dbt_project/docs/stars.md` with its drawing, written from the models.

`make docs` writes it; a test fails while it is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent / "models"))

from warehouse import PROJECT, parsed_project

from orchestration.publish import published_tables
from orchestration.relationships import Relationship, relationships

PAGE = PROJECT / "docs" / "stars.md"
DRAWING = PROJECT / "docs" / "stars.svg"
INTRODUCTION = """# The stars

Which fact joins which dimension on what, as the published table `relationships` says it too.
Written from the models by `make docs`; do not edit.

Facts hold sums and counts: add them up first, over whatever dimensions, and divide then. Each fact
joins a dimension by the column in the table below, and finds exactly one row there; where the
column is null there is none. Two facts are never joined to each other row by row: add each up to
the dimensions they share, and join the sums.

![Each fact with its dimensions](stars.svg)
"""
EXAMPLE = """
## For example

What each line lost to stops, by reason, week by week:

```sql
select
    dim_machine.line_id,
    dim_date.week_start_date,
    dim_reason.reason_name,
    sum(fct_machine_time.duration_s) as duration_s
from fct_machine_time
join dim_machine using (machine_key)
join dim_date on dim_date.calendar_date = fct_machine_time.production_date
join dim_reason using (reason_key)
where fct_machine_time.state = 'delay'
group by all
```
"""
#: Sizes of the drawing, in pixels.
ROW, BOX, GAP, FACT, JOIN, DIMENSION, COLUMNS = 26, 20, 24, 200, 190, 120, 2
CARD = FACT + JOIN + DIMENSION


def stars() -> dict[str, list[Relationship]]:
    """Per published table what it joins; facts and marts first by name."""
    found: dict[str, list[Relationship]] = {}
    for one in relationships(nodes()):
        found.setdefault(one.from_table, []).append(one)
    return found


def nodes() -> dict[str, dict[str, Any]]:
    """The published tables of the project."""
    return published_tables(parsed_project().writable_manifest().to_dict(omit_none=False))


def page(found: Mapping[str, list[Relationship]], tables: Mapping[str, Any]) -> str:
    """The page: a table of facts by dimensions, one of marts, and every table's grain."""
    lines = [INTRODUCTION]
    for title, prefixes in (("Facts", ("fct_",)), ("Marts and figures", ("mart_", "kpi_"))):
        chosen = [table for table in found if table.startswith(prefixes)]
        targets = sorted({one.to_table for table in chosen for one in found[table]})
        lines += [f"## {title}", "", f"| | {' | '.join(f'`{name}`' for name in targets)} |"]
        lines += ["|" + "---|" * (len(targets) + 1)]
        for table in chosen:
            cells = [
                ", ".join(one.from_column for one in found[table] if one.to_table == target)
                for target in targets
            ]
            lines.append(f"| `{table}` | {' | '.join(cells)} |")
        lines.append("")
    lines += ["## One row per", "", "| table | key | one row per |", "|---|---|---|"]
    for table, node in tables.items():
        grain = " ".join(node["description"].split()).partition("One row per ")[2]
        key = next(iter(node["columns"]))
        lines.append(f"| `{table}` | `{key}` | {grain.replace('|', '&#124;')} |")
    return "\n".join(lines) + "\n" + EXAMPLE


def drawing(found: Mapping[str, list[Relationship]]) -> str:
    """Every fact in a card of its own, with lines to its dimensions."""
    facts = [table for table in found if table.startswith("fct_")]
    heights = [0] * COLUMNS
    cards = []
    for table in facts:
        column = heights.index(min(heights))
        left, top = GAP + column * (CARD + 2 * GAP), GAP + heights[column]
        joins = found[table]
        middle = top + len(joins) * ROW / 2
        cards.append(_box("fact", left, middle - ROW / 2, FACT, table))
        for number, one in enumerate(joins):
            y = top + number * ROW
            right = left + FACT + JOIN
            cards.append(
                f'<path d="M{left + FACT} {middle:g}C{left + FACT + 30} {middle:g} '
                f"{left + FACT + 10} {y + ROW / 2:g} {left + FACT + 40} {y + ROW / 2:g}"
                f'H{right}"/>'
            )
            cards.append(f'<text x="{right - 6}" y="{y + 10}" class="on">{one.from_column}</text>')
            cards.append(_box("dimension", right, y, DIMENSION, one.to_table))
        heights[column] += len(joins) * ROW + GAP
    width = COLUMNS * (CARD + 2 * GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {max(heights) + GAP}" '
        f'width="{width}" role="img"><title>Each fact with its dimensions</title><style>'
        "rect{stroke:#345;rx:3}.fact rect{fill:#dde6f0}.dimension rect{fill:#f5f0dd}"
        "path{fill:none;stroke:#889}text{font:12px sans-serif;fill:#123}"
        ".on{font-size:10px;text-anchor:end;fill:#667}</style>"
        f'<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>{"".join(cards)}</svg>\n'
    )


def _box(kind: str, x: float, y: float, width: float, name: str) -> str:
    return (
        f'<g class="{kind}"><rect x="{x:g}" y="{y + (ROW - BOX) / 2:g}" width="{width}" '
        f'height="{BOX}"/><text x="{x + 6:g}" y="{y + ROW / 2 + 4:g}">{escape(name)}</text></g>'
    )


def main() -> None:
    found = stars()
    PAGE.write_text(page(found, nodes()), encoding="utf-8")
    DRAWING.write_text(drawing(found), encoding="utf-8")


if __name__ == "__main__":
    main()
