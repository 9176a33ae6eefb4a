"""The suites as Dagster asset checks: between the facts and the marts, and in their way."""

# No postponed annotations here: Dagster reads them to find resources and configuration.

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import duckdb

from ingestion.settings import Settings
from orchestration.checks.results import CheckOutcome, store
from orchestration.checks.suites import SUITES, Suite
from orchestration.errors import ChecksFailed
from orchestration.journal import Journal

if TYPE_CHECKING:
    import pandas as pd


def evidence(warehouse: Path, suites: Sequence[Suite]) -> "dict[str, pd.DataFrame]":
    """Every suite's evidence, computed by the warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return {suite.name: con.execute(suite.evidence).df() for suite in suites}


def run_suites(
    warehouse: Path, suites: Sequence[Suite] = SUITES, docs_dir: Path | None = None
) -> list[CheckOutcome]:
    """Evidence, then judgement."""
    from orchestration.checks.gx_runner import validate

    return validate(suites, evidence(warehouse, suites), docs_dir)


def build_checks(
    settings: Settings,
    keys: Mapping[str, dg.AssetKey],
    journal: Journal,
    suites: Sequence[Suite] = SUITES,
) -> dg.AssetChecksDefinition:
    """One step that checks every fact; each rule is a check of its own."""
    not_gating = {r.name for suite in suites if not suite.is_gate for r in suite.rules}

    @dg.multi_asset_check(
        name="plausibility",
        specs=[
            dg.AssetCheckSpec(
                name=rule.name,
                asset=keys[suite.fact],
                blocking=suite.is_gate,
                description=f"{rule.expected} {rule.reason}",
            )
            for suite in suites
            for rule in suite.rules
        ],
        pool="warehouse",
    )
    def plausibility(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        """Whether the facts can be believed."""
        journal.phase("check facts", sum(len(suite.rules) for suite in suites))
        outcomes = run_suites(settings.warehouse_file, suites, settings.data_dir / "data_docs")
        store(settings.warehouse_file, context.run.run_id, "facts", outcomes)
        journal.add_checks(outcomes)
        for outcome in outcomes:
            journal.advance()
            yield dg.AssetCheckResult(
                asset_key=keys[outcome.fact],
                check_name=outcome.check_name,
                passed=outcome.passed,
                severity=(
                    dg.AssetCheckSeverity.ERROR
                    if outcome.severity == "error"
                    else dg.AssetCheckSeverity.WARN
                ),
                description=outcome.observed,
                metadata={
                    "failing_rows_qty": outcome.failing_rows_qty,
                    "failing_rows": outcome.failing_rows or "",
                    "what_to_do": outcome.what_to_do or "",
                },
            )
        # Dagster stops the marts for the checks that gate; the others only turn into errors where
        # the engine is dead, and then nothing at all is known.
        if stopping := [o for o in outcomes if o.blocks and o.check_name in not_gating]:
            raise ChecksFailed(", ".join(f"{o.fact}: {o.check_name}" for o in stopping))

    return plausibility
