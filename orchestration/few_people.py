"""Labour of few people: what a file that tells of nobody gives in its place.

How long one person was present or worked is told by a sum over one person as well, without any
name. So sums over fewer than an audience's `least_people` are withheld, and with them as many of
their neighbours as it takes that the rest of a larger sum is not theirs either: the hours of a
machine in a shift, of a shift in a day, of a day in a week and in a month.

It protects against one subtraction, not against everything that can be worked out from several
sums, or from files of several nights; `bi/README.md` says so to readers.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

#: The model with the times of each person.
PEOPLE_MODEL = "int_labour_time__shared"
#: Published facts that add people up; figures made of them are found by the catalogue.
FACT = "fct_labour_time"
SUMS = "kpi_sums_labour"
REASON = "would tell of fewer than {} people"
WITHHELD_FEW = "Empty where it would tell of fewer than {} people (audiences in plants.toml)."

DAY = ("plant_id", "production_date")
SHIFT = (*DAY, "shift_id")
MACHINE = (*SHIFT, "machine_id")
#: From coarse to fine: what identifies a sum, and the larger sums that it is a part of.
LEVELS = {
    "day": (DAY, (("plant_id", "week_start_date"), ("plant_id", "month_start_date"))),
    "shift": (SHIFT, (DAY,)),
    "machine": (MACHINE, (SHIFT,)),
}
#: Columns of the tables in which labour is added up.
EMPTIED = {
    FACT: ("apwt_s", "attended_apwt_s", "apat_s"),
    SUMS: ("is_work_recorded", "apwt_s", "attended_apwt_s", "apat_s"),
    "kpi_values": ("numerator", "denominator", "value", "coverage_ratio", "target_value", "signal"),
}


def find_few(con: duckdb.DuckDBPyConnection, people: str, least_people: int) -> None:
    """Create temporary tables of what is withheld: `few_day`, `few_shift`, `few_machine`, and
    `few_periods` with all periods of a plant that have no figure.

    `people`: a relation with the columns of `int_labour_time__shared`, one row per person and
    stretch of time.
    """
    con.execute(
        f"""
        create or replace temp table labour_people as
        with
            present as (select *, 'attendance' as kind from {people} where apat_s > 0),
            at_work as (select *, 'work' as kind from {people} where apwt_s > 0)

        select distinct
            plant_id,
            cast(date_trunc('month', production_date) as date) as month_start_date,
            cast(date_trunc('week', production_date) as date) as week_start_date,
            production_date,
            shift_id,
            coalesce(machine_id, '') as machine_id,
            kind,
            worker_id
        from (from present union all by name from at_work)
        """
    )
    few = f"count(distinct worker_id) < {least_people}"
    coarser = None
    for level, (sum_keys, larger_sums) in LEVELS.items():
        keys = ", ".join(sum_keys)
        con.execute(
            f"create or replace temp table few_{level} as select distinct {keys} from "
            f"(select {keys} from labour_people group by {keys}, kind having {few})"
        )
        if coarser is not None:
            # What is withheld is not to be had from its parts.
            con.execute(
                f"insert into few_{level} select distinct {keys} from labour_people "
                f"semi join few_{coarser} using ({', '.join(LEVELS[coarser][0])}) "
                f"anti join few_{level} using ({keys})"
            )
        for larger_sum in larger_sums:
            larger = ", ".join(larger_sum)
            con.execute(
                f"""
                insert into few_{level}
                with
                    -- The larger sum less all that is given would be the time of few people.
                    told as (
                        select {larger}, kind
                        from labour_people
                        semi join few_{level} using ({keys})
                        group by {larger}, kind
                        having {few}
                    ),

                    -- The same for presence and for work, where it can be.
                    sizes as (
                        select {keys}, count(distinct worker_id) as people_qty
                        from labour_people
                        group by {keys}
                    ),

                    given as (
                        select distinct {_once(*sum_keys, *larger_sum)}, kind, people_qty
                        from labour_people
                        inner join sizes using ({keys})
                        semi join told using ({larger}, kind)
                        anti join few_{level} using ({keys})
                    ),

                    ranked as (
                        select *, row_number() over (
                            partition by {larger}, kind order by people_qty, {keys}
                        ) as rank_no
                        from given
                    )

                select distinct {keys} from ranked where rank_no = 1
                """
            )
        coarser = level
    con.execute(
        f"""
        create or replace temp table few_periods as
        select plant_id, 'shift' as period_type, production_date as period_start_date, shift_id
        from few_shift
        union
        select plant_id, 'day', production_date, null
        from few_day
        union
        select plant_id, 'week', week_start_date, null
        from labour_people
        group by plant_id, week_start_date, kind
        having {few}
        union
        select plant_id, 'month', month_start_date, null
        from labour_people
        group by plant_id, month_start_date, kind
        having {few}
        """
    )


def relations_without_few(
    con: duckdb.DuckDBPyConnection, relations: Mapping[str, str], people: str, least_people: int
) -> dict[str, str]:
    """SQL: what is published of a table instead of the relation it is built as.

    `relations`: the built relation of every published table; `people` as in `find_few`. Raises
    KeyError where a table is missing that labour cannot be protected without.
    """
    find_few(con, people, least_people)
    con.execute(
        f"create or replace temp table labour_kpis as "
        f"select kpi_id from {relations['kpi_definitions']} where facts like '%{FACT}%'"
    )
    shifts = f"(select shift_key, shift_id from {relations['dim_shift']})"
    con.execute(
        f"""
        create or replace temp table few_facts as
        select labour_time_key
        from (select * replace (coalesce(machine_id, '') as machine_id) from {relations[FACT]})
        inner join {shifts} using (shift_key)
        semi join few_machine using ({", ".join(MACHINE)})
        """
    )
    con.execute(
        f"""
        create or replace temp table few_sums as
        select kpi_sums_labour_key
        from {relations[SUMS]}
        inner join {shifts} using (shift_key)
        semi join few_shift using ({", ".join(SHIFT)})
        """
    )
    con.execute(
        f"""
        create or replace temp table few_figures as
        select kpi_values_id
        from {relations["kpi_values"]} as figures
        where
            {is_few("figures")}
            and coalesce(numerator, denominator, value, coverage_ratio) is not null
        """
    )
    is_few_figure = "kpi_values_id in (from few_figures)"
    is_withheld = {
        FACT: "labour_time_key in (from few_facts)",
        SUMS: "kpi_sums_labour_key in (from few_sums)",
        "kpi_values": is_few_figure,
    }
    emptied = {
        table: [
            f"case when not {is_withheld[table]} then {column} end as {column}"
            for column in EMPTIED[table]
        ]
        for table in EMPTIED
    }
    reason = REASON.format(least_people)
    emptied["kpi_values"] += [
        f"is_withheld or {is_few_figure} as is_withheld",
        f"case when {is_few_figure} then '{reason}' else withheld_reason end as withheld_reason",
    ]
    given = {
        table: f"(select * replace ({', '.join(columns)}) from {relations[table]})"
        for table, columns in emptied.items()
    }
    given["mart_kpi_signals"] = _charts(relations["mart_kpi_signals"])
    for table in ("mart_signal_contributions", "mart_kpi_targets"):
        given[table] = f"(select * from {relations[table]} where ({is_few_figure}) is not true)"
    return given


def _charts(charts: str) -> str:
    """SQL: charts without the points that are withheld, nor what leads back to them.

    A range leads to the point before. Limits are made of two sums over the baseline, the values
    and their ranges: of one or two points that are withheld they would tell the values.
    """
    return f"""(
        with
            points as (
                select *, kpi_values_id in (from few_figures) as is_few
                from {charts}
                where kpi_id in (from labour_kpis)
            ),

            counted as (
                select
                    *,
                    count(*) filter (is_few and is_in_baseline) over (partition by series_key)
                    as few_qty,
                    sum(withheld_before_qty + cast(is_few as integer)) over (
                        partition by series_key order by point_no
                    ) as withheld_until_qty
                from points
            ),

            given as (select * from counted where not is_few and few_qty not in (1, 2)),

            beside_the_one_before as (
                select
                    *,
                    lag(point_no, 1, 0) over series as last_point_no,
                    lag(withheld_until_qty, 1, 0) over series as withheld_before_it_qty
                from given
                window series as (partition by series_key order by point_no)
            )

        select * exclude (
            is_few, few_qty, withheld_until_qty, last_point_no, withheld_before_it_qty
        ) replace (
            case when last_point_no = point_no - 1 then moving_range end as moving_range,
            cast(withheld_until_qty - withheld_before_it_qty as bigint) as withheld_before_qty
        )
        from beside_the_one_before
        union all by name
        select * from {charts} where kpi_id not in (from labour_kpis)
    )"""


def explained(
    meanings: Mapping[str, tuple[str, dict[str, str]]], least_people: int
) -> dict[str, tuple[str, dict[str, str]]]:
    """The meanings, where columns of labour say why they are empty in some rows."""
    note = WITHHELD_FEW.format(least_people)
    found = dict(meanings)
    for table in (FACT, SUMS):
        description, columns = meanings[table]
        noted = {column: f"{columns[column]} {note}" for column in EMPTIED[table]}
        found[table] = (description, columns | noted)
    return found


def is_few(figures: str) -> str:
    """SQL: whether a row of `figures`, keyed as kpi_values, is withheld for few people.

    Of other scopes than the plant nobody counted the people yet, so they are.
    """
    return (
        f"({figures}.kpi_id in (from labour_kpis) and ({figures}.scope_type <> 'plant' or exists ("
        f"from few_periods where few_periods.plant_id = {figures}.plant_id "
        f"and few_periods.period_type = {figures}.period_type "
        f"and few_periods.period_start_date = {figures}.period_start_date "
        f"and few_periods.shift_id is not distinct from {figures}.shift_id)))"
    )


def _once(*names: str) -> str:
    return ", ".join(dict.fromkeys(names))
