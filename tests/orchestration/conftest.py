from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from ingestion.warehouse import create_raw_tables
from orchestration.environment import executable, prepare, project_dir


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data")


@pytest.fixture(scope="session")
def empty_facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the columns of the real dimensions and facts, and no row.

    Built by dbt from an empty raw schema, so that no copy of the columns can grow stale.
    """
    settings = Settings(tmp_path_factory.mktemp("facts") / "data")
    prepare(settings)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        create_raw_tables(con)
    project = project_dir()
    command = [executable("dbt"), "--quiet", "run", "--select", "+fqn:leankpi.core"]
    command += ["--project-dir", str(project), "--profiles-dir", str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    # Without the constraints of the contracts: a spoilt row says only what it spoils.
    bare = settings.data_dir / "bare.duckdb"
    with duckdb.connect(str(bare)) as con:
        con.execute(f"attach '{settings.warehouse_file}' as built (read_only)")
        for schema in ("raw", "core"):
            con.execute(f"create schema {schema}")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'built' and schema_name in ('raw', 'core')"
        ).fetchall()
        for schema, table in tables:
            con.execute(
                f"create table {schema}.{table} as select * from built.{schema}.{table} limit 0"
            )
    return bare
