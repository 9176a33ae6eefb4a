"""`python -m ingestion`: load what landed into the warehouse, without an orchestrator.

Exit status: 0 all loaded, 1 the warehouse cannot be opened, 2 plants.toml is unusable, 3 files were
rejected or left behind.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb

from ingestion.errors import ConfigError
from ingestion.load import FileOutcome, ingest
from ingestion.settings import Settings


def show(outcome: FileOutcome) -> None:
    """One line per delivery."""
    name = f"{outcome.path} [{outcome.table_name}]" if outcome.table_name else outcome.path
    print(
        f"{outcome.status:<20} {name}: {outcome.delivered_rows} rows delivered = "
        f"{outcome.accepted_rows} accepted + {outcome.quarantined_rows} quarantined + "
        f"{outcome.duplicate_rows} duplicates"
        + (f" ({outcome.message})" if outcome.message else "")
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ingestion", description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="default: LEANKPI_DATA, else ./data")
    arguments = parser.parse_args()
    settings = Settings(arguments.data_dir.resolve()) if arguments.data_dir else Settings.from_env()
    try:
        report = ingest(settings, show)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except duckdb.IOException as error:
        print(f"the warehouse is open in another program: {error}", file=sys.stderr)
        return 1
    print(
        f"{len(report.new_files)} deliveries, {report.known_files} files known already; "
        f"warehouse: {settings.warehouse_file}"
    )
    return 3 if report.rejected or report.left else 0


if __name__ == "__main__":
    sys.exit(main())
