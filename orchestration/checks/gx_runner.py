"""Runs suites through Great Expectations. The only file that imports it, and only when called:
the import costs three to ten seconds, which nobody who merely looks at the definitions shall pay.

Great Expectations has no DuckDB engine. DuckDB therefore computes each suite's evidence (a few
measures per machine-day, item or order week), and only that small frame is validated here.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.checks.results import SAMPLE_ROWS, CheckOutcome
from orchestration.checks.suites import Rule, Suite

if TYPE_CHECKING:
    import pandas as pd

ENGINE = "great_expectations"
#: No key of any plant: an expectation that every key is this one must fail.
CANARY = "\x00 no such key \x00"
DEAD = (
    "The checking engine did not evaluate this rule, so nothing is known and nothing is published. "
    "Reinstall the locked dependencies; if it stays, the rule or its evidence query is broken."
)


def validate(
    suites: Sequence[Suite], frames: Mapping[str, pd.DataFrame], docs_dir: Path | None = None
) -> list[CheckOutcome]:
    """Outcomes of every rule over its suite's evidence; Data Docs where a folder is given."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    # Its progress bar would write over ours.
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    if docs_dir is not None:
        _add_docs_site(context, docs_dir)
    source = context.data_sources.add_pandas("evidence")
    outcomes: list[CheckOutcome] = []
    for suite in suites:
        frame = frames[suite.name]
        if frame.empty:
            outcomes += [
                _outcome(suite, rule, True, "nothing to check: no rows") for rule in suite.rules
            ]
        else:
            outcomes += _validate_suite(context, source, suite, frame)
    if docs_dir is not None:
        context.build_data_docs(site_names=["data_docs"])
    return outcomes


def _add_docs_site(context: Any, docs_dir: Path) -> None:
    # Its own default is a temporary folder that nobody looks at and nobody removes.
    context.delete_data_docs_site("local_site")
    # One night's pages: the history of checks is in the published versions.
    shutil.rmtree(docs_dir, ignore_errors=True)
    context.add_data_docs_site(
        site_name="data_docs",
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(docs_dir),
            },
        },
    )


def _validate_suite(
    context: Any, source: Any, suite: Suite, frame: pd.DataFrame
) -> list[CheckOutcome]:
    import great_expectations as gx
    import great_expectations.expectations as gxe

    batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("whole")
    expectations = [
        getattr(gxe, rule.expectation)(**rule.arguments, meta={"rule": rule.name})
        for rule in suite.rules
    ]
    canary = gxe.ExpectColumnValuesToBeInSet(column=suite.keys[0], value_set=[CANARY])
    validated = gx.ValidationDefinition(
        name=suite.name,
        data=batch,
        suite=context.suites.add(gx.ExpectationSuite(suite.name, expectations=expectations)),
    )
    # The canary runs apart from the suite, so that Data Docs do not show it as a failure.
    canary_suite = gx.ExpectationSuite(f"{suite.name}_canary", expectations=[canary])
    alive = _is_alive(batch.get_batch(batch_parameters={"dataframe": frame}).validate(canary_suite))
    results = context.validation_definitions.add(validated).run(
        batch_parameters={"dataframe": frame},
        result_format={
            "result_format": "SUMMARY",
            "partial_unexpected_count": SAMPLE_ROWS,
        },
    )
    by_rule = {result.expectation_config.meta.get("rule"): result for result in results.results}
    # An expectation that raised comes back without its meta: its rule is then missing here.
    return [_judge(suite, rule, by_rule.get(rule.name), alive, frame) for rule in suite.rules]


def _is_alive(result: Any) -> bool:
    """Whether the engine found the rows that the canary must find."""
    (canary,) = result.results
    return not canary.success and bool(canary.result.get("unexpected_count"))


def _judge(suite: Suite, rule: Rule, result: Any, alive: bool, frame: pd.DataFrame) -> CheckOutcome:
    raised = result is None or _raised(result.exception_info)
    if not alive or raised:
        why = "the expectation raised" if raised else "the canary was not found"
        return _outcome(suite, rule, False, f"not evaluated: {why}", dead=True)
    if "unexpected_count" not in result.result:
        return _outcome(
            suite, rule, bool(result.success), f"observed {result.result.get('observed_value')}"
        )
    failing = int(result.result["unexpected_count"])
    looked_at = int(result.result["element_count"]) - int(result.result.get("missing_count") or 0)
    observed = f"{failing} of {looked_at} {suite.grain}"
    if result.success:
        return _outcome(suite, rule, True, observed, failing=failing)
    indices = result.result.get("partial_unexpected_index_list") or []
    sample = "\n".join(_row_text(frame, index) for index in indices[:SAMPLE_ROWS])
    return _outcome(suite, rule, False, observed, failing=failing, sample=sample or None)


def _raised(info: Mapping[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception") for part in info.values())


def _row_text(frame: pd.DataFrame, index: Any) -> str:
    """A row of evidence in words, without what it does not say."""
    row = frame.loc[index]
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in row.items()
        if value is not None and value == value
    )


def _outcome(
    suite: Suite,
    rule: Rule,
    passed: bool,
    observed: str,
    *,
    failing: int = 0,
    sample: str | None = None,
    dead: bool = False,
) -> CheckOutcome:
    return CheckOutcome(
        stage="facts",
        engine=ENGINE,
        check_name=rule.name,
        fact=suite.fact,
        severity="error" if dead else rule.severity,
        passed=passed,
        observed=observed,
        expected=rule.expected,
        failing_rows_qty=failing,
        failing_rows=sample,
        reason=rule.reason,
        what_to_do=DEAD if dead else rule.what_to_do,
        checked_at=datetime.now(UTC).replace(tzinfo=None),
    )
