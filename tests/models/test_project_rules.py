"""The rules of the dbt project, read from its manifest."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from warehouse import PROJECT, parsed_project

from ingestion.feeds import FEEDS
from ingestion.feeds.base import personal_columns

Node = dict[str, Any]

#: Folder, prefixes of its models, folders (or sources) its models may read from.
LAYERS = {
    "staging": (("stg_",), {"raw", "staging"}),
    "intermediate": (("int_",), {"staging", "intermediate"}),
    "core": (("dim_", "fct_"), {"staging", "intermediate", "core"}),
    "marts": (("mart_", "kpi_", "rollup_", "part_"), {"intermediate", "core", "marts", "seeds"}),
}
#: Endings that say what a number counts.
UNITS = re.compile(
    r"(^|_)(s|h|kwh|days|qty|amount|ratio|no|rows|per_year)$|_qty_(of|with|without)_\w+$"
)
#: Numbers whose unit stands beside them, or that have none.
UNITLESS = {
    *("numerator", "denominator", "value", "target_value", "stated_value", "layer", "version"),
    *("lower_limit", "upper_limit", "measured_sum", "measured_range", "moving_range"),
    *("centre_line", "sigma", "mean_moving_range", "upper_range_limit"),
    "squared_deviation_sum",
}
NUMERIC = ("decimal", "double", "bigint", "integer", "hugeint")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = parsed_project().writable_manifest().to_dict(omit_none=False)
    return found


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, Node]:
    found = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    assert len(found) > 60
    return found


def layer(node: Node) -> str:
    """The folder of a model, or what else a node is."""
    if node["resource_type"] == "source":
        return "raw"
    if node["resource_type"] == "seed":
        return "seeds"
    return str(node["fqn"][1])


def is_published(node: Node) -> bool:
    """True for the tables that people and tools read."""
    return layer(node) == "core" or (layer(node) == "marts" and "parts" not in node["fqn"])


def sql(node: Node) -> str:
    """The model's own text without comments."""
    code = re.sub(r"\{#.*?#\}", "", node["raw_code"], flags=re.DOTALL)
    return re.sub(r"--.*", "", code)


def test_data_flows_one_way(manifest: dict[str, Any], models: dict[str, Node]) -> None:
    everything = manifest["nodes"] | manifest["sources"]
    wrong = [
        f"{node['name']} reads {parent}"
        for node in models.values()
        for parent in node["depends_on"]["nodes"]
        if layer(everything[parent]) not in LAYERS[layer(node)][1]
    ]
    assert not wrong


def test_staging_reads_one_feed_and_the_deliveries_that_rank_it(
    manifest: dict[str, Any], models: dict[str, Node]
) -> None:
    for node in models.values():
        if layer(node) == "staging":
            parents = [
                manifest_name.split(".")[-1] for manifest_name in node["depends_on"]["nodes"]
            ]
            assert set(parents) - {"stg_deliveries"} == {node["name"].removeprefix("stg_")}


def test_models_of_a_folder_share_a_prefix(models: dict[str, Node]) -> None:
    wrong = [
        node["name"]
        for node in models.values()
        if not node["name"].startswith(LAYERS[layer(node)][0])
    ]
    assert not wrong


def test_a_yml_stands_beside_each_sql(models: dict[str, Node]) -> None:
    for node in models.values():
        path = Path(node["original_file_path"])
        assert node["patch_path"] == f"leankpi://{path.with_suffix('.yml')}"


def test_models_and_columns_are_described(models: dict[str, Node]) -> None:
    wrong = [node["name"] for node in models.values() if not node["description"].strip()]
    wrong += [
        f"{node['name']}.{column['name']}"
        for node in models.values()
        for column in node["columns"].values()
        if not column["description"].strip()
    ]
    assert not wrong
    assert all(node["columns"] for node in models.values())


def test_descriptions_begin_with_the_grain(models: dict[str, Node]) -> None:
    wrong = [
        node["name"]
        for node in models.values()
        if layer(node) != "staging" and not node["description"].startswith("One row per ")
    ]
    assert not wrong


def test_published_tables_have_a_contract(models: dict[str, Node]) -> None:
    published = [node for node in models.values() if is_published(node)]
    assert len(published) > 20
    for node in published:
        assert node["contract"]["enforced"], node["name"]
        # The rows that roll-ups add up are written out by the publication alone.
        kinds = ("view",) if node["name"].startswith("kpi_sums_") else ("table", "incremental")
        assert node["config"]["materialized"] in kinds, node["name"]
        untyped = [name for name, column in node["columns"].items() if not column["data_type"]]
        assert not untyped, node["name"]


