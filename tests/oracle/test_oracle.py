"""Published figures against an implementation of the definitions that shares nothing with them.

It starts at the raw schema, so ingestion is taken for granted here, and asks nothing of the models:
neither their SQL nor their intermediate tables.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from answers import Answer, Place, read_catalogue
from oracle_answers import KPIS, expected

TOLERANCE = 1e-9


def published(con: duckdb.DuckDBPyConnection) -> dict[Place, tuple[float | None, ...]]:
    """Numerator, denominator and value of each figure in the marts."""
    rows = con.execute(
        """
        select plant_id, kpi_id, scope_type, scope_id, period_type, period_start_date, shift_id,
            numerator, denominator, value
        from marts.kpi_values
        """
    ).fetchall()
    return {Place(*row[:7]): row[7:] for row in rows if row[1] in KPIS}


def is_close(expected: float | None, found: float | None) -> bool:
    if expected is None or found is None:
        return expected is found
    return found == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE)


def differences(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Each figure that is missing, or one too many, or not what the oracle says."""
    wanted, found = expected(con), published(con)
    assert wanted, "the oracle has nothing to say"
    lines = []
    for place in sorted(wanted.keys() | found.keys(), key=str):
        if place not in found:
            lines.append(f"{place}: missing")
        elif place not in wanted:
            lines.append(f"{place}: too many")
        elif not all(map(is_close, right := as_floats(wanted[place]), found[place])):
            lines.append(f"{place}: {right} expected, {found[place]} published")
    return lines


def as_floats(answer: Answer) -> tuple[float | None, ...]:
    parts = (answer.numerator, answer.denominator, answer.value)
    return tuple(None if part is None else float(part) for part in parts)


def report(lines: list[str]) -> str:
    return "\n".join([f"{len(lines)} differences, for example", *lines[:20]])


def test_golden_plants(
    golden_plants: duckdb.DuckDBPyConnection, record_property: Callable[[str, object], None]
) -> None:
    lines = differences(golden_plants)
    assert not lines, report(lines)
    for kpi in sorted({p.kpi_id for p, a in expected(golden_plants).items() if a.value}):
        record_property("proof", f"{kpi}:oracle")


def test_simulated_plants(simulated_plants: duckdb.DuckDBPyConnection) -> None:
    lines = differences(simulated_plants)
    assert not lines, report(lines)


def test_the_whole_catalogue_is_computed() -> None:
    assert set(read_catalogue()) == KPIS
