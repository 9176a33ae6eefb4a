"""When two nights would publish the same: what came in, the plants' configuration and our code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import duckdb

import ingestion
from ingestion.settings import Settings
from orchestration.environment import project_dir

# Names alone would let an edited file pass as the same; content alone a renamed model.
DBT_FILES = ("*.sql", "*.yml", "*.csv", "*.md")
# Of this package only what decides what is published: not the command line, not the progress bar.
ORCHESTRATION_FILES = (
    "checks/suites.py",
    "checks/gx_runner.py",
    "audiences.py",
    "publish.py",
    "relationships.py",
)


def _hash_files(files: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in sorted(files):
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def project_version(project: Path | None = None) -> str:
    """Hash of everything dbt parses."""
    project = project or project_dir()
    return _hash_files(
        (str(path.relative_to(project)), path)
        for pattern in DBT_FILES
        for path in project.rglob(pattern)
        if not {"target", "logs", "dbt_packages"} & set(path.relative_to(project).parts)
    )


def code_version(project: Path | None = None) -> str:
    """Hash of the code that decides what a given raw schema is published as."""
    reading = Path(ingestion.__file__).parent
    publishing = Path(__file__).parent
    files = [
        *(
            (f"ingestion/{path.relative_to(reading)}", path)
            for path in reading.rglob("*.py")
            # The simulator writes exports and the proposals draft modules; neither loads any.
            if path.relative_to(reading).parts[0] not in ("simulator", "proposals")
        ),
        *((f"orchestration/{name}", publishing / name) for name in ORCHESTRATION_FILES),
    ]
    own = _hash_files(files)
    return hashlib.sha256((project_version(project) + own).encode()).hexdigest()


def input_fingerprint(settings: Settings, code: str) -> str | None:
    """What the warehouse would be published from now; None where nothing was ever delivered.

    Arrival order is no part of it, because the marts do not depend on it.
    """
    if not settings.warehouse_file.exists():
        return None
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        exists = con.execute(
            "select 1 from duckdb_tables() where schema_name = 'raw' and table_name = 'deliveries'"
        ).fetchone()
        if exists is None:
            return None
        rows = con.execute(
            "select delivery_id, status, extracted_at, watermark_at "
            "from raw.deliveries order by delivery_id"
        ).fetchall()
    if not rows:
        return None
    digest = hashlib.sha256()
    for delivery_id, status, extracted_at, watermark_at in rows:
        # extracted_at: the same bytes under an earlier stamp change which row is latest;
        # watermark_at: an export without rows says that what is open is still open.
        digest.update(f"{delivery_id} {status} {extracted_at} {watermark_at}\n".encode())
    plants = settings.plants_file
    digest.update(plants.read_bytes() if plants.exists() else b"")
    digest.update(code.encode())
    return digest.hexdigest()
