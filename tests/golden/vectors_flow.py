"""The pace that customers set, and how often every item comes round."""

from __future__ import annotations

from vector import Figure, Vector

LINES = "sales_order_line_id,sales_order_id,item_id,uom,ordered_qty,ordered_at,requested_date,first_promised_date,is_cancelled"

VECTORS = [
    Vector(
        name="takt",
        shows="27,600 s of working time for 460 units: 60 s. With the cancelled 40 it would be "
        "55, by the promised day instead of the one asked for 276.",
        shifts=(("A", "06:00", "13:40"),),
        files={
            "sales_order_lines_20260304_060000": f"""
                {LINES}
                1,a,i1,PC,360,2026-02-27 08:00:00,2026-03-02,2026-03-05,false
                2,b,i2,PC,100,2026-02-27 08:00:00,,2026-03-02,false
                3,c,i1,PC,40,2026-02-27 08:00:00,2026-03-02,2026-03-02,true
                4,d,i1,PC,9,2026-02-27 08:00:00,2026-03-09,2026-03-09,false
                5,e,i3,KG,5,2026-03-03 08:00:00,2026-03-03,2026-03-03,false
            """,
        },
        figures=(
            Figure("takt_time_s", 60.0, "2026-03-02", numerator=27600, denominator=460),
            Figure("takt_time_s", 276.0, "2026-03-02", scope_type="item", scope_id="i2"),
            # Two days are over in the week; the second asks for kilograms.
            Figure(
                "takt_time_s",
                None,
                "2026-03-02",
                "week",
                numerator=2 * 27600,
                withheld_reason="demand in several units",
            ),
            Figure("takt_time_s", 2 * 27600 / 360, "2026-03-02", "week", "item", "i1"),
        ),
    ),
    Vector(
        name="takt_no_shifts",
        shows="Without a shift calendar there is no working time to share out.",
        shifts=(),
        files={
            "sales_order_lines_20260304_060000": f"""
                {LINES}
                1,a,i1,PC,460,2026-02-27 08:00:00,2026-03-02,,false
            """,
        },
        figures=(
            Figure("takt_time_s", None, "2026-03-02", denominator=460, withheld_reason="no shift"),
        ),
    ),
    Vector(
        name="epei_planned",
        shows="Setups of 60, 50 and 70 min, and what 440 min of running leave of 500 every day: "
        "every part every 3 days. On the second machine the run time leaves nothing.",
        shifts=(("A", "06:00", "14:20"),),
        shift_days={"A": ("mon", "tue", "wed", "thu", "fri")},
        files={
            # c was faster to set up before; m2 needs all of its time for b.
            "standard_rates": """
                item_id,machine_id,valid_from,ideal_cycle_s,planned_setup_s
                a,m1,2026-01-01 00:00:00,60,3600
                b,m1,2026-01-01 00:00:00,60,3000
                c,m1,2026-01-01 00:00:00,120,3000
                c,m1,2026-03-05 00:00:00,120,4200
                d,m1,2026-01-01 00:00:00,60,6000
                b,m2,2026-01-01 00:00:00,250,600
            """,
            "sales_order_lines_20260309_060000": f"""
                {LINES}
                1,o1,a,PC,1000,2026-02-27 08:00:00,2026-03-02,2026-03-02,false
                2,o2,b,PC,600,2026-02-27 08:00:00,2026-03-03,2026-03-03,false
                3,o3,c,PC,100,2026-02-27 08:00:00,2026-03-04,2026-03-04,false
                4,o4,c,PC,200,2026-02-27 08:00:00,2026-03-06,2026-03-06,false
                5,o5,d,PC,999,2026-02-27 08:00:00,2026-03-04,2026-03-04,true
                6,o6,a,PC,999,2026-02-27 08:00:00,2026-03-09,2026-03-09,false
            """,
        },
        figures=(
            Figure(
                "epei_planned_days",
                3.0,
                "2026-03-02",
                "week",
                "machine",
                "m1",
                numerator=180 * 60,
                denominator=(500 - 440) * 60,
                coverage_ratio=1,
            ),
            Figure("epei_planned_days", 3.0, "2026-03-01", "month", "machine", "m1"),
            Figure(
                "epei_planned_days",
                None,
                "2026-03-02",
                "week",
                "machine",
                "m2",
                numerator=600,
                withheld_reason="the run time leaves no time for setups",
            ),
        ),
    ),
    Vector(
        name="epei_planned_shorter",
        shows="90 min of setups and 350 of 420 min run: every part every 1.286 days. One of six "
        "items has a standard of no machine and lowers the coverage.",
        shifts=(("A", "06:00", "13:00"),),
        files={
            "standard_rates": """
                item_id,machine_id,valid_from,ideal_cycle_s,planned_setup_s
                a,m1,2026-01-01 00:00:00,60,1800
                b,m1,2026-01-01 00:00:00,60,900
                c,m1,2026-01-01 00:00:00,60,900
                d,m1,2026-01-01 00:00:00,60,900
                e,m1,2026-01-01 00:00:00,60,900
                f,,2026-01-01 00:00:00,60,900
            """,
            "sales_order_lines_20260309_060000": f"""
                {LINES}
                1,o1,a,PC,450,2026-02-27 08:00:00,2026-03-02,2026-03-02,false
                2,o2,b,PC,500,2026-02-27 08:00:00,2026-03-03,2026-03-03,false
                3,o3,c,PC,500,2026-02-27 08:00:00,2026-03-04,2026-03-04,false
                4,o4,d,PC,500,2026-02-27 08:00:00,2026-03-06,2026-03-06,false
                5,o5,e,PC,500,2026-02-27 08:00:00,2026-03-08,2026-03-08,false
                6,o6,f,PC,1,2026-02-27 08:00:00,2026-03-08,2026-03-08,false
            """,
        },
        figures=(
            Figure(
                "epei_planned_days",
                9 / 7,
                "2026-03-02",
                "week",
                "machine",
                "m1",
                numerator=90 * 60,
                denominator=(420 - 350) * 60,
                coverage_ratio=5 / 6,
            ),
        ),
    ),
    Vector(
        name="epei",
        shows="Item a began on the 2nd, 5th and 9th, item b on the 4th and 8th: two runs one after "
        "another are one batch. The runs alone would say 2.75.",
        files={
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,a,1,2026-03-02 06:00:00,2026-03-02 10:00:00,10,10,0,0
                r2,m1,a,1,2026-03-03 06:00:00,2026-03-03 10:00:00,10,10,0,0
                r3,m1,b,1,2026-03-04 06:00:00,2026-03-04 10:00:00,10,10,0,0
                r4,m1,a,1,2026-03-05 06:00:00,2026-03-05 10:00:00,10,10,0,0
                r5,m1,b,1,2026-03-08 06:00:00,2026-03-08 10:00:00,10,10,0,0
                r6,m1,a,1,2026-03-09 06:00:00,2026-03-09 10:00:00,10,10,0,0
            """,
        },
        figures=(
            Figure("epei_days", 11 / 3, "2026-03-01", "month", numerator=11, denominator=3),
            Figure("epei_days", 7 / 2, "2026-03-01", "month", "item", "a"),
            Figure("epei_days", 4.0, "2026-03-09", "week", "machine", "m1"),
            # Of the first week b came back only on Sunday; a once.
            Figure("epei_days", 7 / 2, "2026-03-02", "week"),
        ),
    ),
]
