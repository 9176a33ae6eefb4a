"""What every process of the line needs before it imports dagster, dbt or Great Expectations.

Nothing here imports any of them, so that every entry point can call `prepare` first.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ingestion.settings import Settings

# Off unless somebody switches it on: a plant's figures and file names are nobody else's business.
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
}

# One run at a time touches the warehouse: DuckDB allows a single writing process. The in-process
# executor and the night's lock say so as well; the pool holds for assets run by hand.
DAGSTER_YAML = """\
# Written at first use; change it freely, it is not written again.
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
  runs:
    max_concurrent_runs: 1
# Step output is kept in last_night.log; capturing it here as well costs four processes a step.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: orchestration.event_log
  class: KeptSqliteEventLogStorage
  config:
    base_dir: {history}
"""


def project_dir() -> Path:
    """The dbt project: LEANKPI_DBT_PROJECT, or `dbt_project` beside this package."""
    named = os.environ.get("LEANKPI_DBT_PROJECT")
    return Path(named).resolve() if named else Path(__file__).resolve().parents[1] / "dbt_project"


def executable(name: str) -> str:
    """A command of this Python environment, also where its folder is not on the PATH."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


def prepare(settings: Settings) -> None:
    """Point dbt, dagster and GX into the data directory, telemetry off, folders made."""
    for name, value in TELEMETRY_OFF.items():
        os.environ.setdefault(name, value)
    os.environ["LEANKPI_DATA"] = str(settings.data_dir)
    os.environ["LEANKPI_WAREHOUSE"] = str(settings.warehouse_file)
    os.environ["DBT_TARGET_PATH"] = str(settings.dbt_dir / "target")
    os.environ["DBT_LOG_PATH"] = str(settings.dbt_dir / "logs")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    settings.dbt_dir.mkdir(parents=True, exist_ok=True)
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    instance_file = settings.dagster_home / "dagster.yaml"
    if not instance_file.exists():
        history = settings.dagster_home / "history" / "runs"
        instance_file.write_text(DAGSTER_YAML.format(history=history), encoding="utf-8")
