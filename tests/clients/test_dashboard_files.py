"""The shipped dashboard fits the published file; that it also runs is tested in Superset itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ingestion.settings import Settings

FOLDER = Path(__file__).parents[2] / "bi" / "superset" / "dashboard"


def files(folder: str) -> dict[str, dict[str, Any]]:
    return {
        file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in sorted((FOLDER / folder).rglob("*.yaml"))
    }


DATASETS, CHARTS = files("datasets"), files("charts")
each_dataset = pytest.mark.parametrize("dataset", DATASETS.values(), ids=list(DATASETS))
each_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=list(CHARTS))


@pytest.fixture(scope="module")
def con(published: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(published.published_link), read_only=True) as con:
        yield con


def origin(dataset: dict[str, Any]) -> str:
    return f"({dataset['sql']})" if "sql" in dataset else dataset["table_name"]


@each_dataset
def test_columns_are_published_with_the_types_they_are_said_to_have(
    con: duckdb.DuckDBPyConnection, dataset: dict[str, Any]
) -> None:
    rows = con.execute(f"describe select * from {origin(dataset)}").fetchall()
    published = {name: kind for name, kind, *_ in rows}
    columns = {c["column_name"]: c["type"] for c in dataset["columns"] if "expression" not in c}
    assert columns.items() <= published.items()
    assert dataset["main_dttm_col"] in columns


@each_dataset
def test_metrics_add_up_and_never_average(
    con: duckdb.DuckDBPyConnection, dataset: dict[str, Any]
) -> None:
    """Whatever is rolled up: over every row at once, a metric is a sum or a ratio of sums."""
    for metric in dataset["metrics"]:
        expression = metric["expression"]
        assert "avg" not in expression and "mean" not in expression and "median" not in expression
        figures = f"select {expression} from {origin(dataset)} where plant_id = 'vlc'"
        assert len(con.execute(figures).fetchall()) == 1


def test_a_figure_rolls_up_and_a_median_does_not(con: duckdb.DuckDBPyConnection) -> None:
    dataset = DATASETS["figures"]
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    days = (
        f"from {origin(dataset)} where kpi_id = 'oee' and scope_type = 'line' "
        "and period_type = 'day' and not is_withheld"
    )
    (rolled_up, single, summed, averaged) = con.execute(
        f"select {metrics['figure']}, {metrics['single_figure']}, "
        f"sum(numerator) / sum(denominator), avg(value) {days}"
    ).fetchall()[0]
    assert rolled_up == pytest.approx(summed) != pytest.approx(averaged)
    assert single is None
    # Of one row both are the published value.
    assert con.execute(
        f"select count(*) from (select {metrics['figure']} as figure, "
        f"{metrics['single_figure']} as single, min(value) as value {days} group by kpi_values_id) "
        "where round(figure, 12) <> round(value, 12) or single <> value"
    ).fetchall() == [(0,)]


@each_chart
def test_a_chart_shows_what_its_dataset_has(chart: dict[str, Any]) -> None:
    (dataset,) = [d for d in DATASETS.values() if d["uuid"] == chart["dataset_uuid"]]
    columns = {column["column_name"] for column in dataset["columns"]}
    params = chart["params"]
    asked = {params.get("x_axis", dataset["main_dttm_col"])}
    asked |= {*params.get("groupby", []), *params.get("all_columns", [])}
    asked |= {f["subject"] for f in params["adhoc_filters"] if f["expressionType"] == "SIMPLE"}
    assert asked <= columns
    # Metrics of the dataset by name, none of the chart's own.
    assert set(params.get("metrics", [])) <= {
        metric["metric_name"] for metric in dataset["metrics"]
    }


def test_the_dashboard_holds_every_chart() -> None:
    position = files("dashboards")["morning_meeting"]["position"]
    shown = {part["meta"]["uuid"] for name, part in position.items() if name.startswith("CHART-")}
    assert shown == {chart["uuid"] for chart in CHARTS.values()}


def test_the_file_is_opened_read_only_and_alone() -> None:
    (database,) = files("databases").values()
    assert database["sqlalchemy_uri"].split("?")[1].split("&") == [
        "access_mode=read_only",
        "enable_external_access=false",
    ]
    assert not any(database[right] for right in ("allow_dml", "allow_ctas", "allow_cvas"))
