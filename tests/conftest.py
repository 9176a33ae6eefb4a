"""What every test shares: telemetry off, and the test folders importable by name."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

for folder in (
    "",
    "clients",
    "golden",
    "ingestion",
    "models",
    "nights",
    "oracle",
    "orchestration",
    "properties",
    "real",
    "simulator",
    "sources",
    "truth",
):
    sys.path.append(str(Path(__file__).parent / folder))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proofs", help="Write which KPIs were proven, and how, to this file.")


def pytest_configure(config: pytest.Config) -> None:
    # Workers tell the process that started them, which alone writes.
    if config.getoption("--proofs") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Proofs(Path(config.getoption("--proofs"))))


class Proofs:
    """Collects what passed tests recorded as `record_property("proof", "<kpi>:<kind>")`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kinds: dict[str, set[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            for name, value in report.user_properties:
                if name == "proof":
                    kpi_id, _, kind = str(value).partition(":")
                    self.kinds.setdefault(kpi_id, set()).add(kind)

    def pytest_sessionfinish(self) -> None:
        proofs = {kpi_id: sorted(kinds) for kpi_id, kinds in sorted(self.kinds.items())}
        self.path.write_text(json.dumps(proofs, indent=1) + "\n", encoding="utf-8")
