"""Odd plants of flow: orders nobody released, quiet days, demand without a calendar, batches."""

from __future__ import annotations

from vector import Vector

SALES = (
    "sales_order_line_id,sales_order_id,item_id,uom,ordered_qty,ordered_at,requested_date,"
    "first_promised_date,promised_date,is_cancelled"
)

ODD_FLOW = [
    Vector(
        name="odd_wip",
        shows="Orders without an item or a release, cancelled ones, ones completed as they were "
        "released; a day of 23 hours, and days on which nothing happened.",
        time_zone="Europe/Madrid",
        files={
            "production_orders_20260409_060000": """
                order_id,item_id,planned_qty,released_at,completed_at,is_cancelled
                a,i1,5,2026-03-26 10:00:00,2026-03-27 10:00:00,false
                b,i1,5,2026-03-27 10:00:00,2026-03-31 09:00:00,false
                c,,5,2026-03-28 20:00:00,2026-03-29 04:00:00,false
                d,i2,5,,2026-03-29 12:00:00,false
                e,i3,5,,2026-03-30 12:00:00,false
                f,i2,5,2026-03-25 10:00:00,2026-03-26 10:00:00,true
                g,i2,5,2026-03-30 10:00:00,2026-03-30 10:00:00,false
                h,i1,5,2026-03-30 10:00:00,2026-03-30 11:00:00,false
                i,i4,5,2026-03-31 10:00:00,,false
                j,i4,5,,,false
            """,
        },
    ),
    Vector(
        name="odd_demand",
        shows="Demand by the day asked for, promised first, promised last and ordered; of nothing, "
        "of an item in two units, cancelled, and of a day long ago; a night shift and a break.",
        shifts=(),
        time_zone="Europe/Madrid",
        files={
            # The calendar ends on the 7th; the plant went on.
            "shift_calendar": """
                shift_id,shift_code,line_id,machine_id,production_date,start_at,end_at,planned_stop
                n2,N,,,2026-03-02,2026-03-02 22:00:00,2026-03-03 06:00:00,
                d3,D,,,2026-03-03,2026-03-03 06:00:00,2026-03-03 14:00:00,
                b3,D,,,2026-03-03,2026-03-03 09:00:00,2026-03-03 09:30:00,break
                l3,D,l1,,2026-03-03,2026-03-03 11:00:00,2026-03-03 11:30:00,break
                n4,N,,,2026-03-04,2026-03-04 22:00:00,2026-03-05 06:00:00,
                d7,D,,,2026-03-07,2026-03-07 06:00:00,2026-03-07 14:00:00,
            """,
            "sales_order_lines_20260312_060000": f"""
                {SALES}
                1,a,i1,PC,100,2026-03-01 09:00:00,2026-03-03,2026-03-04,2026-03-05,false
                2,a,i1,PC,50,2026-03-01 09:00:00,,2026-03-04,2026-03-06,false
                3,a,i2,PC,20,2026-03-01 09:00:00,,,2026-03-05,false
                4,a,i2,PC,10,2026-03-04 00:30:00,,,,false
                5,a,i3,PC,0,2026-03-01 09:00:00,2026-03-04,,,false
                6,a,i1,PC,70,2026-03-01 09:00:00,2026-03-02,,,true
                7,a,i4,KG,5,2026-03-01 09:00:00,2026-03-06,,,false
                8,a,i4,PC,5,2026-03-01 09:00:00,2026-03-06,,,false
                9,a,i1,PC,30,2026-03-01 09:00:00,2026-03-10,,,false
                10,a,i1,PC,30,2026-03-01 09:00:00,2026-03-20,,,false
                11,a,i5,PC,30,2026-03-01 09:00:00,2026-03-05,,,true
                12,a,i6,PC,40,2026-03-01 09:00:00,2026-03-07,,,false
            """,
        },
    ),
    Vector(
        name="odd_early_demand",
        shows="A day asked for long before anything else is known of the plant.",
        files={
            "sales_order_lines_20260312_060000": f"""
                {SALES}
                1,a,i1,PC,100,2026-03-06 09:00:00,2026-01-05,,,false
                2,a,i1,PC,50,2026-03-06 09:00:00,2026-03-09,,,false
            """,
        },
    ),
    Vector(
        name="odd_batches",
        shows="Batches over weeks and months, with rework and runs of unknown items between them, "
        "on machines that share items, and items that only the order knows.",
        files={
            "production_orders": """
                order_id,item_id,released_at,completed_at,is_cancelled
                x,a,2026-03-20 06:00:00,,false
            """,
            "production_counts": """
                run_id,machine_id,order_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,,a,1,2026-03-22 22:00:00,2026-03-23 10:00:00,10,10,0,0
                r2,m1,,b,2,2026-03-23 10:00:00,2026-03-23 12:00:00,10,10,0,0
                r3,m1,,a,1,2026-03-23 12:00:00,2026-03-23 14:00:00,0,0,0,0
                r4,m1,,b,1,2026-03-23 14:00:00,2026-03-23 16:00:00,10,10,0,0
                r5,m1,x,,1,2026-03-24 14:00:00,2026-03-24 16:00:00,10,10,0,0
                r6,m1,,,1,2026-03-25 14:00:00,2026-03-25 16:00:00,10,10,0,0
                r7,m1,,a,1,2026-03-26 14:00:00,2026-03-26 16:00:00,10,10,0,0
                r8,m2,,a,1,2026-03-24 06:00:00,2026-03-24 16:00:00,10,10,0,0
                r9,m2,,b,1,2026-03-25 06:00:00,2026-03-25 16:00:00,10,10,0,0
                r10,m2,,a,1,2026-03-29 23:00:00,2026-03-30 08:00:00,10,10,0,0
                r11,m2,,b,1,2026-03-31 23:00:00,2026-04-01 08:00:00,10,10,0,0
                r12,m2,,,1,2026-04-01 09:00:00,2026-04-01 10:00:00,10,10,0,0
                r13,m2,,a,1,2026-04-01 11:00:00,,10,10,0,0
            """,
        },
    ),
]
