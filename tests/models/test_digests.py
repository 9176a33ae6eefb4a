"""A digest tells figures apart by what somebody could mean, not by the order of an addition."""

from __future__ import annotations

from pathlib import Path

import duckdb
from jinja2 import Environment

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros" / "changes.sql"


def hashes_of(numbers: str) -> list[int]:
    """The hash of each of these doubles, as a digest takes it."""
    environment = Environment(extensions=["jinja2.ext.do"])
    ten_digits = environment.from_string(MACROS.read_text(encoding="utf-8")).module.ten_digits  # type: ignore[attr-defined]
    found = duckdb.sql(f"select hash({ten_digits('number')}) from ({numbers}) as t(number)")
    return [row[0] for row in found.fetchall()]


def test_the_order_of_a_sum_changes_no_digest() -> None:
    sums = """
        select sum(n / 7e0 order by n) from range(100000) as r(n)
        union all
        select sum(n / 7e0 order by -n) from range(100000) as r(n)
        union all
        select sum(n / 7e0 order by hash(n)) from range(100000) as r(n)
    """
    exact = duckdb.sql(f"select count(distinct number) from ({sums}) as t(number)").fetchone()
    assert exact is not None and exact[0] > 1, "the orders give the same to the last bit"
    assert len(set(hashes_of(sums))) == 1


def test_the_tenth_digit_changes_it() -> None:
    numbers = [1234567890.0, 1234567891.0, 0.1234567890, 0.1234567891, -5.0, 5.0, 0.0]
    values = ", ".join(f"({number!r}::double)" for number in numbers)
    assert len(set(hashes_of(f"values {values}"))) == len(numbers)
