"""Machines: OEE and its factors over typed states, counts and standards."""

from __future__ import annotations

from vector import Answer, Figure, Vector

VECTORS = [
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
