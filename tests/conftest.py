"""What every test shares: telemetry off, and the test folders importable by name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

for folder in (
    "golden",
    "ingestion",
    "models",
    "oracle",
    "orchestration",
    "properties",
    "real",
    "simulator",
):
    sys.path.append(str(Path(__file__).parent / folder))
