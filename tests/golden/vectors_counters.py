"""Machines that count up and say nothing of runs: quantities from readings of their counters."""

from __future__ import annotations

from vector import Answer, Figure, Vector

RATES = """
    item_id,valid_from,ideal_cycle_s
    i1,2026-01-01 00:00:00,120
"""
STATES = """
    state_id,machine_id,layer,start_at,end_at,state
    s1,m1,0,2026-03-02 06:00:00,2026-03-02 11:00:00,producing
"""
#: What came out by run, oldest first.
RUNS = (
    "select quantity_origin, produced_qty::double, good_qty::double, scrap_qty::double, "
    "rework_qty::double from fct_production where plant_id = {plant} order by end_at"
)

VECTORS = [
    Vector(
        name="counter_reset",
        shows="A counter shows 100, 150, 180, 5, 20: 100 units came out after the first reading. "
        "Dropping the reading after the reset says 95, last minus first says -80.",
        shifts=(("A", "06:00", "11:00"),),
        files={
            "standard_rates": RATES,
            "machine_states": STATES,
            "counter_readings": """
                machine_id,counter,read_at,reading_qty,item_id
                m1,produced,2026-03-02 06:00:00,100,i1
                m1,scrap,2026-03-02 06:00:00,7,i1
                m1,produced,2026-03-02 07:00:00,150,i1
                m1,scrap,2026-03-02 07:00:00,7,i1
                m1,produced,2026-03-02 08:00:00,180,i1
                m1,scrap,2026-03-02 08:00:00,17,i1
                m1,produced,2026-03-02 09:00:00,5,i1
                m1,scrap,2026-03-02 09:00:00,17,i1
                m1,produced,2026-03-02 10:00:00,20,i1
                m1,scrap,2026-03-02 10:00:00,17,i1
            """,
        },
        figures=(
            Figure("effectiveness", 100 * 120 / 18000, "2026-03-02", numerator=12000),
            Figure("quality_ratio", 0.9, "2026-03-02"),
            Figure("oee", 90 * 120 / 18000, "2026-03-02"),
            Figure("scrap_ratio", 0.1, "2026-03-02", numerator=10, denominator=100),
            Figure("scrap_ratio", 0.1, "2026-03-02", scope_type="item", scope_id="i1"),
            Figure("rework_ratio", 0.0, "2026-03-02"),
        ),
        answers=(
            Answer(
                "select sum(produced_qty)::int from fct_production where plant_id = {plant}",
                [(100,)],
            ),
            Answer(
                RUNS,
                [
                    ("counter", 50.0, 50.0, 0.0, 0.0),
                    ("counter", 30.0, 20.0, 10.0, 0.0),
                    ("counter_reset", 5.0, 5.0, 0.0, 0.0),
                    ("counter", 15.0, 15.0, 0.0, 0.0),
                ],
            ),
            Answer(
                "select feed, reference_kind, reference_id, row_qty from mart_unresolved "
                "where plant_id = {plant}",
                [("counter_readings", "counter before its reset", "m1 produced", 1)],
            ),
        ),
    ),
    Vector(
        name="counter_rollover",
        shows="A counter of four digits shows 9,950, 9,990, 30, 110: 40 + 40 + 80 units, and "
        "nothing is reported as lost.",
        shifts=(("A", "06:00", "11:00"),),
        files={
            "standard_rates": RATES,
            "machine_states": STATES,
            "counter_readings": """
                machine_id,counter,read_at,reading_qty,rollover_qty,item_id
                m1,good,2026-03-02 06:00:00,9950,10000,i1
                m1,good,2026-03-02 07:00:00,9990,10000,i1
                m1,good,2026-03-02 08:00:00,30,10000,i1
                m1,good,2026-03-02 09:00:00,110,10000,i1
                m1,good,2026-03-02 10:00:00,10000,10000,i1
                m1,scrap,2026-03-02 06:00:00,0,10000,i1
                m1,scrap,2026-03-02 10:00:00,0,10000,i1
            """,
        },
        # A counter of four digits never shows 10,000.
        quarantined={"reading_below_rollover": 1},
        figures=(
            Figure("effectiveness", 160 * 120 / 18000, "2026-03-02"),
            Figure("oee", 160 * 120 / 18000, "2026-03-02"),
            Figure("scrap_ratio", 0.0, "2026-03-02", denominator=160),
        ),
        answers=(Answer("select count(*) from mart_unresolved where plant_id = {plant}", [(0,)]),),
    ),
    Vector(
        name="counter_late",
        shows="Readings that come late, twice, and corrected: 50 units in the early and 70 in the "
        "late shift, each booked where the reading that counted them was taken.",
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00")),
        files={
            "standard_rates": RATES,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 22:00:00,producing
            """,
            # The correction of 180 to 170 comes with the later file, as does the first reading.
            "counter_readings_20260302_200000": """
                machine_id,counter,read_at,reading_qty,item_id
                m1,good,2026-03-02 18:00:00,210,i1
                m1,good,2026-03-02 10:00:00,150,i1
                m1,good,2026-03-02 15:00:00,180,i1
                m1,scrap,2026-03-02 06:00:00,0,i1
                m1,scrap,2026-03-02 18:00:00,0,i1
            """,
            "counter_readings_20260303_080000": """
                machine_id,counter,read_at,reading_qty,item_id
                m1,good,2026-03-02 15:00:00,170,i1
                m1,good,2026-03-02 10:00:00,150,i1
                m1,good,2026-03-02 21:00:00,220,i1
                m1,good,2026-03-02 06:00:00,100,i1
            """,
        },
        figures=(
            Figure("oee", 50 * 120 / 28800, "2026-03-02", "shift", shift_code="M"),
            Figure("oee", 70 * 120 / 28800, "2026-03-02", "shift", shift_code="T"),
            Figure("oee", 120 * 120 / 57600, "2026-03-02"),
        ),
    ),
    Vector(
        name="counters_and_runs",
        shows="Two runs say 40 and 30 units and a counter goes on through them: it counts for the "
        "hour between the runs and the one after them, so that no unit counts twice.",
        shifts=(("A", "06:00", "11:00"),),
        files={
            "standard_rates": RATES,
            "machine_states": STATES,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 07:00:00,40,40,0,0
                r2,m1,i1,1,2026-03-02 08:00:00,2026-03-02 09:00:00,30,28,2,0
            """,
            "counter_readings": """
                machine_id,counter,read_at,reading_qty,item_id
                m1,produced,2026-03-02 06:00:00,1000,i1
                m1,produced,2026-03-02 07:00:00,1040,i1
                m1,produced,2026-03-02 08:00:00,1050,i1
                m1,produced,2026-03-02 09:00:00,1081,i1
                m1,produced,2026-03-02 10:00:00,1101,i1
                m1,good,2026-03-02 06:00:00,0,i1
                m1,good,2026-03-02 07:00:00,40,i1
                m1,good,2026-03-02 08:00:00,49,i1
                m1,good,2026-03-02 09:00:00,78,i1
                m1,good,2026-03-02 10:00:00,97,i1
            """,
        },
        figures=(
            Figure("effectiveness", 100 * 120 / 18000, "2026-03-02", numerator=12000),
            Figure("oee", (40 + 9 + 28 + 19) * 120 / 18000, "2026-03-02"),
            Figure("scrap_ratio", 0.04, "2026-03-02", numerator=4, denominator=100),
        ),
        answers=(
            Answer(
                RUNS,
                [
                    ("run", 40.0, 40.0, 0.0, 0.0),
                    ("counter", 10.0, 9.0, 1.0, 0.0),
                    ("run", 30.0, 28.0, 2.0, 0.0),
                    ("counter", 20.0, 19.0, 1.0, 0.0),
                ],
            ),
        ),
    ),
]
