"""The comparison itself finds what it is there to find."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from comparison import assert_equal

EXPECTED: dict[tuple[Any, ...], dict[str, Any]] = {
    ("a",): {"qty": Fraction(1, 3), "who": "x", "part": 0.5},
    ("b",): {"qty": Fraction(2), "who": None, "part": 3e-9},
}


#: As databases give them; a part of nearly nothing is off by the noise of its minuend.
A = {"qty": 1 / 3, "who": "x", "part": 0.5}
B = {"qty": Decimal("2.000"), "who": None, "part": 3e-9 + 5e-17}


def compare(actual: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    assert_equal("table", ["id"], EXPECTED, actual, ["qty", "who", "part"])


def test_equal_tables_pass() -> None:
    compare({("a",): A, ("b",): B})


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"qty": 2 * (1 + 3e-9), "who": None}, "qty: expected 2.0"),
        ({"qty": None, "who": None}, "qty: expected 2.0, found None"),
        ({"qty": float("nan"), "who": None}, "qty: expected 2.0, found nan"),
        ({"qty": float("inf"), "who": None}, "qty: expected 2.0, found inf"),
        ({"qty": 2.0, "who": "x"}, "who: expected None, found 'x'"),
        ({"qty": 2.0, "who": 0}, "who: expected None, found 0"),
        ({"qty": 0.0, "who": None}, "off by 1 of it"),
        ({"qty": 2.0, "who": None, "part": 3e-9 + 4e-15}, "part: expected 3e-09"),
    ],
)
def test_a_wrong_cell_is_named(row: dict[str, Any], says: str) -> None:
    with pytest.raises(AssertionError, match="1 of 6 cells differ") as error:
        compare({("a",): A, ("b",): B | row})
    assert says in str(error.value)
    assert "id=b" in str(error.value)


def test_a_missing_row_is_named() -> None:
    with pytest.raises(AssertionError, match="missing: id=b"):
        compare({("a",): A})


def test_a_row_too_many_is_named() -> None:
    right = {key: dict(row) for key, row in EXPECTED.items()}
    with pytest.raises(AssertionError, match="too many: id=c"):
        compare({**right, ("c",): {"qty": 0, "who": None}})


def test_an_oracle_without_rows_is_no_proof() -> None:
    with pytest.raises(AssertionError, match="expects no row"):
        assert_equal("table", ["id"], {}, {}, ["qty"])
