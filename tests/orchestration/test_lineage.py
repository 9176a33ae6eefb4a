"""Columns and what they are made of, on a few small models."""

from __future__ import annotations

import pytest

from orchestration.lineage import Lineage, NoLineage

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
