"""Which sums of labour a file without people withholds, on crews that can be counted by hand."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from orchestration.few_people import find_few

MONDAY, TUESDAY, SUNDAY = "2026-03-02", "2026-03-03", "2026-03-08"
#: Who worked when, where: everybody listed worked an hour.
CREWS = {
    (MONDAY, "early", "m1"): "ann bob cid dan",
    (MONDAY, "early", "m2"): "eve",
    (MONDAY, "early", "m3"): "fay gus hal",
    (MONDAY, "late", "m1"): "ida jon kim lea",
    (TUESDAY, "early", "m1"): "ann bob cid",
    (TUESDAY, "early", "m2"): "dan eve fay gus",
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(
            "create table people (plant_id varchar, production_date date, shift_id varchar, "
            "machine_id varchar, worker_id varchar, apwt_s integer, apat_s integer)"
        )
        yield con


def work(con: duckdb.DuckDBPyConnection, crews: dict[tuple[str, str, str], str]) -> None:
    for (day, shift, machine), names in crews.items():
        con.execute(
            "insert into people select 'p', ?, ?, ?, unnest(?), 3600, 0",
            [day, f"{day}/{shift}", machine, names.split()],
        )


def attend(con: duckdb.DuckDBPyConnection, day: str, shift: str, names: str) -> None:
    con.execute(
        "insert into people select 'p', ?, ?, null, unnest(?), 0, 3600",
        [day, f"{day}/{shift}", names.split()],
    )


def few(con: duckdb.DuckDBPyConnection, level: str, least_people: int = 3) -> set[str]:
    find_few(con, "people", least_people)
    rows = con.execute(f"from few_{level}").fetchall()
    return {" ".join(str(part) for part in row[1:]) for row in rows}


def test_one_person_at_a_machine_takes_the_smallest_neighbour_along(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """Else the shift's hours less those of the other machines were eve's."""
    work(con, CREWS)
    assert few(con, "machine") == {
        f"{MONDAY} {MONDAY}/early m2",
        f"{MONDAY} {MONDAY}/early m3",
    }
    assert few(con, "shift") == few(con, "day") == few(con, "periods") == set()
    assert few(con, "machine", least_people=1) == set()


def test_several_with_few_people_are_neighbours_of_each_other(
    con: duckdb.DuckDBPyConnection,
) -> None:
    work(con, CREWS | {(MONDAY, "early", "m4"): "zoe yan"})
    assert few(con, "machine") == {
        f"{MONDAY} {MONDAY}/early m2",
        f"{MONDAY} {MONDAY}/early m4",
    }


def test_the_same_person_at_two_machines_is_one(con: duckdb.DuckDBPyConnection) -> None:
    work(con, CREWS | {(MONDAY, "early", "m4"): "eve"})
    assert few(con, "machine") == {
        f"{MONDAY} {MONDAY}/early m2",
        f"{MONDAY} {MONDAY}/early m3",
        f"{MONDAY} {MONDAY}/early m4",
    }


def test_a_day_of_one_person_takes_another_along_with_all_its_parts(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """Else the week's hours less those of the other days were ann's, and so by shifts."""
    work(con, CREWS | {(SUNDAY, "early", "m1"): "ann"})
    assert few(con, "day") == {SUNDAY, TUESDAY}
    assert few(con, "shift") == {f"{SUNDAY} {SUNDAY}/early", f"{TUESDAY} {TUESDAY}/early"}
    assert few(con, "machine") >= {
        f"{SUNDAY} {SUNDAY}/early m1",
        f"{TUESDAY} {TUESDAY}/early m1",
        f"{TUESDAY} {TUESDAY}/early m2",
    }
    assert few(con, "periods") == {
        f"day {SUNDAY} None",
        f"day {TUESDAY} None",
        f"shift {SUNDAY} {SUNDAY}/early",
        f"shift {TUESDAY} {TUESDAY}/early",
    }


def test_one_day_is_taken_along_for_presence_and_for_work(con: duckdb.DuckDBPyConnection) -> None:
    """Not the one with the fewest at work and the one with the fewest present."""
    for day, names, others in (
        (MONDAY, "ann bob cid", "dan eve"),
        (TUESDAY, "ann bob cid dan", ""),
    ):
        work(con, {(day, "early", "m1"): names})
        attend(con, day, "early", f"{names} {others}")
    work(con, {(SUNDAY, "early", "m1"): "ann"})
    attend(con, SUNDAY, "early", "ann")
    assert few(con, "day") == {SUNDAY, TUESDAY}


def test_a_week_and_a_month_of_few_people_are_withheld(con: duckdb.DuckDBPyConnection) -> None:
    work(con, {(MONDAY, "early", "m1"): "ann bob"})
    assert few(con, "periods") >= {"week 2026-03-02 None", "month 2026-03-01 None"}


def test_presence_and_work_are_of_different_people(con: duckdb.DuckDBPyConnection) -> None:
    """Of seven who were present one recorded work: it is that one's, and all of the day's."""
    attend(con, MONDAY, "early", "ann bob cid dan eve fay gus")
    work(con, {(MONDAY, "early", "m1"): "ann"})
    assert few(con, "shift") == {f"{MONDAY} {MONDAY}/early"}
    assert few(con, "day") == {MONDAY}


def test_nobody_at_work_tells_of_nobody(con: duckdb.DuckDBPyConnection) -> None:
    attend(con, MONDAY, "early", "ann bob cid")
    assert few(con, "machine") == few(con, "shift") == few(con, "periods") == set()
