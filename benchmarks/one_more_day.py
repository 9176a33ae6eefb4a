"""The night after a long history: what it costs that one more day arrives, and where.

Simulates a plant once and loads and builds, as a night does,

    full     a long history at once,
    nothing  the same again, with nothing new,
    long     one more day after the long history,
    short    one more day after a short history.

Prints the CPU seconds of ingestion, of every dbt model that matters and of the data tests, and two
ratios: long to short, which is 1 where a night costs what it delivers and not what the history
holds, and long to full. CPU seconds belong to the machine; the ratios are what to compare between
versions. Checks, publication and board are not measured here.

    python -m benchmarks.one_more_day [--days 200] [--short 25] [--machines 8]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from ingestion.load import ingest
from ingestion.settings import Settings
from ingestion.simulator import DEFAULT_START, simulate
from orchestration.environment import project_dir

#: Of models below this share of the night only the sum is shown.
SHOWN_SHARE = 0.01
#: CPU seconds by what they were spent on.
Cost = Counter[str]


def land(simulated: Settings, settings: Settings, days: int) -> None:
    """Link the exports of the first days into landing; the last are drawn in the night after."""
    until = f"{DEFAULT_START + timedelta(days=days):%Y%m%d}"
    settings.dbt_dir.mkdir(parents=True, exist_ok=True)
    settings.plants_file.write_bytes(simulated.plants_file.read_bytes())
    for path in simulated.landing_dir.rglob("*"):
        stamps = [word for word in path.stem.split("_") if word.startswith("20") and len(word) == 8]
        link = settings.landing_dir / path.relative_to(simulated.landing_dir)
        if path.is_file() and (not stamps or stamps[0] <= until) and not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, link)


def build(settings: Settings, *, only_changed: bool) -> Cost:
    """Build every model and run the data tests, as a night does; CPU seconds of each."""
    os.environ["LEANKPI_WAREHOUSE"] = str(settings.warehouse_file)
    os.environ["DBT_TARGET_PATH"] = str(settings.dbt_dir / "target")
    os.environ["DBT_LOG_PATH"] = str(settings.dbt_dir / "logs")
    os.environ["LEANKPI_KEEP_OPEN"] = "true"
    cost: Cost = Counter()
    started: dict[str, float] = {}

    def note(event: Any) -> None:
        # One thread: what the process spends between the two is the node's.
        if event.info.name == "NodeStart":
            started[event.data.node_info.unique_id] = time.process_time()
        elif event.info.name == "NodeFinished":
            node = event.data.node_info.unique_id
            kind, _, name = node.split(".")[:3]
            label = name if kind == "model" else f"{kind}s"
            cost[label] += time.process_time() - started[node]

    project = str(project_dir())
    outcome = dbtRunner(callbacks=[note]).invoke(
        [
            *("build", "--quiet", "--exclude-resource-type", "unit_test"),
            *("--vars", json.dumps({"only_changed": only_changed})),
            *("--project-dir", project, "--profiles-dir", project),
        ]
    )
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if not outcome.success:
        raise RuntimeError(f"the build failed: {outcome.exception or settings.dbt_dir / 'logs'}")
    return cost


def night(settings: Settings, *, only_changed: bool) -> Cost:
    """Load what landed and build."""
    start = time.process_time()
    report = ingest(settings)
    loaded_s = time.process_time() - start
    print(f"{len(report.new_files):,} new files loaded, building ...", flush=True)
    return build(settings, only_changed=only_changed) + Counter({"ingestion": loaded_s})


def measured(root: Path, days: int, short: int, machines: int) -> dict[str, Cost]:
    """What each of the nights costs."""
    simulated = Settings(root / "simulated")
    print(simulate(simulated.data_dir, days + 1, machines, 1), flush=True)
    costs = {}
    for history, length in (("short", short), ("long", days)):
        settings = Settings(root / history)
        land(simulated, settings, length)
        costs["full"] = night(settings, only_changed=False)
        if history == "long":
            costs["nothing"] = night(settings, only_changed=True)
        land(simulated, settings, length + 1)
        costs[history] = night(settings, only_changed=True)
    return costs


def show(label: str, full: float, nothing: float, long: float, short: float) -> None:
    print(
        f"{label:40}{full:9.2f}{nothing:9.2f}{long:9.2f}{short:9.2f}"
        f"{long / max(short, 0.01):12.2f}{long / max(full, 0.01):12.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--short", type=int, default=25)
    parser.add_argument("--machines", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leankpi-bench-") as name:
        costs = measured(Path(name), arguments.days, arguments.short, arguments.machines)
    nights = ("full", "nothing", "long", "short")
    print(f"{'CPU s':40}", *(f"{name:>9}" for name in nights), sep="", end="")
    print(f"{'long/short':>12}{'long/full':>12}")
    total = costs["long"].total()
    others = Counter(dict.fromkeys(nights, 0.0))
    for label, cost_s in costs["long"].most_common():
        row = {name: costs[name][label] for name in nights}
        if cost_s >= SHOWN_SHARE * total:
            show(label, **row)
        else:
            others.update(row)
    show("all others", **others)
    show("the night", **{name: costs[name].total() for name in nights})


if __name__ == "__main__":
    main()
