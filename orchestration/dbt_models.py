"""dbt as Dagster assets: the project's manifest, the two builds, and what their tests said.

Two builds, because one build is one step and nothing can stand between a fact and a mart inside
it: `core` ends with the facts, then the plausibility checks gate, then `marts` builds.
"""

# No postponed annotations here: Dagster reads them to find resources and configuration.

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from packaging.version import Version

from ingestion.settings import Settings
from orchestration import last_build
from orchestration.checks.results import SAMPLE_ROWS, CheckOutcome, Stage, store
from orchestration.environment import executable, project_dir
from orchestration.errors import ChecksFailed, DbtFailed
from orchestration.fingerprint import project_version
from orchestration.journal import Journal

# By name and not by path: dbt resolves a path against the folder it runs in, and dagster-dbt asks
# it from wherever the night was started.
CORE = "fqn:leankpi.staging fqn:leankpi.intermediate fqn:leankpi.core resource_type:seed"
MARTS = "fqn:leankpi.marts"
# Unit tests prove our logic on made-up rows: they belong to `make test`, not to a night.
NOT_IN_A_NIGHT = "resource_type:unit_test"


class LayerTranslator(DagsterDbtTranslator):
    """Groups models by layer; keys stay dbt's own, so lineage joins up by name."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "source":
            return "raw"
        if dbt_resource_props["resource_type"] == "seed":
            return "core"
        return str(dbt_resource_props["fqn"][1])


class DbtCommand(DbtCliResource):
    """The dbt command line."""

    @cached_property
    def _cli_version(self) -> Version:
        # The inherited property runs `dbt --version`, which takes six seconds and asks a package
        # index for newer versions: a night calls nobody.
        return Version(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        # The inherited method loads dbt into this process, four seconds a build, for a handle that
        # only fetches row counts while dbt runs: DuckDB would refuse it.
        return None


# --- the manifest ---------------------------------------------------------------------------------


def _parse_dir(settings: Settings) -> Path:
    return settings.dbt_dir / "target"


def prepare_manifest(settings: Settings) -> Path:
    """The project's manifest, parsed anew where the project has changed since."""
    target = _parse_dir(settings)
    manifest = target / "manifest.json"
    marker = target / "parsed_version"
    version = project_version()
    if manifest.exists() and marker.exists() and marker.read_text() == version:
        return manifest
    target.mkdir(parents=True, exist_ok=True)
    project = project_dir()
    command = [executable("dbt"), "--quiet", "parse"]
    command += ["--project-dir", str(project), "--profiles-dir", str(project)]
    command += ["--target-path", str(target), "--log-path", str(settings.dbt_dir / "logs")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DbtFailed(f"the dbt project does not parse:\n{done.stdout}{done.stderr}".strip())
    marker.write_text(version)
    return manifest


def load_manifest(path: Path) -> dict[str, Any]:
    """The manifest as a dictionary."""
    with path.open(encoding="utf-8") as handle:
        manifest: dict[str, Any] = json.load(handle)
    return manifest


def _in_marts(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] == "model" and node["fqn"][1] == "marts"


def tests_of_marts(manifest: Mapping[str, Any]) -> list[str]:
    """Names of the tests that read a mart.

    dbt selects a test as soon as one of its models is selected. A mart's reference to a dimension
    would so be tested with the core, before the mart is built, and against last night's mart.
    """
    nodes = manifest["nodes"]
    return sorted(
        node["name"]
        for node in nodes.values()
        if node["resource_type"] == "test"
        and any(_in_marts(nodes[up]) for up in node["depends_on"]["nodes"] if up in nodes)
    )


def table_keys(manifest: Mapping[str, Any], names: set[str]) -> dict[str, dg.AssetKey]:
    """Asset keys of models, seeds and raw tables by table name."""
    translator = LayerTranslator()
    found = {}
    for node in [*manifest["nodes"].values(), *manifest["sources"].values()]:
        if node["name"] in names and node["resource_type"] in ("model", "seed", "source"):
            found[node["name"]] = translator.get_asset_key(node)
    if missing := sorted(names - set(found)):
        raise DbtFailed(f"dbt builds no {', '.join(missing)}, which checks are declared for")
    return found


# --- the two builds -------------------------------------------------------------------------------


def dbt_project() -> DbtProject:
    """The project for dagster-dbt; its state lives in the data directory."""
    return DbtProject(project_dir=project_dir(), profiles_dir=project_dir())


def dbt_resource(settings: Settings) -> DbtCommand:
    """The command, writing nothing into the project folder."""
    return DbtCommand(
        project_dir=str(project_dir()),
        profiles_dir=str(project_dir()),
        dbt_executable=executable("dbt"),
        global_config_flags=["--no-use-colors"],
    )


def build_dbt_assets(
    settings: Settings, manifest_path: Path, journal: Journal
) -> list[dg.AssetsDefinition]:
    """The assets `core` and `marts`."""
    manifest = load_manifest(manifest_path)
    translator = LayerTranslator()
    unready = " ".join(tests_of_marts(manifest))

    @dbt_assets(
        manifest=manifest_path,
        name="core",
        select=CORE,
        exclude=f"{NOT_IN_A_NIGHT} {unready}".strip(),
        dagster_dbt_translator=translator,
        pool="warehouse",
    )
    def core(
        context: dg.AssetExecutionContext, dbt: DbtCommand, night_lock: dg.ResourceParam[str]
    ) -> Iterator[Any]:
        """Staging, intermediate, dimensions and facts."""
        yield from _build(context, dbt, settings, manifest, "core", journal)

    @dbt_assets(
        manifest=manifest_path,
        name="marts",
        select=MARTS,
        exclude=NOT_IN_A_NIGHT,
        dagster_dbt_translator=translator,
        pool="warehouse",
    )
    def marts(
        context: dg.AssetExecutionContext, dbt: DbtCommand, night_lock: dg.ResourceParam[str]
    ) -> Iterator[Any]:
        """Marts and KPI values."""
        yield from _build(context, dbt, settings, manifest, "marts", journal)

    return [core, marts]


def _build(
    context: dg.AssetExecutionContext,
    dbt: DbtCommand,
    settings: Settings,
    manifest: Mapping[str, Any],
    stage: Stage,
    journal: Journal,
) -> Iterator[Any]:
    """Run one build; its events, and afterwards what its tests said."""
    target = _parse_dir(settings)
    (target / "run_results.json").unlink(missing_ok=True)
    mark = last_build.begin(settings.warehouse_file, context.run_id, stage)
    only_changed = mark is not None and mark.only_changed
    journal.phase(f"build {stage}", len(context.op_execution_context.selected_asset_keys))
    invocation = dbt.cli(
        [
            *("build", "--exclude-resource-type", "unit_test"),
            *("--vars", json.dumps({"only_changed": only_changed})),
        ],
        context=context,
        target_path=target,
        raise_on_error=False,
    )
    for event in invocation.stream():
        if isinstance(event, dg.Output | dg.AssetMaterialization | dg.MaterializeResult):
            journal.advance()
        yield event
    results_file = target / "run_results.json"
    if not results_file.exists():
        raise invocation.get_error() or DbtFailed(f"dbt wrote no results: see {target}/dbt.log")
    results = json.loads(results_file.read_text(encoding="utf-8"))["results"]
    outcomes = read_outcomes(settings, manifest, stage, results)
    store(settings.warehouse_file, context.run_id, stage, outcomes)
    journal.add_checks(outcomes)
    require_all_built(manifest, stage, results, outcomes)
    if mark is not None:
        last_build.leave(settings.warehouse_file, mark)


def require_all_built(
    manifest: Mapping[str, Any],
    stage: Stage,
    results: list[dict[str, Any]],
    outcomes: list[CheckOutcome],
) -> None:
    """Raise unless every model of the stage was built and no error test spoke.

    Held against the manifest, because a node that dbt did not select fails nowhere.
    """
    nodes = manifest["nodes"]
    broken = [result for result in results if result["status"] in ("error", "runtime error")]
    if broken:
        named = "\n".join(f"{r['unique_id']}: {(r['message'] or '').strip()}" for r in broken)
        raise DbtFailed(f"dbt could not build:\n{named}")
    blocking = [outcome for outcome in outcomes if outcome.blocks]
    if blocking:
        raise ChecksFailed(", ".join(f"{o.fact}: {o.check_name}" for o in blocking))
    built = {result["unique_id"] for result in results if result["status"] == "success"}
    expected = {
        unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] != "ephemeral"
        and _in_marts(node) == (stage == "marts")
    }
    if missing := sorted(expected - built):
        raise DbtFailed(f"not built, and no reason given: {', '.join(missing)}")


