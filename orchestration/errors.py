"""Why a night ends without a publication."""

from __future__ import annotations

from ingestion.errors import LeanKpiError


class DbtFailed(LeanKpiError):
    """dbt could not build something: a defect of a model or its environment, not of the data."""


class ChecksFailed(LeanKpiError):
    """A check of severity error spoke: nothing may be published."""
