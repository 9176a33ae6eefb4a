"""Holding a mart to the oracle: every row both ways, every number, the worst ones named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb

RELATIVE = Fraction(1, 10**9)
#: The last digits of a double near 1: a difference of two ratios can be 3e-9 and tells no more.
NOISE = Fraction(1, 10**15)
SHOWN = 12
Table = Mapping[tuple[Any, ...], Mapping[str, Any]]


def fetch(
    con: duckdb.DuckDBPyConnection, query: str, keys: Sequence[str]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a query by their key; a key that comes twice is an error."""
    cursor = con.execute(query)
    names = [column[0] for column in cursor.description or []]
    table: dict[tuple[Any, ...], dict[str, Any]] = {}
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        key = tuple(row[name] for name in keys)
        assert key not in table, f"two rows for {dict(zip(keys, key, strict=True))}: {query}"
        table[key] = row
    return table


def _error(expected: Any, actual: Any) -> Fraction | None:
    """How far apart two cells are, relative to the larger; None: not numbers, and not equal."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return Fraction(0) if expected is actual else None
    numbers = (int, float, Decimal, Fraction)
    if isinstance(expected, numbers) and isinstance(actual, numbers):
        if (isinstance(actual, float) and actual != actual) or actual in (
            float("inf"),
            -float("inf"),
        ):
            return None
        want, have = Fraction(expected), Fraction(actual)
        if abs(want - have) <= NOISE:
            return Fraction(0)
        return abs(want - have) / max(abs(want), abs(have))
    return Fraction(0) if expected == actual else None


def _shown(value: Any) -> str:
    return repr(float(value)) if isinstance(value, (Fraction, Decimal)) else repr(value)


def assert_equal(
    what: str, keys: Sequence[str], expected: Table, actual: Table, columns: Iterable[str]
) -> None:
    """Both tables have the same rows, and the same values in these columns.

    Fails with what is missing, what is too much, and the cells that are furthest apart.
    """
    assert expected, f"{what}: the oracle expects no row at all, so nothing would be tested"
    columns = list(columns)
    missing = [key for key in expected if key not in actual]
    extra = [key for key in actual if key not in expected]
    wrong = []
    cells = 0
    for key, row in expected.items():
        if key not in actual:
            continue
        for column in columns:
            cells += 1
            want, have = row.get(column, Fraction(0)), actual[key][column]
            error = _error(want, have)
            if error is None or error > RELATIVE:
                wrong.append((error, key, column, want, have))
    if not (missing or extra or wrong):
        return

    def named(key: tuple[Any, ...]) -> str:
        return ", ".join(f"{name}={value}" for name, value in zip(keys, key, strict=True))

    lines = [
        f"{what}: {len(expected)} rows expected, {len(actual)} found; {len(missing)} missing, "
        f"{len(extra)} too many, {len(wrong)} of {cells} cells differ"
    ]
    by_column: dict[str, int] = {}
    for _, _, column, _, _ in wrong:
        by_column[column] = by_column.get(column, 0) + 1
    if by_column:
        lines.append(f"  by column: {by_column}")
    lines += [f"  missing: {named(key)}" for key in missing[:SHOWN]]
    lines += [f"  too many: {named(key)}" for key in extra[:SHOWN]]
    # Cells that are no numbers come first, then the largest relative error.
    wrong.sort(key=lambda w: (w[0] is not None, -(w[0] or 0)))
    for error, key, column, want, have in wrong[:SHOWN]:
        size = "" if error is None else f" (off by {float(error):.3g} of it)"
        lines.append(
            f"  {column}: expected {_shown(want)}, found {_shown(have)}{size} at {named(key)}"
        )
    raise AssertionError("\n".join(lines))