# --- what dbt's tests said ------------------------------------------------------------------------


def read_outcomes(
    settings: Settings,
    manifest: Mapping[str, Any],
    stage: Stage,
    results: list[dict[str, Any]],
) -> list[CheckOutcome]:
    """The tests of a build as check outcomes, with the first failing rows."""
    now = datetime.now(UTC).replace(tzinfo=None)
    outcomes = []
    for result in results:
        node = manifest["nodes"].get(result["unique_id"])
        if node is None or node["resource_type"] != "test":
            continue
        if result["status"] not in ("pass", "warn", "fail"):
            continue
        passed = result["status"] == "pass"
        failures = int(result["failures"] or 0)
        outcomes.append(
            CheckOutcome(
                stage=stage,
                engine="dbt",
                check_name=node["name"],
                fact=_tested_table(manifest, node),
                severity="warn" if node["config"]["severity"].lower() == "warn" else "error",
                passed=passed,
                observed="no failing rows" if passed else f"{failures} failing rows",
                expected=node.get("description") or _expectation(node),
                failing_rows_qty=0 if passed else failures,
                failing_rows=None if passed else _failing_rows(settings, manifest, node, result),
                reason=node["config"].get("meta", {}).get("reason"),
                what_to_do=None if passed else _advice(node),
                checked_at=now,
            )
        )
    return outcomes


