"""The definitions over the real dbt project: what is there, and how it hangs together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingestion.feeds import FEEDS
from ingestion.settings import Settings
from orchestration.checks.suites import SUITES
from orchestration.dbt_models import load_manifest, prepare_manifest
from orchestration.definitions import build_defs
from orchestration.environment import project_dir
from orchestration.publish import published_tables


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(tmp_path_factory.mktemp("definitions") / "data")


@pytest.fixture(scope="module")
def defs(settings: Settings) -> dg.Definitions:
    return build_defs(settings)


@pytest.fixture(scope="module")
def manifest(settings: Settings, defs: dg.Definitions) -> dict[str, Any]:
    return load_manifest(prepare_manifest(settings))


@pytest.fixture(scope="module")
def graph(defs: dg.Definitions) -> Any:
    return defs.resolve_asset_graph()


def test_loadable(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)


def test_everything_raw_is_ingested_and_everything_dbt_reads_is_raw(
    graph: Any, manifest: dict[str, Any]
) -> None:
    ingested = {key.path[1] for key in graph.materializable_asset_keys if key.path[0] == "raw"}

    assert set(FEEDS) < ingested
    assert {source["name"] for source in manifest["sources"].values()} <= ingested


def test_every_model_and_seed_is_an_asset_of_its_layer(
    graph: Any, manifest: dict[str, Any]
) -> None:
    assets = {key.path[-1]: key for key in graph.materializable_asset_keys}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            assert graph.get(assets[node["name"]]).group_name == node["fqn"][1], node["name"]
    assert {graph.get(key).group_name for key in graph.materializable_asset_keys} == {
        "raw",
        "staging",
        "intermediate",
        "core",
        "marts",
        "published",
    }


def test_lineage_leads_from_every_feed_to_the_published_file(graph: Any) -> None:
    published = dg.AssetKey(["published", "marts"])
    ancestors = dg.AssetSelection.assets(published).upstream().resolve(graph)

    for feed in FEEDS:
        assert dg.AssetKey(["raw", feed]) in ancestors, feed


def test_lineage_leads_from_every_mart_back_to_a_feed(graph: Any, manifest: dict[str, Any]) -> None:
    feeds = {dg.AssetKey(["raw", feed]) for feed in FEEDS}
    keys = {key.path[-1]: key for key in graph.materializable_asset_keys}
    marts = [name for name in published_tables(manifest) if name.startswith("mart_")]
    assert len(marts) >= 8
    for mart in marts:
        ancestors = dg.AssetSelection.assets(keys[mart]).upstream().resolve(graph)
        # The log of deliveries is about the exports themselves.
        origin = feeds | {dg.AssetKey(["raw", "deliveries"])}
        assert ancestors & origin, mart


def test_publication_waits_for_every_table_it_copies(graph: Any, manifest: dict[str, Any]) -> None:
    parents = graph.get(dg.AssetKey(["published", "marts"])).parent_keys

    assert {key.path[-1] for key in parents} == set(published_tables(manifest))


def test_every_rule_is_a_check_and_those_of_facts_block(graph: Any) -> None:
    checks = {(key.asset_key.path[-1], key.name): key for key in graph.asset_check_keys}
    for suite in SUITES:
        for rule in suite.rules:
            key = checks[suite.fact, rule.name]
            assert graph.get(key).blocking == suite.is_gate, rule.name


def test_dbt_tests_of_severity_error_block(graph: Any, manifest: dict[str, Any]) -> None:
    names = {key.name: key for key in graph.asset_check_keys}
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert len(tests) > 50
    for node in tests:
        if node["name"] in names and node["config"]["severity"].lower() == "error":
            assert graph.get(names[node["name"]]).blocking, node["name"]
    # Dagster shows tests of sources as observations; they gate like the others, by the results of
    # the build they run in.
    of_models = [n for n in tests if not n["depends_on"]["nodes"][0].startswith("source.")]
    missing = [node["name"] for node in of_models if node["name"] not in names]
    assert missing == [], "these tests would run without being seen"


def test_no_test_of_a_mart_runs_before_the_marts(
    defs: dg.Definitions, manifest: dict[str, Any]
) -> None:
    (core,) = [
        asset for asset in defs.resolve_asset_graph().assets_defs if asset.node_def.name == "core"
    ]
    nodes = manifest["nodes"]
    marts = {
        n["name"]
        for n in nodes.values()
        if n["resource_type"] == "model" and n["fqn"][1] == "marts"
    }
    assert not {key.path[-1] for key in core.keys} & marts
    for spec in core.check_specs:
        node = next(node for node in nodes.values() if node["name"] == spec.name)
        read = {nodes[up]["name"] for up in node["depends_on"]["nodes"] if up in nodes}
        assert not read & marts, spec.name


def test_jobs_and_the_schedule_of_the_first_plant(tmp_path: Path, settings: Settings) -> None:
    settings.plants_file.write_text(
        '[plants.azores]\nname = "A"\ntime_zone = "Atlantic/Azores"\ncurrency = "EUR"\n'
    )
    defs = build_defs(settings)

    assert {job.name for job in defs.resolve_all_job_defs()} >= {"nightly", "rollback"}
    schedule = defs.get_schedule_def("nightly_at_two")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Atlantic/Azores")


def test_nothing_is_written_into_the_project(defs: dg.Definitions) -> None:
    written = {path.name for path in project_dir().iterdir()}
    assert not written & {"target", "logs", "dbt_packages", ".user.yml"}


FRESH = """
import sys
from pathlib import Path
from ingestion.settings import Settings
{statement}
print(",".join(name for name in {names!r} if name in sys.modules))
"""


def modules_after(statement: str, *names: str) -> list[str]:
    """Which modules a fresh interpreter has loaded after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", FRESH.format(statement=statement, names=names)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    return [name for name in done.stdout.strip().split(",") if name]


def test_great_expectations_is_not_imported_by_the_definitions() -> None:
    assert modules_after("import orchestration.definitions", "great_expectations", "dagster") == [
        "dagster"
    ]


def test_the_command_and_its_status_import_nothing_heavy(settings: Settings) -> None:
    statement = (
        "import orchestration.cli, orchestration.summary, orchestration.journal\n"
        f"orchestration.summary.summary(Settings(Path({str(settings.data_dir)!r})), None)"
    )
    heavy = ("dagster", "dbt", "great_expectations", "pandas", "polars")
    assert modules_after(statement, *heavy) == []


def test_telemetry_is_off_unless_somebody_switches_it_on(settings: Settings) -> None:
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert "enabled: false" in (settings.dagster_home / "dagster.yaml").read_text()
    with dg.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
