"""dbt's own pages of every model, its columns, tests and lineage, as one file to share."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ingestion.settings import Settings
from orchestration.environment import executable, prepare, project_dir
from orchestration.errors import DbtFailed

PAGE_NAME = "index.html"


def write_docs(settings: Settings, folder: Path) -> Path:
    """Write the pages into `folder` and return the file; DbtFailed says what dbt said.

    They are made from the manifest of the project alone, so that no night is disturbed.
    """
    from orchestration.dbt_models import prepare_manifest

    prepare(settings)
    target = prepare_manifest(settings).parent
    project = str(project_dir())
    command = [executable("dbt"), "--quiet", "docs", "generate"]
    command += ["--static", "--no-compile", "--empty-catalog"]
    command += ["--project-dir", project, "--profiles-dir", project]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DbtFailed(f"dbt wrote no pages:\n{done.stdout}{done.stderr}".strip())
    folder.mkdir(parents=True, exist_ok=True)
    building = folder / f".{PAGE_NAME}"
    shutil.copyfile(target / "static_index.html", building)
    return building.replace(folder / PAGE_NAME)
