"""KPIs against their own history and against their targets."""

from __future__ import annotations

from datetime import date, timedelta

from vector import Answer, Figure, Vector

FIRST = date(2026, 3, 2)
#: 100 minutes are planned each day, and a unit takes one: good units are OEE in percent.
SHIFTS = (("A", "06:00", "07:40"),)
RATES = """
    item_id,valid_from,ideal_cycle_s
    i1,2026-01-01 00:00:00,60
"""


def days(*units: int) -> list[tuple[date, int]]:
    """Each of these outputs on a day of its own, one after the other."""
    return [(FIRST + timedelta(days=number), made) for number, made in enumerate(units)]


def states(of_days: list[tuple[date, int]]) -> str:
    """The machine produces on each day from six to twenty to eight."""
    rows = [f"p{day},m1,0,{day} 06:00:00,{day} 07:40:00,producing," for day, _ in of_days]
    return "\n".join(["state_id,machine_id,layer,start_at,end_at,state,reason_id", *rows, ""])


def counts(of_days: list[tuple[date, int]]) -> str:
    """One run a day, all of it good."""
    rows = [
        f"r{day},m1,i1,1,{day} 06:00:00,{day} 07:40:00,{made},{made},0,0" for day, made in of_days
    ]
    header = "run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty"
    return "\n".join([header, *rows, ""])


TEN = days(62, 65, 61, 66, 64, 63, 67, 60, 65, 62)
#: Twenty days of 60 and 64 in turn; one of 45 with a breakdown of 20 minutes; one of an item that
#: nobody knows the standard of; one of 62.
TURNS = days(*(60, 64) * 10, 45, 50, 62)
BREAKDOWN, UNRATED, AFTER = (day for day, _ in TURNS[20:])

