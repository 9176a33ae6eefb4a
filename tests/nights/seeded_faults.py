"""Nights that go wrong: what a night rebuilds, made anew from the first night with a seeded fault.

The last night's warehouse holds everything that the models of a stage read. They alone are set
back to where the first night left them, so that one build carries them over all that arrived since.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

#: What a night makes anew, in stages that read one another's outcome alone, and the table that a
#: stage ends with.
STAGES: dict[str, tuple[str, ...]] = {
    "facts": (
        "int_delivery_changes",
        "fct_machine_state",
        "fct_production",
        "fct_scrap",
        "int_machine_date_changes",
        "fct_machine_time",
        "int_resource_date_changes",
        "fct_labour_time",
        "fct_energy",
        "fct_measurement_subgroup",
    ),
    "figures": (
        "rollup_date_changes",
        "rollup_machine_shift",
        "rollup_item_shift",
        "rollup_machine_changes",
        "rollup_machine",
        "part_machine",
        "rollup_quality_changes",
        "rollup_quality",
        "part_quality",
        "rollup_capability_changes",
        "rollup_capability",
        "part_capability",
        "kpi_figure_changes",
        "kpi_figures",
    ),
    "signals": ("kpi_signal_changes", "mart_kpi_signals"),
    "values": ("kpi_value_changes", "kpi_values"),
    "marts": (
        "rollup_date_changes",
        "kpi_value_changes",
        "mart_oee_shift",
        "mart_oee_daily",
        "mart_scrap_daily",
        "mart_scrap_pareto",
        "mart_stop_pareto",
        "mart_time_losses",
        "mart_oee_bridge_changes",
        "mart_oee_bridge",
    ),
}


@dataclass(frozen=True)
class Fault:
    """Something that could go wrong: a text of the project that says something else."""

    stage: str
    #: The macro or model whose text it is.
    where: str
    right: str
    wrong: str
    #: The table whose rows must differ.
    found_in: str
    #: The first night told partitions apart by the same wrong digest.
    is_of_digest: bool = False


#: By what is wrong.
FAULTS = {
    "a digest ignores a column": Fault(
        "facts",
        "model.leankpi.int_delivery_changes",
        '"int_scrap_events__resolved": []',
        '"int_scrap_events__resolved": ["unit_cost_amount"]',
        "fct_scrap",
        is_of_digest=True,
    ),
    "new deliveries are seen, and not what a calendar or a standard changes": Fault(
        "facts",
        "macro.leankpi.changes_of",
        "latest.digest is distinct from former.digest as is_changed",
        "former.digest is null as is_changed",
        "fct_production",
    ),
    "nothing is forgotten before rows are inserted": Fault(
        "facts",
        "macro.leankpi.forget_changed",
        "where changes.is_changed and",
        "where not changes.is_changed and changes.is_changed and",
        "fct_production",
    ),
    "a stop is thought to end with its date": Fault(
        "facts",
        "model.leankpi.int_machine_date_changes",
        "{%- set dates_around = 2 %}",
        "{%- set dates_around = 0 %}",
        "fct_machine_time",
    ),
    "pieces do not say which machine they are of": Fault(
        "facts",
        "model.leankpi.int_machine_date_changes",
        '"window_digests.digest", "pieces.digest"',
        '"pieces.digest"',
        "fct_machine_time",
        is_of_digest=True,
    ),
    "a digest of dates ignores what dimensions say": Fault(
        "marts",
        "model.leankpi.rollup_date_changes",
        '["own_rows", "named", "days", "counted", "costed"]',
        '["own_rows", "days", "counted", "costed"]',
        "mart_stop_pareto",
        is_of_digest=True,
    ),
    "a bridge is thought to change with its earlier period alone": Fault(
        "marts",
        "model.leankpi.mart_oee_bridge_changes",
        "periods.changed_qty + later.changed_qty > 0",
        "periods.changed_qty > 0",
        "mart_oee_bridge",
    ),
    "signals behind a change are kept": Fault(
        "signals",
        "model.leankpi.kpi_signal_changes",
        "coalesce(\n        period_start_date >= min",
        "is_changed and coalesce(\n        period_start_date >= min",
        "mart_kpi_signals",
    ),
}
#: As many again, which take as long again.
MORE_FAULTS = {
    "what is gone is not seen": Fault(
        "facts", "macro.leankpi.changes_of", "full outer join", "left join", "fct_machine_state"
    ),
    "a digest of roll-ups ignores costs": Fault(
        "figures",
        "model.leankpi.rollup_quality_changes",
        'digest_of(ref("rollup_item_shift"))',
        'digest_of(ref("rollup_item_shift"), ["scrap_cost_amount", "costed_scrap_qty", '
        '"output_value_amount", "costed_output_qty"])',
        "kpi_figures",
        is_of_digest=True,
    ),
    "a digest of samples ignores their variation": Fault(
        "figures",
        "model.leankpi.rollup_capability_changes",
        'digest_of(ref("fct_measurement_subgroup"))',
        'digest_of(ref("fct_measurement_subgroup"), ["measured_sum", "moving_range"])',
        "kpi_figures",
        is_of_digest=True,
    ),
    "a digest of dates ignores what was not counted": Fault(
        "figures",
        "model.leankpi.rollup_date_changes",
        '["own_rows", "named", "days", "counted", "costed"]',
        '["own_rows", "named", "days", "costed"]',
        "kpi_figures",
        is_of_digest=True,
    ),
    "a digest of dates ignores routes and costs": Fault(
        "figures",
        "model.leankpi.rollup_date_changes",
        '["own_rows", "named", "days", "counted", "costed"]',
        '["own_rows", "named", "days", "counted"]',
        "kpi_figures",
        is_of_digest=True,
    ),
    "limits are kept while a chart gathers its baseline": Fault(
        "signals",
        "macro.leankpi.forget_short_series",
        "having count(*) < {{ most_points }}",
        "having count(*) < 0",
        "mart_kpi_signals",
    ),
    "a digest of values ignores targets": Fault(
        "values",
        "model.leankpi.kpi_value_changes",
        "from targets\n",
        "from targets where false\n",
        "kpi_values",
        is_of_digest=True,
    ),
    "a digest of values ignores signals": Fault(
        "values",
        "model.leankpi.kpi_value_changes",
        "from signals\n",
        "from signals where false\n",
        "kpi_values",
        is_of_digest=True,
    ),
}


@contextmanager
def seeded(manifest: Any, fault: Fault | None) -> Iterator[None]:
    """The parsed project with the fault in it."""
    if fault is None:
        yield
        return
    kind = fault.where.partition(".")[0]
    node = (manifest.macros if kind == "macro" else manifest.nodes)[fault.where]
    attribute = "macro_sql" if kind == "macro" else "raw_code"
    text = getattr(node, attribute)
    assert text.count(fault.right) == 1, f"{fault.where} says no longer {fault.right!r}"
    setattr(node, attribute, text.replace(fault.right, fault.wrong))
    try:
        yield
    finally:
        setattr(node, attribute, text)


def made_anew(
    stages: Collection[str],
    fault: Fault | None,
    manifest: Any,
    run: Callable[[Path, Collection[str]], None],
    nights: Path,
    first: Path,
    folder: Path,
) -> Path:
    """A warehouse whose stages went from the first night to the last in one build."""
    models = [model for stage in stages for model in STAGES[stage]]
    with seeded(manifest, fault):
        if fault is not None and fault.is_of_digest:
            first = copied(first, folder / "first")
            run(first, [model for model in models if model.endswith("_changes")])
        warehouse = copied(nights, folder / "last")
        set_back(manifest, models, warehouse, first)
        run(warehouse, models)
    return warehouse


def copied(warehouse: Path, folder: Path) -> Path:
    """A copy under the name that gives dbt's relations their database."""
    folder.mkdir()
    return Path(shutil.copyfile(warehouse, folder / "warehouse.duckdb"))


def set_back(manifest: Any, models: Collection[str], warehouse: Path, first: Path) -> None:
    """Models that remember an earlier build, as the first night left them."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute(f"attach '{first}' as first_night (read_only)")
        for model in models:
            node = manifest.nodes[f"model.leankpi.{model}"]
            if node.config.materialized == "incremental" or model.endswith("_changes"):
                con.execute(
                    f"create or replace table {node.schema}.{model} as "
                    f"from first_night.{node.schema}.{model}"
                )
