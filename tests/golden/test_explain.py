"""`leankpi kpi list` and `kpi explain` over what the golden plants published."""

from __future__ import annotations

import io
from collections.abc import Iterator

import duckdb
import pytest
from rich.console import Console

from orchestration.cli import UNBROKEN
from orchestration.explain import (
    COLUMNS,
    SUMMED,
    Explanation,
    NotExplained,
    Period,
    catalogue,
    explain,
)
from orchestration.kpi_pages import show_explanation
from orchestration.restatements import write_restatements


@pytest.fixture(scope="session")
def published(
    golden: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Facts, dimensions and figures of the golden plants as readers find them: in one schema."""
    path = tmp_path_factory.mktemp("explain") / "marts.duckdb"
    tables = golden.execute(
        "select schema_name, table_name from duckdb_tables() where schema_name in "
        "('core', 'marts') or (schema_name, table_name) = ('raw', 'deliveries')"
    ).fetchall()
    with duckdb.connect(str(path)) as con:
        source = golden.execute("select path from duckdb_databases() where path is not null")
        con.execute(f"attach '{source.fetchall()[0][0]}' as built (read_only)")
        for schema, table in tables:
            con.execute(f"create table {table} as from built.{schema}.{table}")
        write_restatements(con, None)
        yield con


def test_the_catalogue_begins_with_the_standard(published: duckdb.DuckDBPyConnection) -> None:
    numbers = [kpi["iso_22400_no"] for kpi in catalogue(published)]
    of_the_standard = [number for number in numbers if number is not None]
    assert of_the_standard == sorted(of_the_standard)
    assert numbers[: len(of_the_standard)] == of_the_standard


def test_a_figure_leads_to_its_exported_lines(published: duckdb.DuckDBPyConnection) -> None:
    explanation = explain(
        published, "oee", plant_id="rollup", scope="machine=m2", period="2026-03-02"
    )
    assert explanation.figure["value"] == pytest.approx(0.45)
    runs, states = explanation.rows
    # What the rows add up to is the numerator.
    good_ideal_s = sum(row[runs.columns.index("good_ideal_s")] for row in runs.rows)
    assert good_ideal_s == pytest.approx(explanation.figure["numerator"])
    assert (runs.fact, runs.row_qty, runs.file_qty) == ("fct_production", 1, 1)
    assert runs.rows[0][-2:] == ("rollup/typed/production_counts.csv", 3)
    assert [row[-2:] for row in states.rows] == [("rollup/typed/machine_states.csv", 4)]


def test_a_line_adds_up_its_machines(published: duckdb.DuckDBPyConnection) -> None:
    explanation = explain(published, "oee", plant_id="rollup", scope="line=l1", period="2026-03")
    assert [rows.row_qty for rows in explanation.rows] == [2, 3]


def test_a_shift_holds_what_reaches_into_it(published: duckdb.DuckDBPyConnection) -> None:
    by_shift = {
        code: explain(
            published, "availability", plant_id="split_stop", period=f"2026-03-02/{code}"
        ).rows[0]
        for code in ("T", "N")
    }
    # The stop and the run cross the change of shifts, so both shifts show both.
    assert {code: rows.row_qty for code, rows in by_shift.items()} == {"T": 2, "N": 2}


def test_without_a_period_the_latest_week_counts(published: duckdb.DuckDBPyConnection) -> None:
    assert str(explain(published, "oee", plant_id="rollup").period) == "2026-W10"


def test_a_week_that_still_runs_is_not_taken_by_itself(
    published: duckdb.DuckDBPyConnection,
) -> None:
    published.execute("begin")
    try:
        for table in ("kpi_values", "kpi_periods"):
            over = ", false as is_over" if table == "kpi_periods" else ""
            published.execute(
                f"insert into {table} by name select * replace (period_start_date + 7 as "
                f"period_start_date{over}) from {table} where period_type = 'week'"
            )
        published.execute(
            "update kpi_periods set is_over = true where period_start_date < date '2026-03-09'"
        )
        taken = explain(published, "oee", plant_id="rollup")
        assert (str(taken.period), taken.is_over) == ("2026-W10", True)
        running = explain(published, "oee", plant_id="rollup", period="2026-W11")
        assert not running.is_over
        assert "2026-W11, not over yet" in shown(running)
    finally:
        published.execute("rollback")


def test_times_are_the_plants_and_say_so(published: duckdb.DuckDBPyConnection) -> None:
    asked = {"plant_id": "clock_change", "scope": "machine=m1", "period": "2026-03-28"}
    explanation = explain(published, "oee", **asked)  # type: ignore[arg-type]
    page = shown(explanation)
    assert "start_at (Europe/Madrid)" in page
    (line,) = [line for line in page.splitlines() if "production_counts.csv" in line]
    # 21:00 UTC, typed as 22:00; no path is broken over two lines where there is room.
    assert "2026-03-28 22:00:00" in line
    assert "clock_change/typed/production_counts.csv" in line


def shown(explanation: Explanation) -> str:
    """The page as a pipe gets it."""
    console = Console(file=io.StringIO(), width=UNBROKEN)
    show_explanation(console, explanation)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_rows_are_counted_also_where_few_are_shown(published: duckdb.DuckDBPyConnection) -> None:
    explanation = explain(published, "oee", plant_id="rollup", period="2026-03-02", row_limit=1)
    assert [(len(rows.rows), rows.row_qty) for rows in explanation.rows] == [(1, 2), (1, 3)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kpi_id": "oeee"}, "no KPI 'oeee'; there are"),
        ({"kpi_id": "oee", "plant_id": "rollup", "scope": "machine=m9"}, "such as m1"),
        ({"kpi_id": "oee", "plant_id": "rollup", "period": "last week"}, "is no period"),
        ({"kpi_id": "oee", "plant_id": "rollup", "period": "2026-03-02/Z"}, "there is: line"),
        ({"kpi_id": "oee"}, "say which plant: --plant"),
        ({"kpi_id": "oee", "plant_id": "rollup' or 1=1", "period": "2026-03"}, "none for this"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    published: duckdb.DuckDBPyConnection, arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(NotExplained, match=message):
        explain(published, **arguments)  # type: ignore[arg-type]


def test_every_kpi_says_which_facts_it_adds_up(published: duckdb.DuckDBPyConnection) -> None:
    for kpi in catalogue(published):
        for fact in kpi["facts"].split("|"):
            name, _, date_column = fact.partition("@")
            columns = {
                column
                for (column,) in published.execute(
                    "select column_name from duckdb_columns() where table_name = ?", [name]
                ).fetchall()
            }
            needed = {"plant_id", *COLUMNS[name]}
            needed |= set() if name in SUMMED else {"delivery_id", "line_no"}
            date_column = date_column.removeprefix("..")
            needed |= {date_column} if date_column else {"start_at", "end_at"}
            assert not needed - columns, (kpi["kpi_id"], name)


def test_every_published_figure_can_be_explained(published: duckdb.DuckDBPyConnection) -> None:
    figures = published.execute(
        """
        select kpi_id, plant_id, scope_type, scope_id, period_type, period_start_date, shift_id
        from kpi_values
        where value <> 0
        qualify row_number() over (
            partition by kpi_id, scope_type, period_type order by kpi_values_id
        ) = 1
        """
    ).fetchall()
    assert len(figures) > 20
    for kpi_id, plant_id, scope_type, scope_id, period_type, first_date, shift_id in figures:
        explanation = explain(
            published,
            kpi_id,
            plant_id=plant_id,
            scope=f"{scope_type}={scope_id}",
            period=str(Period(period_type, first_date, shift_id)),
        )
        # Time without output has states and no runs.
        assert any(rows.row_qty for rows in explanation.rows), (kpi_id, scope_type, scope_id)


def test_of_two_shifts_with_one_code_the_id_tells(published: duckdb.DuckDBPyConnection) -> None:
    """Two lines of odd_calendar each have a shift D on that day, with a figure of the plant."""
    asked = {"plant_id": "odd_calendar", "scope": "plant=odd_calendar"}
    with pytest.raises(NotExplained, match=r"called D on that day: .*-03/typed_csv:d3, .*:d4"):
        explain(published, "effectiveness", period="2026-03-03/D", **asked)
    explanation = explain(published, "effectiveness", period="2026-03-03/typed_csv:d4", **asked)
    assert explanation.figure["value"] == pytest.approx(18_000 / 25_200)
