"""Machines: OEE and its factors over typed states, counts and standards."""

from __future__ import annotations

from vector import Answer, Figure, Vector

#: A run over a shift change; the machine stands from 12:30 to 14:00 and for the last half hour.
RUN_OVER_A_SHIFT_CHANGE = {
    "standard_rates": """
        item_id,valid_from,ideal_cycle_s
        i1,2026-01-01 00:00:00,60
    """,
    "reasons": """
        reason_kind,reason_id,reason_name
        scrap,burr,Burr
    """,
    "machine_states": """
        state_id,machine_id,layer,start_at,end_at,state
        s1,m1,0,2026-03-02 12:00:00,2026-03-02 16:00:00,producing
        s2,m1,1,2026-03-02 12:30:00,2026-03-02 14:00:00,delay
        s3,m1,1,2026-03-02 15:30:00,2026-03-02 16:00:00,delay
    """,
    "production_counts": """
        run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
        r1,m1,i1,1,2026-03-02 12:00:00,2026-03-02 16:00:00,120,112,8,0
    """,
    "scrap_events": """
        scrap_id,run_id,reason_id,disposition,rejected_qty,detected_at
        x1,r1,burr,scrap,8,2026-03-02 17:00:00
    """,
}
SCRAP_BY_SHIFT = (
    "select shift_code, sum(scrap_qty)::double from fct_scrap join dim_shift using (shift_key) "
    "where fct_scrap.plant_id = {plant} group by all order by 1"
)

