"""The worked answers of every vector against the marts."""

from __future__ import annotations

import csv
from collections.abc import Callable

import duckdb
import pytest
from pipeline import PROJECT
from vector import Answer, Figure, Vector
from vectors import VECTORS

from ingestion.load import IngestReport
from ingestion.settings import Settings

FIGURES = [
    pytest.param(vector, figure, id=f"{vector.name}-{figure.kpi_id}-{number}")
    for vector in VECTORS
    for number, figure in enumerate(vector.figures)
]
ANSWERS = [
    pytest.param(vector, answer, id=f"{vector.name}-{number}")
    for vector in VECTORS
    for number, answer in enumerate(vector.answers)
]


def test_names_are_told_apart() -> None:
    names = [vector.name for vector in VECTORS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("vector", [pytest.param(v, id=v.name) for v in VECTORS])
def test_nothing_is_put_aside_but_what_must_be(
    golden_load: tuple[Settings, IngestReport], golden: duckdb.DuckDBPyConnection, vector: Vector
) -> None:
    put_aside = golden.execute(
        "select rule, sum(row_qty)::int from raw.quarantine where plant_id = ? group by 1",
        [vector.name],
    ).fetchall()
    assert dict(put_aside) == dict(vector.quarantined)
    found = {f.status for f in golden_load[1].files if f.path.startswith(f"{vector.name}/")}
    assert found == ({"accepted", "partly_accepted"} if vector.quarantined else {"accepted"})


@pytest.mark.parametrize(("vector", "figure"), FIGURES)
def test_figure(
    golden: duckdb.DuckDBPyConnection,
    vector: Vector,
    figure: Figure,
    record_property: Callable[[str, object], None],
) -> None:
    rows = golden.execute(
        """
        select facts.value, facts.numerator, facts.denominator, facts.coverage_ratio,
            facts.withheld_reason
        from kpi_values as facts
        left join dim_shift as shifts
            on shifts.plant_id = facts.plant_id and shifts.shift_id = facts.shift_id
        where facts.plant_id = ? and facts.kpi_id = ? and facts.scope_type = ?
            and facts.scope_id = ? and facts.period_type = ? and facts.period_start_date = ?
            and shifts.shift_code is not distinct from ?
        """,
        [
            vector.name,
            figure.kpi_id,
            figure.scope_type,
            figure.scope_id or vector.name,
            figure.period_type,
            figure.period_start_date,
            figure.shift_code,
        ],
    ).fetchall()
    assert len(rows) == 1, rows
    value, numerator, denominator, coverage_ratio, withheld_reason = rows[0]
    if figure.value is None:
        assert value is None
        assert withheld_reason
        assert figure.withheld_reason in withheld_reason
    else:
        assert withheld_reason is None
        assert value == pytest.approx(figure.value, rel=1e-9, abs=1e-12)
        record_property("proof", f"{figure.kpi_id}:golden")
    for found, expected in (
        (numerator, figure.numerator),
        (denominator, figure.denominator),
        (coverage_ratio, figure.coverage_ratio),
    ):
        if expected is not None:
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("vector", "answer"), ANSWERS)
def test_answer(golden: duckdb.DuckDBPyConnection, vector: Vector, answer: Answer) -> None:
    found = golden.execute(answer.query.format(plant=f"'{vector.name}'")).fetchall()
    assert len(found) == len(answer.rows), found
    for row, expected in zip(found, answer.rows, strict=True):
        assert tuple(row) == tuple(
            pytest.approx(cell, rel=1e-9, abs=1e-12) if isinstance(cell, float) else cell
            for cell in expected
        )


def test_every_worked_example_is_a_golden_figure() -> None:
    with (PROJECT / "seeds" / "kpi_definitions.csv").open(encoding="utf-8") as file:
        examples = {row["kpi_id"]: row["example"] for row in csv.DictReader(file)}
    figures: dict[str, set[str]] = {kpi_id: set() for kpi_id in examples}
    for vector in VECTORS:
        for figure in vector.figures:
            if figure.value is not None:
                figures[figure.kpi_id].add(f"{figure.value:.4g}")
    # The example ends with the figure, to four digits.
    unproven = [
        (kpi_id, example)
        for kpi_id, example in examples.items()
        if not example or example.split(" = ")[-1].split(" ")[0] not in figures[kpi_id]
    ]
    assert unproven == []
