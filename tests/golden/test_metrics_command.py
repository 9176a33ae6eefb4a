"""`leankpi mf`: what an analyst types, over the published file."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.metrics import NoMetrics, write_reader_project

#: The command in a process that fails as soon as it calls anybody.
COMMAND = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise SystemExit(f"calls {arguments}")

sys.addaudithook(watch)
from orchestration.cli import main
main()
"""


@pytest.fixture
def readers(published: Path, golden_target: Path, tmp_path: Path) -> Settings:
    """A data directory as a night leaves it, as far as readers see it."""
    settings = Settings(tmp_path / "data")
    (settings.dbt_dir / "target").mkdir(parents=True)
    shutil.copy(golden_target / "semantic_manifest.json", settings.dbt_dir / "target")
    settings.published_dir.mkdir()
    settings.published_link.symlink_to(published)
    return settings


def test_says_what_the_published_file_says_and_calls_nobody(
    readers: Settings, tmp_path: Path
) -> None:
    answer = tmp_path / "answer.csv"
    command = [sys.executable, "-c", COMMAND, "mf", "--data-dir", str(readers.data_dir), "query"]
    command += ["--metrics", "oee,scrap_ratio", "--csv", str(answer)]
    command += ["--group-by", "metric_time__week,plant,machine__line"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    with answer.open(encoding="utf-8") as file:
        said = {
            (kpi_id, row["plant"], row["machine__line"], row["metric_time__week"][:10]): row[kpi_id]
            for row in csv.DictReader(file)
            for kpi_id in ("oee", "scrap_ratio")
        }
    with duckdb.connect(str(readers.published_link), read_only=True) as con:
        rows = con.execute(
            """
            select kpi_id, plant_id, scope_id, cast(period_start_date as varchar), value
            from kpi_values
            where kpi_id in ('oee', 'scrap_ratio') and scope_type = 'line' and period_type = 'week'
            """
        ).fetchall()
    values = {tuple(key): value for *key, value in rows}
    assert sum(value is not None for value in values.values()) > 10
    for key, value in values.items():
        shown = float(said[key]) if said[key] not in ("", "None") else None
        assert shown == (value if value is None else pytest.approx(value, rel=1e-9)), key


def test_without_a_publication_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(NoMetrics, match="leankpi nightly"):
        write_reader_project(Settings(tmp_path))