VECTORS = [
    Vector(
        name="spread_run",
        shows="A run over a shift change, in a plant that spreads runs by run time: it ran 30 minutes "
        "in the first shift and 90 in the second, so of 120 units 30 and 90 count there.",
        plants_toml='run_booking = "run_time"',
        shifts=(("A", "12:00", "14:00"), ("B", "14:00", "16:00")),
        files=RUN_OVER_A_SHIFT_CHANGE,
        figures=(
            Figure("effectiveness", 1.0, "2026-03-02", "shift", shift_code="A"),
            Figure("effectiveness", 1.0, "2026-03-02", "shift", shift_code="B"),
            Figure("oee", 28 / 120, "2026-03-02", "shift", shift_code="A"),
            Figure("oee", 84 / 120, "2026-03-02", "shift", shift_code="B"),
            Figure("oee", 112 / 240, "2026-03-02"),
            Figure("scrap_ratio", 2 / 30, "2026-03-02", "shift", shift_code="A"),
        ),
        answers=(
            Answer(
                "select piece_no, start_at::varchar, produced_qty::double, good_qty::double "
                "from fct_production where plant_id = {plant} order by 1",
                [(1, "2026-03-02 12:00:00", 30, 28), (2, "2026-03-02 14:00:00", 90, 84)],
            ),
            Answer(SCRAP_BY_SHIFT, [("A", 2), ("B", 6)]),
            Answer(
                "select sum(rejection_qty)::int, sum(scrap_qty)::double from mart_scrap_pareto "
                "where plant_id = {plant}",
                [(1, 8)],
            ),
        ),
    ),
    Vector(
        name="booked_run",
        shows="The same run in a plant that books it where it ends: the first shift produced for 30 "
        "minutes and made nothing, the second is a third faster than the standard.",
        shifts=(("A", "12:00", "14:00"), ("B", "14:00", "16:00")),
        files=RUN_OVER_A_SHIFT_CHANGE,
        figures=(
            Figure("effectiveness", 0.0, "2026-03-02", "shift", shift_code="A"),
            Figure("effectiveness", 120 / 90, "2026-03-02", "shift", shift_code="B"),
            Figure("oee", 0.0, "2026-03-02", "shift", shift_code="A"),
            Figure("oee", 112 / 120, "2026-03-02", "shift", shift_code="B"),
            Figure("oee", 112 / 240, "2026-03-02"),
        ),
        answers=(Answer(SCRAP_BY_SHIFT, [("B", 8)]),),
    ),
    Vector(
        name="spread_counts",
        shows="Where nothing but counts is known, the clock spreads a run: 90 minutes over the start "
        "of the production day, a third before it; a unit that cannot be cut is cut all the same.",
        plants_toml='run_booking = "run_time"',
        shifts=(("A", "06:00", "14:00"), ("C", "22:00", "06:00")),
        files={
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 05:30:00,2026-03-02 07:00:00,101,100,1,0
            """,
        },
        answers=(
            Answer(
                "select production_date::varchar, produced_qty::varchar, good_qty::varchar, "
                "scrap_qty::varchar from fct_production where plant_id = {plant} order by 1",
                [
                    ("2026-03-01", "33.666666", "33.333333", "0.333333"),
                    ("2026-03-02", "67.333334", "66.666667", "0.666667"),
                ],
            ),
        ),
    ),
    Vector(
        name="rollup",
        shows="OEE 0.80 over 100 minutes and 0.45 over 300 minutes are 0.5375 together, not the "
        "mean of 0.625.",
        shifts=(("A", "06:00", "11:00"),),
        files={
            "machines": """
                machine_id,line_id
                m1,l1
                m2,l1
            """,
            "standard_rates": """
                item_id,valid_from,ideal_cycle_s
                i1,2026-01-01 00:00:00,60
            """,
            # The first machine is planned down for 200 of its 300 minutes.
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 07:40:00,producing
                s2,m1,0,2026-03-02 07:40:00,2026-03-02 11:00:00,planned_down
                s3,m2,0,2026-03-02 06:00:00,2026-03-02 11:00:00,producing
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 07:40:00,80,80,0,0
                r2,m2,i1,1,2026-03-02 06:00:00,2026-03-02 11:00:00,135,135,0,0
            """,
        },
        figures=(
            Figure("oee", 0.80, "2026-03-02", scope_type="machine", scope_id="m1"),
            Figure("oee", 0.45, "2026-03-02", scope_type="machine", scope_id="m2"),
            Figure("oee", 0.5375, "2026-03-02", scope_type="line", scope_id="l1"),
            Figure("oee", 0.5375, "2026-03-02", numerator=215 * 60, denominator=400 * 60),
        ),
    ),
    Vector(
        name="mixed_products",
        shows="100 good units of a minute and 10 bad ones of ten minutes in 400 minutes: 0.25, "
        "where counting pieces alike says 0.4545.",
        shifts=(("A", "06:00", "12:40"),),
        files={
            "standard_rates": """
                item_id,valid_from,ideal_cycle_s
                short,2026-01-01 00:00:00,60
                long,2026-01-01 00:00:00,600
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 12:40:00,producing
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,short,1,2026-03-02 06:00:00,2026-03-02 09:00:00,100,100,0,0
                r2,m1,long,1,2026-03-02 09:00:00,2026-03-02 12:40:00,10,0,10,0
            """,
        },
        figures=(
            Figure("oee", 0.25, "2026-03-02"),
            Figure("availability", 1.0, "2026-03-02"),
            Figure("effectiveness", 0.5, "2026-03-02"),
            Figure("quality_ratio", 0.5, "2026-03-02"),
        ),
    ),
    Vector(
        name="split_stop",
        shows="A stop from 21:30 to 23:10 belongs with 30 minutes to the late shift and with 70 "
        "to the night shift.",
        shifts=(("T", "14:00", "22:00"), ("N", "22:00", "06:00")),
        files={
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 14:00:00,2026-03-03 06:00:00,producing
                s2,m1,1,2026-03-02 21:30:00,2026-03-02 23:10:00,delay
            """,
        },
        answers=(
            Answer(
                "select shift_code, adet_s / 60 from mart_oee_shift where plant_id = {plant} "
                "and production_date = '2026-03-02' order by 1",
                [("N", 70.0), ("T", 30.0)],
            ),
        ),
        figures=(
            Figure("availability", 450 / 480, "2026-03-02", "shift", shift_code="T"),
            Figure("availability", 410 / 480, "2026-03-02", "shift", shift_code="N"),
        ),
    ),
    Vector(
        name="vorne_shift",
        shows="The textbook shift: 420 minutes planned, 47 down, 60 units a minute, 19,271 made, "
        "423 rejected: OEE 0.748.",
        shifts=(("A", "06:00", "13:00"),),
        files={
            "standard_rates": """
                item_id,valid_from,ideal_cycle_s
                i1,2026-01-01 00:00:00,1
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 13:00:00,producing
                s2,m1,1,2026-03-02 08:00:00,2026-03-02 08:47:00,delay
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 13:00:00,19271,18848,423,0
            """,
        },
        figures=(
            Figure("availability", 373 / 420, "2026-03-02"),
            Figure("effectiveness", 19271 / (373 * 60), "2026-03-02"),
            Figure("quality_ratio", 18848 / 19271, "2026-03-02"),
            Figure("oee", 18848 / (420 * 60), "2026-03-02"),
        ),
    ),
    Vector(
        name="too_fast",
        shows="90 units of a minute in an hour are 150 % of the standard: stored as it is.",
        shifts=(("A", "06:00", "07:00"),),
        files={
            "standard_rates": """
                item_id,valid_from,ideal_cycle_s
                i1,2026-01-01 00:00:00,60
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 07:00:00,producing
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 07:00:00,90,90,0,0
            """,
        },
        figures=(
            Figure("effectiveness", 1.5, "2026-03-02"),
            Figure("oee", 1.5, "2026-03-02"),
        ),
    ),
]