def _tested_table(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    unique_id = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), "")
    return str(unique_id.rsplit(".", 1)[-1])


def _expectation(node: Mapping[str, Any]) -> str:
    """A generic test in words: `unique of machine_time_key`."""
    metadata = node.get("test_metadata") or {}
    column = node.get("column_name")
    words = str(metadata.get("name") or node["name"]).replace("_", " ")
    return f"{words}: {column}" if column else words


def _advice(node: Mapping[str, Any]) -> str:
    given = node["config"].get("meta", {}).get("what_to_do")
    if given:
        return str(given)
    return (
        f"A rule of structure does not hold ({node['original_file_path']}). Follow the rows above "
        "to their deliveries (mart_delivery_log, quarantine); where the exports are right, the "
        "model is wrong."
    )


def _failing_rows(
    settings: Settings,
    manifest: Mapping[str, Any],
    node: Mapping[str, Any],
    result: Mapping[str, Any],
) -> str | None:
    """The first rows a test found, one a line."""
    query = result.get("compiled_code")
    tested = manifest["nodes"].get(node.get("attached_node") or "", {})
    if (node.get("test_metadata") or {}).get("name") == "not_null" and tested:
        # dbt's own query selects the empty column alone, which says nothing of the row.
        query = f'select * from {tested["relation_name"]} where "{node["column_name"]}" is null'
    if not query:
        return None
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        try:
            cursor = con.execute(f"select * from ({query}) as failing limit {SAMPLE_ROWS}")
        except duckdb.Error:
            # The count is what gates; a test that cannot be wrapped still has its count.
            return None
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    return "\n".join(
        ", ".join(
            f"{name}={value}" for name, value in zip(names, row, strict=True) if value is not None
        )
        for row in rows
    )