VECTORS = [
    Vector(
        name="xmr_of_ten",
        shows="OEE of 62, 65, 61, 66, 64, 63, 67, 60, 65 and 62 %: mean 63.5, mean moving range "
        "3.778, limits 53.45 and 73.55, upper range limit 12.35. Ten are no baseline yet.",
        shifts=SHIFTS,
        files={
            "standard_rates": RATES,
            "machine_states": states(TEN),
            "production_counts": counts(TEN),
        },
        figures=(Figure("oee", 0.62, "2026-03-02"), Figure("oee", 0.65, "2026-03-03")),
        answers=(
            Answer(
                """
                select count(*), round(100 * max(centre_line), 2),
                    round(100 * max(mean_moving_range), 3), round(100 * max(lower_limit), 2),
                    round(100 * max(upper_limit), 2), round(100 * max(upper_range_limit), 2),
                    bool_or(is_baseline_complete), count(raised_rules)
                from mart_kpi_signals
                where plant_id = {plant} and kpi_id = 'oee' and scope_type = 'plant'
                    and period_type = 'day'
                """,
                [(10, 63.5, 3.778, 53.45, 73.55, 12.35, False, 0)],
            ),
        ),
    ),
    Vector(
        name="a_fall_is_signalled",
        shows="After twenty days of 60 and 64 % OEE, 45 % is a signal: 20 minutes of breakdown took "
        "20 points, speed gave 3 back. A day without a figure is no point. From a dated event on, "
        "the machine is judged anew. Targets judge days that began after they came.",
        shifts=SHIFTS,
        files={
            "standard_rates": RATES,
            "reasons": """
                reason_kind,reason_id,reason_name,state,is_failure
                stop,b,Gearbox broken,delay,true
            """,
            "machine_states": states(TURNS)
            + f"s1,m1,1,{BREAKDOWN} 06:00:00,{BREAKDOWN} 06:20:00,delay,b\n",
            "production_counts": counts(TURNS).replace(f"r{UNRATED},m1,i1", f"r{UNRATED},m1,i2"),
            "kpi_baselines": f"""
                kpi_id,scope_type,scope_id,period_type,from_date,reason,author
                oee,machine,m1,day,{BREAKDOWN},New gearbox,Ann
            """,
            "kpi_targets_20260301_060000": """
                kpi_id,scope_type,scope_id,period_type,valid_from,target_value,owner,objective
                oee,plant,a_fall_is_signalled,day,2026-03-01,0.61,Ann,Deliver more with what we have
                scrap_ratio,plant,a_fall_is_signalled,month,2026-03-01,0.02,,Right first time
                morale,plant,a_fall_is_signalled,month,2026-03-01,5,Bob,A good place to work
            """,
            "kpi_targets_20260305_120000": """
                kpi_id,scope_type,scope_id,period_type,valid_from,target_value,owner,objective
                oee,plant,a_fall_is_signalled,day,2026-03-01,0.5,Ann,Deliver more with what we have
            """,
        },
        figures=(
            Figure("oee", 0.45, str(BREAKDOWN)),
            Figure("oee", None, str(UNRATED), withheld_reason="no standard rate"),
            Figure("oee", 0.62, str(AFTER)),
        ),
        answers=(
            Answer(
                """
                select scope_type, point_no, withheld_before_qty, moving_range, centre_line,
                    mean_moving_range, baseline_qty, raised_rules, signal_side, is_better
                from mart_kpi_signals
                where plant_id = {plant} and kpi_id = 'oee' and period_type = 'day'
                    and period_start_date >= '2026-03-22'
                order by scope_type, period_start_date
                """,
                [
                    ("machine", 1, 0, None, 0.535, 0.17, 2, None, None, None),
                    ("machine", 2, 1, 0.17, 0.535, 0.17, 2, None, None, None),
                    ("plant", 21, 0, 0.19, 0.62, 0.04, 20, "WE1", "below", False),
                    ("plant", 22, 1, 0.17, 0.62, 0.04, 20, None, None, None),
                ],
            ),
            Answer(
                """
                select round(value, 2), target_value, signal from kpi_values
                where plant_id = {plant} and kpi_id = 'oee' and period_type = 'day'
                    and scope_type = 'plant' and period_start_date >= '2026-03-21'
                order by period_start_date
                """,
                [
                    (0.64, 0.5, None),
                    (0.45, 0.5, "WE1 below"),
                    (None, None, None),
                    (0.62, 0.5, None),
                ],
            ),
            Answer(
                """
                select contributor_type, contributor_id, rank_no, change_ratio
                from mart_signal_contributions
                where plant_id = {plant} and kpi_id = 'oee' and scope_type = 'plant'
                order by contributor_type, rank_no
                """,
                [
                    ("item", "i1", 1, -0.17),
                    ("loss_bucket", "breakdowns", 1, -0.2),
                    ("loss_bucket", "reduced_speed", 2, 0.03),
                    ("machine", "m1", 1, -0.17),
                ],
            ),
            Answer(
                """
                select target_value, round(value, 2), status, known_from_at::varchar
                from mart_kpi_targets
                where plant_id = {plant} and kpi_id = 'oee' and period_start_date <= '2026-03-07'
                order by period_start_date
                """,
                [
                    (0.61, 0.6, "red", "2026-03-01 06:00:00"),
                    (0.61, 0.64, "green", "2026-03-01 06:00:00"),
                    (0.61, 0.6, "red", "2026-03-01 06:00:00"),
                    (0.61, 0.64, "green", "2026-03-01 06:00:00"),
                    (0.5, 0.6, "green", "2026-03-05 12:00:00"),
                    (0.5, 0.64, "green", "2026-03-05 12:00:00"),
                ],
            ),
            Answer(
                """
                select kpi_id, period_start_date::varchar, not_judged_reason
                from mart_kpi_targets
                where plant_id = {plant} and status is null
                order by 1, 2
                """,
                [
                    ("morale", None, "no such KPI in the catalogue"),
                    ("oee", "2026-03-23", "no figure: no standard rate"),
                    ("scrap_ratio", "2026-03-01", "nobody owns the target"),
                ],
            ),
        ),
    ),
]
