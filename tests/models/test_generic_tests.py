"""Every generic test of the project passes what is right and fails what is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import yaml  # type: ignore[import-untyped]
from warehouse import PROJECT, empty_warehouse, run_dbt

MINUTE = "timestamp '2026-02-02 06:{:02d}:00'"


def intervals(*bounds: tuple[int, int]) -> str:
    """Intervals of one machine, in minutes after six."""
    return " union all ".join(
        f"select 'm' as machine_id, {MINUTE.format(start)} as start_at, "
        f"{MINUTE.format(end)} as end_at"
        for start, end in bounds
    )


def pieces(*bounds: tuple[int, int, int]) -> str:
    """Pieces as (window, from minute, to minute)."""
    return " union all ".join(
        f"select {window} as window_no, {MINUTE.format(start)} as piece_start_at, "
        f"{MINUTE.format(end)} as piece_end_at"
        for window, start, end in bounds
    )


def days(*rows: tuple[int, int, int]) -> str:
    """Days of a ledger as (day, opening, closing)."""
    return " union all ".join(
        f"select 'i' as item_id, date '2026-02-{day:02d}' as stock_date, {opening} as opening_qty, "
        f"{closing} as closing_qty"
        for day, opening, closing in rows
    )


WINDOWS = (
    "select window_no, window_start_at, window_end_at, cast(600 as decimal(18, 6)) as window_s "
    f"from (values (1, {MINUTE.format(0)}, {MINUTE.format(10)}), "
    f"(2, {MINUTE.format(10)}, {MINUTE.format(20)})) "
    "as w (window_no, window_start_at, window_end_at)"
)
BY_MACHINE = {"partition_by": ["machine_id"], "start_at": "start_at", "end_at": "end_at"}
BY_ITEM = {
    "partition_by": ["item_id"],
    "date_column": "stock_date",
    "opening": "opening_qty",
    "closing": "closing_qty",
}
TILING = {"windows": "ref('windows')"}
TOTALS = {"keys": ["k"], "value": "v", "to": "ref('totals')", "to_value": "t"}
TOTAL_ROWS = "select 'a' as k, 3 as t union all select 'b' as k, 5 as t"

#: Case name, test, its arguments, the rows it sees, whether it passes.
CASES: list[tuple[str, str, Mapping[str, object], str, bool]] = [
    ("true", "expression_is_true", {"expression": "a = b"}, "select 1 as a, 1 as b", True),
    ("untrue", "expression_is_true", {"expression": "a = b"}, "select 1 as a, 2 as b", False),
    ("unknown", "expression_is_true", {"expression": "a = b"}, "select 1 as a, null as b", False),
    ("unique", "unique_combination", {"columns": ["a", "b"]},
     "select 1 as a, 1 as b union all select 1, 2", True),
    ("repeated", "unique_combination", {"columns": ["a", "b"]},
     "select 1 as a, null as b union all select 1, null", False),
    ("side_by_side", "no_overlapping_intervals", BY_MACHINE, intervals((0, 5), (5, 9)), True),
    ("overlapping", "no_overlapping_intervals", BY_MACHINE, intervals((0, 6), (5, 9)), False),
    ("upside_down", "no_overlapping_intervals", BY_MACHINE, intervals((5, 5)), False),
    ("gapless", "no_gaps_between_intervals", BY_MACHINE, intervals((0, 5), (5, 9)), True),
    ("with_gap", "no_gaps_between_intervals", BY_MACHINE, intervals((0, 5), (6, 9)), False),
    ("tiled", "pieces_tile_windows", TILING, pieces((1, 0, 4), (1, 4, 10), (2, 10, 20)), True),
    ("piece_missing", "pieces_tile_windows", TILING, pieces((1, 0, 4), (2, 10, 20)), False),
    ("window_missing", "pieces_tile_windows", TILING, pieces((1, 0, 10)), False),
    ("piece_outside", "pieces_tile_windows", TILING, pieces((1, 0, 10), (2, 11, 21)), False),
    ("piece_astray", "pieces_tile_windows", TILING,
     pieces((1, 0, 10), (2, 10, 20), (3, 20, 30)), False),
    # Adds up to the window and ends where it ends, but one minute counts twice.
    ("pieces_overlap", "pieces_tile_windows", TILING,
     pieces((1, 0, 5), (1, 4, 8), (1, 9, 10), (2, 10, 20)), False),
    ("sums_agree", "sums_match", TOTALS,
     "select 'a' as k, 1 as v union all select 'a', 2 union all select 'b', 5", True),
    ("sum_differs", "sums_match", TOTALS, "select 'a' as k, 4 as v union all select 'b', 5", False),
    ("key_missing", "sums_match", TOTALS, "select 'a' as k, 3 as v", False),
    ("key_too_many", "sums_match", TOTALS,
     "select 'a' as k, 3 as v union all select 'b', 5 union all select 'c', 0", False),
    ("continued", "continues_from_previous_day", BY_ITEM, days((1, 0, 4), (2, 4, 9)), True),
    ("jump", "continues_from_previous_day", BY_ITEM, days((1, 0, 4), (2, 5, 9)), False),
    ("day_missing", "continues_from_previous_day", BY_ITEM, days((1, 0, 4), (3, 4, 9)), False),
]  # fmt: skip


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every case's test said, by the case's name; one dbt project holds them all."""
    folder = tmp_path_factory.mktemp("generic")
    project = folder / "project"
    (project / "models").mkdir(parents=True)
    settings = {
        # The project's own name, so that its macros find their dialect.
        "name": "leankpi",
        "version": "1.0",
        "profile": "leankpi",
        "macro-paths": [str(PROJECT / "macros"), str(PROJECT / "tests" / "generic")],
        "models": {"+materialized": "table"},
        "flags": {"send_anonymous_usage_stats": False},
    }
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    models = []
    for name, test, arguments, rows, _ in CASES:
        (project / "models" / f"{name}.sql").write_text(rows)
        checked = {test: {"name": f"{name}_checked", "arguments": dict(arguments)}}
        models.append({"name": name, "data_tests": [checked]})
    (project / "models" / "windows.sql").write_text(WINDOWS)
    (project / "models" / "totals.sql").write_text(TOTAL_ROWS)
    (project / "models" / "models.yml").write_text(yaml.safe_dump({"models": models}))
    with empty_warehouse(folder):
        pass
    run_dbt(folder, "run", project=project)
    return run_dbt(folder, "test", project=project)


@pytest.mark.parametrize(("name", "passes"), [(case[0], case[4]) for case in CASES])
def test_case(statuses: dict[str, str], name: str, passes: bool) -> None:
    assert statuses[f"{name}_checked"] == ("pass" if passes else "fail")


def test_every_generic_test_has_a_passing_and_a_failing_case() -> None:
    own = {path.stem for path in (PROJECT / "tests" / "generic").glob("*.sql")}
    assert own == {case[1] for case in CASES if case[4]}
    assert own == {case[1] for case in CASES if not case[4]}
