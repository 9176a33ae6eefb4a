"""Writes the documentation of every KPI, with the proofs of it that ran: dbt_project/docs/kpis.md.

    python tests/proof_table.py PROOFS.json [--check]

PROOFS.json is what `pytest --proofs PROOFS.json` recorded: for each KPI the kinds of proof whose
tests passed. With --check nothing is written; exit status 1 says that the page is out of date.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "dbt_project"
CATALOGUE = PROJECT / "seeds" / "kpi_definitions.csv"
PAGE = PROJECT / "docs" / "kpis.md"

#: Kind of proof to the column it has in the table, and what it means.
KINDS = {
    "golden": ("golden", "worked out by hand, as typed exports through the whole pipeline"),
    "truth": ("truth", "the simulated plants' own ledgers, at every scope and period, to 1e-9"),
    "oracle": ("oracle", "a second implementation from the definitions, over the raw schema"),
    "twins": ("twins", "random plants told in another way have the same figure"),
    "peer": ("peer", "agrees with the package `oee`"),
}


def page(kpis: list[dict[str, str]], proofs: dict[str, list[str]]) -> str:
    """The page, as Markdown."""
    lines = [
        "# KPIs",
        "",
        "Written by `make docs` from the catalogue (`seeds/kpi_definitions.csv`) and the tests",
        "that ran. Every figure stands in `kpi_values` by scope and period, with its numerator,",
        "denominator and coverage; `leankpi kpi explain` leads from it to the exported lines.",
        "",
        "## Proofs",
        "",
        *(f"- **{name}**: {meaning}." for name, meaning in KINDS.values()),
        "",
        f"| ISO 22400-2 | KPI | {' | '.join(name for name, _ in KINDS.values())} |",
        f"|---:|---|{':-:|' * len(KINDS)}",
    ]
    for kpi in kpis:
        marks = ["✓" if kind in proofs.get(kpi["kpi_id"], []) else "" for kind in KINDS]
        name = f"[{kpi['kpi_name']}](#{kpi['kpi_id']})"
        lines.append(f"| {kpi['iso_22400_no']} | {name} | {' | '.join(marks)} |")
    lines += ["", "## Definitions"]
    for kpi in kpis:
        number = f", ISO 22400-2 no. {kpi['iso_22400_no']}" if kpi["iso_22400_no"] else ""
        better = "more is better" if kpi["direction"] == "up" else "less is better"
        fraction = f"{kpi['numerator'] or 'stated'} over {kpi['denominator'] or 'nothing'}"
        lines += [
            "",
            f'### <a id="{kpi["kpi_id"]}"></a>{kpi["kpi_name"]}',
            "",
            f"`{kpi['kpi_id']}`{number}; {kpi['unit']}, {better}.",
            "",
            f"{kpi['formula']}.",
            "",
            f"- Fraction: {fraction}.",
            f"- Reported for {listed(kpi['scope_types'])}, by {listed(kpi['period_types'])}; "
            f"withheld below a coverage of {float(kpi['coverage_floor_ratio']):.2f}.",
        ]
        if kpi["choice"]:
            lines.append(f"- Choice: {kpi['choice'].rstrip('.')}.")
        if kpi["example"]:
            lines.append(f"- Example: {kpi['example'].rstrip('.')}.")
    return "\n".join(lines) + "\n"


def listed(words: str) -> str:
    """`a|b|c` as `a, b and c`."""
    *first, last = words.replace("_", " ").split("|")
    return f"{', '.join(first)} and {last}" if first else last


def catalogue() -> list[dict[str, str]]:
    """The KPIs, those of the standard first."""
    with CATALOGUE.open(encoding="utf-8") as file:
        kpis = list(csv.DictReader(file))
    return sorted(kpis, key=lambda kpi: (int(kpi["iso_22400_no"] or 99), kpi["kpi_id"]))


def main(proofs_file: str, *options: str) -> int:
    """Write or check the page; the exit status."""
    proofs = json.loads(Path(proofs_file).read_text(encoding="utf-8"))
    wanted = page(catalogue(), proofs)
    found = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if "--check" in options:
        if found == wanted:
            return 0
        print(f"{PAGE} is out of date: run `make docs`", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    print(f"{PAGE}: {len(catalogue())} KPIs")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
