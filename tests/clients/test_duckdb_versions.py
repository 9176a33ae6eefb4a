"""The published file through DuckDBs older and newer than the one that wrote it.

BI tools bundle a DuckDB of their own. `make clients` installs one after another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings

LOCKS = Path(__file__).with_name("duckdb_versions")
INSTALLED = Path(__file__).parents[2] / ".venv"

# Answers go into a file: some versions draw their progress between them.
READER = """
import json, sys, duckdb
published, queries, answers = sys.argv[1:]
con = duckdb.connect(published, read_only=True)

def answer(query):
    try:
        return str(con.execute(query).fetchall())
    except Exception as refusal:
        return str(refusal)

with open(queries) as asked, open(answers, "w") as told:
    json.dump([duckdb.__version__, *map(answer, json.load(asked))], told)
"""


def read(published: Path, version: str, queries: list[str], folder: Path) -> list[str]:
    """What another DuckDB answers to each query, in a process of its own."""
    package = INSTALLED / f"duckdb-{version}"
    if not package.exists():
        pytest.skip(f"DuckDB {version} is not installed: `make clients` does that")
    asked, told = folder / "queries.json", folder / "answers.json"
    asked.write_text(json.dumps(queries))
    done = subprocess.run(
        [sys.executable, "-c", READER, str(published), str(asked), str(told)],
        env=os.environ | {"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answered_by, *answers = json.loads(told.read_text())
    assert answered_by == version
    return answers


@pytest.mark.full
@pytest.mark.parametrize("version", sorted(lock.stem for lock in LOCKS.glob("*.txt")))
def test_reads_every_row_of_every_table_and_writes_none(
    published: Settings, tmp_path: Path, version: str
) -> None:
    with duckdb.connect(str(published.published_link), read_only=True) as con:
        tables = con.execute("select table_name from duckdb_tables() order by 1").fetchall()
        queries = [f"from {table}" for (table,) in tables]
        truth = [str(con.execute(query).fetchall()) for query in queries]
    assert len(queries) > 50

    *answers, refusal = read(
        published.published_link, version, [*queries, "delete from kpi_values"], tmp_path
    )

    wrong = [q for q, a, t in zip(queries, answers, truth, strict=True) if a != t]
    assert wrong == []
    assert "read-only" in refusal
