"""Where everything lives: one data directory, named by LEANKPI_DATA or --data-dir."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Paths inside the data directory."""

    data_dir: Path

    @classmethod
    def from_env(cls) -> Settings:
        """The directory of LEANKPI_DATA, or `data` where the command runs."""
        return cls(Path(os.environ.get("LEANKPI_DATA", "data")).resolve())

    @property
    def plants_file(self) -> Path:
        return self.data_dir / "plants.toml"

    @property
    def landing_dir(self) -> Path:
        return self.data_dir / "landing"

    @property
    def warehouse_file(self) -> Path:
        return self.data_dir / "warehouse.duckdb"

    @property
    def published_dir(self) -> Path:
        return self.data_dir / "published"

    @property
    def published_link(self) -> Path:
        return self.published_dir / "marts.duckdb"

    @property
    def board_dir(self) -> Path:
        return self.data_dir / "board"

    @property
    def truth_dir(self) -> Path:
        return self.data_dir / "truth"

    @property
    def dbt_dir(self) -> Path:
        return self.data_dir / "dbt"

    @property
    def dagster_home(self) -> Path:
        return self.data_dir / "dagster_home"

    @property
    def lock_file(self) -> Path:
        return self.data_dir / "nightly.lock"
