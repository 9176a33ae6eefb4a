"""A published figure is the same number through every door: the file, the semantic layer, a BI
tool, the workbook and the board."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from doors import (
    KPIS_OF_THE_BOARD,
    Figure,
    Key,
    SemanticLayer,
    bi_figures,
    board_figures,
    differences,
    metric_figures,
    published_figures,
    workbook_figures,
)
from pipeline import PROJECT

from orchestration.lineage import compiled_models
from orchestration.metrics import published_manifest
from tests.semantic_layer import SEED, written

Metrics = dict[tuple[str, str], dict[str, str]]


@pytest.fixture(scope="module")
def figures(published: Path) -> dict[Key, Figure]:
    return published_figures(published)


@pytest.fixture(scope="module")
def layer(golden_target: Path) -> SemanticLayer:
    """The semantic layer as readers get it."""
    built = (golden_target / "semantic_manifest.json").read_text(encoding="utf-8")
    return SemanticLayer(json.dumps(published_manifest(json.loads(built))))


@pytest.fixture(scope="module")
def metrics() -> Metrics:
    """The rows of kpi_metrics by KPI and scope."""
    with SEED.open(encoding="utf-8") as file:
        return {(row["kpi_id"], row["scope_type"]): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def reported_periods() -> dict[str, list[str]]:
    """The periods that the catalogue reports each KPI for."""
    with (PROJECT / "seeds" / "kpi_definitions.csv").open(encoding="utf-8") as file:
        return {row["kpi_id"]: row["period_types"].split("|") for row in csv.DictReader(file)}


def test_the_semantic_layer_is_up_to_date(golden_target: Path) -> None:
    """If it is not: make docs."""
    for path, content in written(compiled_models(golden_target)).items():
        assert path.read_text(encoding="utf-8") == content, path.name


def test_every_figure_has_a_metric_or_a_reason(metrics: Metrics) -> None:
    with (PROJECT / "seeds" / "kpi_definitions.csv").open(encoding="utf-8") as file:
        scopes = {
            (row["kpi_id"], scope)
            for row in csv.DictReader(file)
            for scope in row["scope_types"].split("|")
        }
    assert set(metrics) == scopes
    for row in metrics.values():
        assert bool(row["metric"]) != bool(row["no_metric_reason"]), row


def agrees(
    figures: dict[Key, Figure],
    shown: dict[Key, tuple[float | None, float]],
    metrics: Metrics,
    period_type: str,
) -> None:
    """That metrics and kpi_values say the same."""
    assert differences(figures, shown) == []
    # Nor does kpi_values have a figure that no metric gives.
    missing = [
        key
        for key in figures.keys() - shown.keys()
        if key[4] == period_type
        and figures[key].value is not None
        and metrics[key[0], key[2]]["metric"]
    ]
    assert missing == []


@pytest.mark.parametrize(
    "period_type",
    [
        "week",
        "shift",
        pytest.param("day", marks=pytest.mark.full),
        pytest.param("month", marks=pytest.mark.full),
    ],
)
def test_metrics_say_what_kpi_values_says(
    published: Path,
    figures: dict[Key, Figure],
    layer: SemanticLayer,
    metrics: Metrics,
    reported_periods: dict[str, list[str]],
    period_type: str,
) -> None:
    shown = metric_figures(layer, published, period_type)
    agrees(figures, shown, metrics, period_type)
    with_a_figure = {key[0] for key, (number, _) in shown.items() if number is not None}
    assert with_a_figure == {
        kpi_id
        for (kpi_id, _), row in metrics.items()
        if row["metric"] and period_type in reported_periods[kpi_id]
    }


def test_a_bi_tool_says_what_kpi_values_says(published: Path, figures: dict[Key, Figure]) -> None:
    shown = bi_figures(published)
    assert shown.keys() == figures.keys()
    assert differences(figures, shown) == []


def test_the_workbook_says_what_kpi_values_says(
    published: Path, figures: dict[Key, Figure], tmp_path: Path
) -> None:
    shown = workbook_figures(published, tmp_path)
    assert shown.keys() == {key for key in figures if key[4] != "shift"}
    assert differences(figures, shown) == []


def test_the_board_says_what_kpi_values_says(published: Path, figures: dict[Key, Figure]) -> None:
    shown = board_figures(published, figures)
    assert differences(figures, shown) == []
    with_a_figure = {key[0] for key, (number, _) in shown.items() if number is not None}
    assert with_a_figure == set(KPIS_OF_THE_BOARD)


def test_a_door_that_says_something_else_is_found(
    published: Path, figures: dict[Key, Figure], layer: SemanticLayer, tmp_path: Path
) -> None:
    """A second of one sum, and a hundredth of one figure."""
    other = tmp_path / "marts.duckdb"
    shutil.copyfile(published, other)  # not its mode: nobody may write what is published
    with duckdb.connect(str(other)) as con:
        con.execute(
            "update kpi_sums_machine set good_ideal_s = good_ideal_s + 1 "
            "where plant_id = 'bridge' and good_ideal_s > 0"
        )
        con.execute(
            "update kpi_values set value = value + 0.01 "
            "where kpi_id = 'scrap_ratio' and value is not null"
        )
    week = metric_figures(layer, other, "week", ["oee"])
    assert {key[1] for key, _, _ in differences(figures, week)} == {"bridge"}
    board = board_figures(other, figures)
    assert {key[0] for key, _, _ in differences(figures, board)} == {"scrap_ratio"}
    workbook = workbook_figures(other, tmp_path)
    assert {key[0] for key, _, _ in differences(figures, workbook)} == {"scrap_ratio"}
    with duckdb.connect(str(other)) as con:
        con.execute("update kpi_values set numerator = numerator * 2 where kpi_id = 'oee'")
    assert {key[0] for key, _, _ in differences(figures, bi_figures(other))} == {"oee"}
