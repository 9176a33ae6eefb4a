"""Why a night ends without a publication."""

from __future__ import annotations

import re

from ingestion.errors import LeanKpiError
from ingestion.settings import Settings


class DbtFailed(LeanKpiError):
    """dbt could not build something: a defect of a model or its environment, not of the data."""


class ChecksFailed(LeanKpiError):
    """A check of severity error spoke: nothing may be published."""


class WarehouseInUse(LeanKpiError):
    """Another program has the warehouse open, which DuckDB lets one process write at a time."""


#: DuckDB's words, which also stand in the middle of what dbt says.
LOCKED = "Could not set lock on file"
HOLDER = re.compile(r"\(PID (\d+)\)")


def warehouse_in_use(error: BaseException | None, settings: Settings) -> WarehouseInUse | None:
    """What to do, where the cause of an error is that somebody looks into the warehouse."""
    _, words, details = str(error).partition(LOCKED)
    if not words:
        return None
    holder = HOLDER.search(details)
    who = f" (PID {holder[1]})" if holder else ""
    return WarehouseInUse(
        f"close the program that has {settings.warehouse_file} open{who}, and run the night again; "
        f"readers open {settings.published_link}"
    )