def test_the_first_column_of_a_published_table_is_its_tested_key(
    manifest: dict[str, Any], models: dict[str, Node]
) -> None:
    tested = {
        (node["attached_node"], node["column_name"], node["test_metadata"]["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("test_metadata")
    }
    for name, node in models.items():
        if is_published(node):
            key = next(iter(node["columns"]))
            assert (name, key, "unique") in tested, node["name"]
            assert (name, key, "not_null") in tested, node["name"]


def test_columns_that_lead_to_a_person_are_declared(models: dict[str, Node]) -> None:
    """As those of feeds are, whose names they have: orchestration/audiences.py hides them."""
    personal = {name for feed in FEEDS.values() for name in personal_columns(feed)}
    assert {"worker_id", "owner"} <= personal
    undeclared = [
        f"{node['name']}.{name}"
        for node in models.values()
        if is_published(node)
        for name, column in node["columns"].items()
        if any(name == one or name.endswith(f"_{one}") for one in personal)
        and not column["config"]["meta"].get("personal")
    ]
    assert not undeclared


def test_every_published_table_says_which_plant_its_rows_are_of(models: dict[str, Node]) -> None:
    """So that a file for one plant holds no other."""
    without = [
        node["name"]
        for node in models.values()
        if is_published(node) and "plant_id" not in node["columns"]
    ]
    assert without == ["dim_date"]


def test_numbers_carry_their_unit(models: dict[str, Node]) -> None:
    wrong = [
        f"{node['name']}.{column['name']}"
        for node in models.values()
        if is_published(node)
        for column in node["columns"].values()
        if column["data_type"].startswith(NUMERIC)
        and not UNITS.search(column["name"])
        and column["name"] not in UNITLESS
    ]
    assert not wrong


def test_facts_hold_no_ratio(models: dict[str, Node]) -> None:
    for node in models.values():
        if node["name"].startswith("fct_"):
            assert not [name for name in node["columns"] if name.endswith("_ratio")], node["name"]
            assert "ratio(" not in sql(node), node["name"]


def test_only_the_ratio_macro_divides(models: dict[str, Node]) -> None:
    for node in models.values():
        assert "/" not in sql(node), node["name"]
    divisions = [
        path.name
        for path in (PROJECT / "macros").rglob("*.sql")
        if "/" in re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    ]
    assert divisions == ["ratio.sql"]


def test_nothing_is_averaged(models: dict[str, Node]) -> None:
    for node in models.values():
        assert not re.search(r"\b(avg|mean)\s*\(", sql(node), flags=re.IGNORECASE), node["name"]


def test_no_kpi_is_computed_in_two_places(models: dict[str, Node]) -> None:
    with (PROJECT / "seeds" / "kpi_definitions.csv").open(encoding="utf-8") as file:
        kpis = [row["kpi_id"] for row in csv.DictReader(file)]
    parts = [node for node in models.values() if node["name"].startswith("part_")]
    for kpi in kpis:
        quoted = re.compile(rf"""["']{kpi}["']""")
        places = [node["name"] for node in parts if quoted.search(node["raw_code"])]
        assert len(places) == 1, (kpi, places)


def test_wide_marts_show_what_kpi_values_says(models: dict[str, Node]) -> None:
    """A ratio of a wide mart comes from kpi_values: a formula stands in one place."""
    wide = [node for node in models.values() if node["name"].startswith("mart_")]
    with_ratio = [node for node in wide if any(name.endswith("_ratio") for name in node["columns"])]
    assert len(with_ratio) >= 5
    for node in with_ratio:
        assert "model.leankpi.kpi_values" in node["depends_on"]["nodes"], node["name"]


def test_sql_stays_portable(models: dict[str, Node]) -> None:
    """What Spark does not know stays in macros/dialect."""
    own_words = re.compile(r"::|//|\bqualify\b|\basof\b|\bunnest\b|\blist_|\bstruct_|epoch_", re.I)
    for node in models.values():
        assert not own_words.search(sql(node)), node["name"]


def test_every_dialect_macro_has_both_engines() -> None:
    text = "\n".join(path.read_text() for path in (PROJECT / "macros" / "dialect").glob("*.sql"))
    dispatched = set(re.findall(r'dispatch\("(\w+)"', text))
    assert dispatched
    for name in dispatched:
        assert f"duckdb__{name}(" in text
        assert f"spark__{name}(" in text
