"""Columns and what they are made of, on a few small models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ingestion.settings import Settings
from orchestration import lineage as tracing
from orchestration.board import reading
from orchestration.environment import project_dir
from orchestration.export import STARS
from orchestration.lineage import Lineage, NoLineage, trace

ROOTS = {
    "counts": ("plant_id", "machine_id", "good_qty", "bad_qty", "seen_at"),
    "names": ("machine_id", "machine_name"),
}
MODELS = {
    "fct_output": """
        with
            counts as (select * from "w"."raw"."counts"),
            names as (select * from "w"."raw"."names"),
            cleaned as (select *, case when bad_qty > 0 then good_qty end as dirty_qty from counts)
        select
            cleaned.plant_id,
            names.machine_name,
            cleaned.good_qty + cleaned.bad_qty as produced_qty,
            cleaned.dirty_qty,
            row_number() over (partition by cleaned.machine_id order by cleaned.seen_at) as run_no,
            1 as one_qty
        from cleaned
        inner join names on names.machine_id = cleaned.machine_id
    """,
    "part_output": """
        with sums as (select plant_id, sum(produced_qty) as p, sum(dirty_qty) as d
            from "w"."core"."fct_output" group by plant_id)
        select 'made' as kpi_id, plant_id, p as numerator, 1 as denominator, null as stated_value
        from sums
        union all
        select 'dirty' as kpi_id, plant_id, d as numerator, p as denominator, null as stated_value
        from sums
    """,
    "kpi_values": """
        select kpi_id, plant_id, numerator / denominator as value from "w"."marts"."part_output"
    """,
    "mart_output": """
        with wide as (
            select plant_id, max(case when kpi_id = 'made' then value end) as made_qty
            from "w"."marts"."kpi_values" group by plant_id)
        select plant_id, made_qty from wide
    """,
}


@pytest.fixture
def lineage() -> Lineage:
    return Lineage(MODELS, ROOTS)


@pytest.mark.parametrize(
    ("column", "parents"),
    [
        ("machine_name", {("names", "machine_name")}),
        ("produced_qty", {("counts", "good_qty"), ("counts", "bad_qty")}),
        ("dirty_qty", {("counts", "good_qty"), ("counts", "bad_qty")}),
        ("run_no", {("counts", "machine_id"), ("counts", "seen_at")}),
        ("one_qty", set()),
    ],
)
def test_a_column_comes_from_what_its_expression_reads(
    lineage: Lineage, column: str, parents: set[tuple[str, str]]
) -> None:
    assert lineage.parents("fct_output", column) == parents


def test_a_kpi_reads_its_own_branch_alone(lineage: Lineage) -> None:
    assert lineage.parents("kpi", "made") == {("fct_output", "produced_qty")}
    assert lineage.parents("kpi", "dirty") == {
        ("fct_output", "produced_qty"),
        ("fct_output", "dirty_qty"),
    }


def test_a_wide_mart_leads_to_the_kpi_it_shows(lineage: Lineage) -> None:
    assert lineage.parents("mart_output", "made_qty") == {("kpi", "made")}
    assert lineage.origins("mart_output", "made_qty") == {
        ("counts", "good_qty"),
        ("counts", "bad_qty"),
    }
    assert ("fct_output", "dirty_qty") not in lineage.ancestors("mart_output", "made_qty")


@pytest.mark.parametrize(
    ("table", "column", "message"),
    [
        ("fct_nothing", "x", "there are fct_output, kpi_values"),
        ("fct_output", "good", "it has plant_id, machine_name"),
        ("kpi", "maade", "leankpi kpi list"),
    ],
)
def test_what_is_not_there_is_named(
    lineage: Lineage, table: str, column: str, message: str
) -> None:
    with pytest.raises(NoLineage, match=message):
        lineage.ancestors(table, column)


# --- from where people look -----------------------------------------------------------------------


@pytest.fixture
def plant(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The small models as those of a night, in which `made` is on the board; a plant's sources."""
    settings.data_dir.mkdir()
    settings.plants_file.write_text(
        '[plants.p1]\nname = "P"\ntime_zone = "UTC"\ncurrency = "EUR"\n'
        '[[plants.p1.sources]]\nsource = "mapex"\nfolder = "mapex"\n'
    )
    # Named as the feed, so that its columns lead on to the exported ones.
    models = {name: sql.replace('"counts"', '"production_counts"') for name, sql in MODELS.items()}
    roots = {"production_counts": ROOTS["counts"], "names": ROOTS["names"]}
    monkeypatch.setattr(tracing, "compiled_models", lambda _: models)
    monkeypatch.setattr(tracing, "delivered_tables", lambda: roots)
    monkeypatch.setattr(tracing, "KPIS", ("made",))
    return settings


def test_a_figure_of_the_board_leads_to_the_exported_column(plant: Settings) -> None:
    found = trace(plant, "board.made")
    assert found.layers["shown by"] == ["board", "workbook"]
    assert found.layers["facts and dimensions"] == ["fct_output.produced_qty"]
    (exported,) = found.exports["production_counts.good_qty"]
    assert exported.startswith("mapex ") and "Unidades" in exported
    assert trace(plant, "workbook.dirty").layers["shown by"] == ["workbook"]
    with pytest.raises(NoLineage, match="the board shows no 'dirty'; it shows made"):
        trace(plant, "board.dirty")


def tables_read(path: Path) -> set[str]:
    """Models and seeds that a module's queries name."""
    project = project_dir()
    known = {model.stem for model in (project / "models").rglob("*.sql")}
    known |= {seed.stem for seed in (project / "seeds").glob("*.csv")}
    named = re.findall(r'(?:from|join)\s+(\w+)|"(\w+)"', path.read_text(encoding="utf-8"))
    return {name for pair in named for name in pair} & known


def exposed(name: str) -> set[str]:
    """What an exposure of the dbt project says it reads."""
    path = project_dir() / "models" / "exposures.yml"
    exposures = yaml.safe_load(path.read_text(encoding="utf-8"))["exposures"]
    (found,) = (one for one in exposures if one["name"] == name)
    return {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in found["depends_on"]}  # type: ignore[index]


def test_exposures_name_the_tables_that_are_read() -> None:
    read = tables_read(Path(reading.__file__))
    assert exposed("board") == read
    export = Path(tracing.__file__).with_name("export.py")
    assert exposed("workbook") == tables_read(export) | set(STARS)
    datasets = project_dir().parent / "bi" / "superset" / "dashboard" / "datasets"
    shown = set()
    for file in datasets.rglob("*.yaml"):
        dataset = yaml.safe_load(file.read_text(encoding="utf-8"))
        shown |= tables_read(file) if "sql" in dataset else {dataset["table_name"]}
    assert exposed("superset") == shown
