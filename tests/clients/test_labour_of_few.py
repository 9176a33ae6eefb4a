"""The published file of everybody tells nobody's hours, nor does one sum less the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from season import publish_night
from simulated_night import Night

from ingestion.settings import Settings
from orchestration.few_people import REASON

LEVELS = ("machine", "shift", "day", "week", "month")
LABOUR = "kpi_id = 'worker_efficiency'"
WITHHELD = REASON.format(3)

#: Every person's time of a kind, and which of the sums that it is a part of were published.
TIMES = f"""
    create temp table times as
    with
        people as (
            select *, 'work' as kind from warehouse.intermediate.int_labour_time__shared
            where apwt_s > 0
            union all
            select *, 'attendance' as kind from warehouse.intermediate.int_labour_time__shared
            where apat_s > 0
        ),
        figures as (from kpi_values where {LABOUR} and numerator is not null)

    select
        people.kind,
        people.worker_id,
        monthname(people.production_date) as month,
        yearweek(people.production_date) as week,
        people.production_date as day,
        people.shift_id as shift,
        concat(people.shift_id, people.machine_id) as machine,
        facts.apwt_s is not null as machine_is_given,
        sums.apat_s is not null as shift_is_given,
        exists (
            from figures where period_type = 'day' and period_start_date = people.production_date
        ) as day_is_given,
        exists (
            from figures where period_type = 'week'
            and people.production_date between period_start_date and period_start_date + 6
        ) as week_is_given,
        exists (
            from figures where period_type = 'month'
            and date_trunc('month', people.production_date) = period_start_date
        ) as month_is_given
    from people
    inner join dim_shift using (shift_id)
    inner join fct_labour_time as facts
        on facts.shift_key = dim_shift.shift_key
        and facts.machine_id is not distinct from people.machine_id
    inner join kpi_sums_labour as sums on sums.shift_key = dim_shift.shift_key
"""


@pytest.fixture(scope="module")
def con(published: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(published.published_link), read_only=True) as con:
        con.execute(f"attach '{published.warehouse_file}' as warehouse (read_only)")
        con.execute(TIMES)
        yield con


def told(con: duckdb.DuckDBPyConnection, level: str, given: str = "day as day") -> int:
    """Sums of a level that were published of fewer than three people, and those that are so few
    people's less all smaller ones published. `given`: what is supposed to be published instead.
    """
    smaller = LEVELS[: min(LEVELS.index(level), LEVELS.index("day") + 1)]
    is_subtracted = " or ".join(["false", *(f"{part}_is_given" for part in smaller)])
    few = f"group by {level}, kind having count(distinct worker_id) < 3"
    return len(
        con.execute(
            f"""
            with supposed as (select * replace ({given}) from times)
            select {level} from supposed where {level}_is_given {few}
            union all
            select {level} from supposed where {level}_is_given and not ({is_subtracted}) {few}
            """
        ).fetchall()
    )


@pytest.mark.parametrize("level", LEVELS)
def test_no_sum_is_of_few_people_and_no_difference_either(
    con: duckdb.DuckDBPyConnection, level: str
) -> None:
    assert told(con, level) == 0


@pytest.mark.parametrize(("level", "part"), [("shift", "machine"), ("week", "day")])
def test_a_sum_too_many_would_be_found(
    con: duckdb.DuckDBPyConnection, level: str, part: str
) -> None:
    """One of few people given, and nothing withheld beside those of few people."""
    assert told(con, part, f"true as {part}_is_given") > 0
    of_many = f"count(distinct worker_id) over (partition by {part}, kind) >= 3"
    assert told(con, level, f"{of_many} as {part}_is_given") > 0


def test_most_is_given_and_equals_the_warehouse(con: duckdb.DuckDBPyConnection) -> None:
    for table in ("fct_labour_time", "kpi_sums_labour", "kpi_values"):
        rows = f"from {table} where {LABOUR if table == 'kpi_values' else 'true'}"
        schema = "core" if table == "fct_labour_time" else "marts"
        sums = "numerator" if table == "kpi_values" else "apat_s"
        built = rows.replace(table, f"warehouse.{schema}.{table}")
        changed = con.execute(f"select count(*), count({sums}) from ({rows} except all {built})")
        withheld, of_them_given = changed.fetchall()[0]
        (all_rows,) = con.execute(f"select count(*) {rows}").fetchall()[0]
        assert withheld > 0, table
        assert of_them_given == 0, table
        if table != "fct_labour_time":  # of a machine in a shift, few people are the rule
            assert withheld < all_rows / 2, table


def test_a_withheld_figure_says_so_and_nothing_else(con: duckdb.DuckDBPyConnection) -> None:
    withheld = con.execute(
        "select distinct kpi_id, is_withheld, "
        "coalesce(numerator, denominator, value, coverage_ratio, target_value), signal "
        "from kpi_values where withheld_reason = ?",
        [WITHHELD],
    ).fetchall()
    assert withheld == [("worker_efficiency", True, None, None)]
    for table in ("mart_kpi_signals", "mart_kpi_targets", "mart_signal_contributions"):
        assert con.execute(
            f"select count(*) from {table} inner join kpi_values using (kpi_values_id) "
            f"where withheld_reason = '{WITHHELD}'"
        ).fetchall() == [(0,)]


def test_a_chart_leads_to_no_withheld_point(con: duckdb.DuckDBPyConnection) -> None:
    """What is left of it: points, and ranges between those that follow each other."""
    ranges = con.execute(
        f"""
        select
            moving_range is null as is_missing,
            coalesce(lag(point_no, 1, 0) over chart <> point_no - 1, true) or point_no = 1,
            coalesce(abs(moving_range - abs(value - lag(value) over chart)) < 1e-9, true),
            withheld_before_qty >= point_no - 1 - lag(point_no, 1, 0) over chart
        from mart_kpi_signals
        where {LABOUR} and period_type = 'day'
        window chart as (partition by series_key order by point_no)
        """
    ).fetchall()
    assert len(ranges) > 10
    assert all(
        missing == unknown and right and counted for missing, unknown, right, counted in ranges
    )
    assert sum(missing for missing, *_ in ranges) > 1


def test_tables_keep_their_columns_and_types(con: duckdb.DuckDBPyConnection) -> None:
    tables = ("fct_labour_time", "kpi_sums_labour", "kpi_values", "mart_kpi_signals")
    for table in tables:
        schema = "core" if table == "fct_labour_time" else "marts"
        published, built = (
            [row[:2] for row in con.execute(f"describe {relation}").fetchall()]
            for relation in (table, f"warehouse.{schema}.{table}")
        )
        assert published == built


def test_what_a_file_told_once_is_not_repeated_as_restated(
    season: Night, published: Settings, manifest: dict[str, Any], tmp_path: Path
) -> None:
    """Everybody's file told of people until somebody thought better of it."""
    settings = Settings(tmp_path)
    settings.warehouse_file.symlink_to(published.warehouse_file)
    plants = season.settings.plants_file.read_text(encoding="utf-8")
    reasons = []
    for audience in ("personal = true", "least_people = 6"):
        settings.plants_file.write_text(f"{plants}\n[audiences.marts]\n{audience}\n")
        publish_night(settings, manifest, audience)
        with duckdb.connect(str(settings.published_link), read_only=True) as con:
            query = f"select withheld_reason from kpi_values where {LABOUR} group by all"
            reasons.append({row[0] for row in con.execute(query).fetchall()})
            restated = con.execute("select distinct kpi_id from mart_restatements").fetchall()
    assert not any("fewer than" in str(reason) for reason in reasons[0])
    assert REASON.format(6) in reasons[1]
    assert restated == []
