"""Publications of the season, as the night publishes them."""

from __future__ import annotations

from typing import Any

from ingestion.settings import Settings
from orchestration.publish import publish


def publish_night(settings: Settings, manifest: dict[str, Any], run_id: str) -> None:
    publish(
        settings, manifest=manifest, run_id=run_id, input_fingerprint=run_id, code_version="code"
    )
