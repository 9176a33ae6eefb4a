"""Plants without worked answers: what the golden ones leave out, told by the oracle alone."""

from __future__ import annotations

from datetime import datetime

from odd_flow_plants import ODD_FLOW
from odd_maintenance_plants import ODD_MAINTENANCE
from vector import Vector

COUNTS = (
    "run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty"
)
RATES = """
    item_id,valid_from,ideal_cycle_s
    i1,2026-01-01 00:00:00,60
"""
REASONS = """
    reason_kind,reason_id,state,is_failure
    stop,broken,delay,true
    stop,jam,delay,false
    stop,pause,planned_down,false
    stop,unclear,,false
"""
LINES = """
    machine_id,line_id
    m1,l1
    m2,l1
    m3,l2
"""

ODD_PLANTS = [
    Vector(
        name="odd_versions",
        shows="Rows that come again: corrected, deleted, and older than what came before them.",
        files={
            "standard_rates": RATES,
            "reasons": REASONS,
            "machine_states_20260303_060000": """
                state_id,machine_id,layer,start_at,end_at,state,reason_id,changed_at,is_deleted
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 10:00:00,producing,,,false
                s2,m1,1,2026-03-02 07:00:00,2026-03-02 08:00:00,,broken,,false
                s3,m1,0,2026-03-02 10:00:00,2026-03-02 12:00:00,setup,,2026-03-03 05:00:00,false
                s4,m1,0,2026-03-02 12:00:00,2026-03-02 14:00:00,no_order,,2026-03-02 15:00:00,false
                s5,m1,0,2026-03-03 06:00:00,,producing,,,false
            """,
            "machine_states_20260304_060000": """
                state_id,machine_id,layer,start_at,end_at,state,reason_id,changed_at,is_deleted
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 11:00:00,producing,,,false
                s2,m1,1,2026-03-02 07:00:00,2026-03-02 08:00:00,,broken,,true
                s3,m1,0,2026-03-02 10:00:00,2026-03-02 12:00:00,delay,,2026-03-03 04:00:00,false
                s4,m1,0,2026-03-02 12:00:00,2026-03-02 14:00:00,rework,,2026-03-02 16:00:00,false
                s6,m1,1,2026-03-03 09:00:00,2026-03-03 09:30:00,,jam,,false
            """,
            "production_counts_20260303_060000": f"""
                {COUNTS},is_deleted
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 10:00:00,100,90,10,0,false
                r2,m1,i1,1,2026-03-02 10:00:00,2026-03-02 11:00:00,50,50,0,0,false
                r3,m1,i1,1,2026-03-03 06:00:00,,20,20,0,0,false
            """,
            "production_counts_20260304_060000": f"""
                {COUNTS},is_deleted
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 10:00:00,100,80,15,5,false
                r2,m1,i1,1,2026-03-02 10:00:00,2026-03-02 11:00:00,50,50,0,0,true
            """,
        },
    ),
    Vector(
        name="odd_overlaps",
        shows="States over one another: by layer, later start and earlier end; failures inside "
        "failures; stops without a reason, with an unknown one, and with one of no state.",
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00")),
        delivered_at=datetime(2026, 3, 4, 12),
        files={
            "reasons": REASONS,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state,reason_id
                s1,m1,0,2026-03-02 05:00:00,2026-03-02 12:00:00,producing,
                s2,m1,0,2026-03-02 10:00:00,2026-03-02 11:00:00,setup,
                s3,m1,0,2026-03-02 10:00:00,2026-03-02 13:00:00,no_order,
                s4,m1,1,2026-03-02 06:30:00,2026-03-02 09:00:00,,broken
                s5,m1,1,2026-03-02 07:00:00,2026-03-02 07:30:00,,jam
                s6,m1,2,2026-03-02 08:00:00,2026-03-02 08:10:00,,broken
                s7,m1,1,2026-03-02 12:30:00,2026-03-02 15:30:00,,pause
                s8,m1,1,2026-03-02 15:30:00,2026-03-02 15:45:00,,broken
                s9,m1,1,2026-03-02 15:45:00,2026-03-02 16:00:00,,broken
                s10,m1,1,2026-03-02 16:00:00,2026-03-02 16:20:00,,
                s11,m1,1,2026-03-02 16:30:00,2026-03-02 16:40:00,,nobody_knows
                s12,m1,1,2026-03-02 16:50:00,2026-03-02 17:00:00,,unclear
                s13,m1,0,2026-03-02 16:00:00,,producing,
                s14,m1,0,2026-03-03 07:00:00,2026-03-03 09:00:00,rework,
                s15,m1,1,2026-03-03 21:30:00,2026-03-03 22:30:00,,broken
                s16,m1,1,2026-03-03 23:00:00,2026-03-03 23:30:00,,broken
                s17,m1,0,2026-03-04 06:00:00,2026-03-04 10:00:00.25,setup,
            """,
        },
    ),
    Vector(
        name="odd_calendar",
        shows="A delivered calendar: shifts of a line and of a machine, planned stops "
        "of each, work in planned stops and outside of shifts.",
        shifts=(),
        files={
            "machines": LINES,
            "standard_rates": RATES,
            "shift_calendar": """
                shift_id,shift_code,line_id,machine_id,production_date,start_at,end_at,planned_stop
                d1,D,l1,,2026-03-02,2026-03-02 06:00:00,2026-03-02 14:00:00,
                p1,D,l1,,2026-03-02,2026-03-02 10:00:00,2026-03-02 10:30:00,break
                d2,D,,m3,2026-03-02,2026-03-02 08:00:00,2026-03-02 20:00:00,
                p2,D,,m3,2026-03-02,2026-03-02 12:00:00,2026-03-02 13:00:00,cleaning
                d3,D,l1,,2026-03-03,2026-03-03 06:00:00,2026-03-03 14:00:00,
                p3,D,,m2,2026-03-03,2026-03-03 09:00:00,2026-03-03 09:20:00,break
                d4,D,,m3,2026-03-03,2026-03-03 22:00:00,2026-03-04 08:00:00,
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 16:00:00,producing
                s2,m2,0,2026-03-02 06:00:00,2026-03-02 09:50:00,producing
                s3,m2,0,2026-03-02 10:40:00,2026-03-02 13:00:00,no_order
                s4,m3,0,2026-03-02 06:00:00,2026-03-03 06:00:00,producing
                s5,m1,0,2026-03-03 06:00:00,2026-03-03 14:00:00,setup
                s6,m2,0,2026-03-03 06:00:00,2026-03-03 14:00:00,producing
                s7,m3,0,2026-03-03 23:00:00,2026-03-04 06:00:00,producing
                s8,m3,1,2026-03-02 12:10:00,2026-03-02 12:40:00,setup
            """,
            "production_counts": f"""
                {COUNTS}
                r1,m1,i1,1,2026-03-02 05:00:00,2026-03-02 14:00:00,300,290,10,0
                r2,m1,i1,1,2026-03-02 14:00:00,2026-03-02 16:00:00,70,60,5,5
                r3,m2,i1,1,2026-03-02 06:00:00,2026-03-02 10:15:00,200,200,0,0
                r4,m3,i1,1,2026-03-02 06:00:00,2026-03-02 07:00:00,50,45,5,0
                r5,m3,i1,1,2026-03-02 08:00:00,2026-03-02 18:00:00,400,390,0,10
                r6,m2,i1,1,2026-03-03 06:00:00,2026-03-03 14:00:00,350,350,0,0
                r7,m3,i1,1,2026-03-03 23:00:00,2026-03-04 05:30:00,300,280,20,0
            """,
        },
    ),
    Vector(
        name="odd_spread",
        shows="Runs spread over their run time: over planned stops, with rework and gaps that "
        "nobody watched, over days, before and after the states, of a machine that only stood, of "
        "one without states, with counts that are not all known.",
        time_zone="Europe/Madrid",
        plants_toml='run_booking = "run_time"',
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00"), ("N", "22:00", "06:00")),
        shift_days={"N": ("mon", "tue", "fri", "sat")},
        files={
            "machines": LINES,
            "standard_rates": """
                item_id,valid_from,ideal_cycle_s
                i1,2026-01-01 00:00:00,60
                i2,2026-01-01 00:00:00,45
            """,
            "shift_calendar": """
                shift_id,shift_code,line_id,machine_id,production_date,start_at,end_at,planned_stop
                d1,D,,,2026-03-24,2026-03-24 06:00:00,2026-03-24 18:00:00,
                p1,D,,,2026-03-24,2026-03-24 11:00:00,2026-03-24 12:00:00,lunch
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-24 07:00:00,2026-03-24 12:20:00,producing
                s2,m1,1,2026-03-24 09:10:00,2026-03-24 09:55:00,delay
                s3,m1,0,2026-03-24 12:30:00,2026-03-25 03:00:00,rework
                s4,m1,0,2026-03-25 03:00:00,2026-03-25 15:00:00,setup
                s5,m1,0,2026-03-26 05:00:00,2026-03-29 12:00:00,producing
                s6,m2,0,2026-03-24 06:00:00,2026-03-29 04:00:00,no_order
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-24 06:30:00,2026-03-24 20:00:00,500,480,13,7
                r2,m1,i1,2,2026-03-24 20:00:00,2026-03-25 16:00:00,7,5,2,0
                r3,m1,i2,1,2026-03-25 16:00:00,2026-03-28 07:00:00,1000,,,
                r4,m1,i1,1,2026-03-28 20:00:00,2026-03-29 12:30:00,74,70,3,1
                r5,m2,i1,1,2026-03-24 12:00:00,2026-03-25 12:00:00,77,76,1,0
                r6,m3,i2,1,2026-03-24 20:00:00,2026-03-26 09:00:00,333,300,33,0
                r7,m1,i2,1,2026-03-22 22:00:00,2026-03-23 09:00:00,90,80,,
            """,
        },
    ),
    Vector(
        name="odd_standards",
        shows="Standards that change, belong to one machine, or are missing; items that only the "
        "operation or the order knows.",
        files={
            "machines": LINES,
            "standard_rates": """
                item_id,machine_id,valid_from,valid_to,ideal_cycle_s
                i1,,2026-01-01 00:00:00,2026-03-02 08:00:00,60
                i1,,2026-03-02 08:00:00,,50
                i1,m2,2026-01-01 00:00:00,2026-03-02 12:00:00,40
                i2,m1,2026-03-02 09:00:00,,30
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s2,m2,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s3,m3,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
            """,
            "order_operations": """
                operation_id,order_id,sequence_no,item_id
                o1,a,10,i1
                o2,b,10,
            """,
            "production_orders": """
                order_id,item_id,released_at,completed_at,is_cancelled
                b,i2,2026-03-01 06:00:00,2026-03-02 15:00:00,false
                c,i2,2026-03-01 06:00:00,2026-03-02 16:00:00,true
            """,
            "production_counts": """
                run_id,machine_id,operation_id,order_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty,ideal_cycle_s
                r1,m1,,,i1,1,2026-03-02 07:59:59,2026-03-02 08:30:00,20,20,0,0,
                r2,m1,o1,,,1,2026-03-02 08:30:00,2026-03-02 09:00:00,25,20,5,0,
                r3,m1,o2,,,1,2026-03-02 09:00:00,2026-03-02 10:00:00,80,70,0,10,
                r4,m1,,b,,1,2026-03-02 10:00:00,2026-03-02 11:00:00,80,80,0,0,
                r5,m2,,,i1,1,2026-03-02 06:00:00,2026-03-02 11:00:00,300,300,0,0,
                r6,m2,,,i1,1,2026-03-02 12:00:00,2026-03-02 14:00:00,100,99,1,0,
                r7,m3,,,i2,1,2026-03-02 06:00:00,2026-03-02 10:00:00,100,99,1,0,
                r8,m3,,,i2,1,2026-03-02 10:00:00,2026-03-02 14:00:00,100,99,1,0,45
            """,
        },
    ),
    Vector(
        name="odd_gaps",
        shows="One machine counts nothing, one delivers no states, one says how many it made and "
        "not how many were good; runs end after the last state, or have not ended.",
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00")),
        files={
            "machines": LINES,
            "standard_rates": RATES,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-03 14:00:00,producing
                s2,m2,0,2026-03-02 06:00:00,2026-03-02 09:00:00,producing
                s3,m4,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s4,m4,0,2026-03-02 15:00:00,2026-03-03 12:00:00,no_order
            """,
            "production_counts_20260303_200000": f"""
                {COUNTS}
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,400,380,20,0
                r2,m1,i1,1,2026-03-02 22:30:00,2026-03-02 23:30:00,50,40,10,0
                r3,m3,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,200,190,0,10
                r4,m3,i1,2,2026-03-02 14:00:00,2026-03-02 15:00:00,10,9,1,0
                r5,m4,i1,1,2026-03-02 06:00:00,2026-03-02 13:00:00,300,,,
                r6,m4,i1,1,2026-03-02 13:00:00,2026-03-02 14:00:00,100,90,5,5
                r7,m1,i1,1,2026-03-03 06:00:00,2026-03-03 18:00:00,100,90,10,0
                r8,m1,i1,1,2026-03-03 18:00:00,,30,30,0,0
            """,
        },
    ),
    Vector(
        name="odd_counters",
        shows="Counters read together and apart, alone and by twos and threes, across shifts and "
        "changes of item, reset and rolled over, beside a run.",
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00")),
        files={
            "machines": LINES,
            "standard_rates": """
                item_id,valid_from,ideal_cycle_s
                i1,2026-01-01 00:00:00,60
                i2,2026-01-01 00:00:00,40
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 22:00:00,producing
                s2,m2,0,2026-03-02 06:00:00,2026-03-02 22:00:00,producing
                s3,m3,0,2026-03-02 06:00:00,2026-03-02 22:00:00,producing
                s4,m4,0,2026-03-02 06:00:00,2026-03-02 22:00:00,producing
            """,
            "production_orders": """
                order_id,item_id,released_at,completed_at,is_cancelled
                b,i2,2026-03-01 06:00:00,2026-03-02 15:00:00,false
            """,
            "production_counts": f"""
                {COUNTS}
                r1,m1,i1,1,2026-03-02 08:30:00,2026-03-02 09:30:00,60,55,5,0
            """,
            "counter_readings_20260303_060000": """
                machine_id,counter,read_at,reading_qty,rollover_qty,order_id,item_id
                m1,produced,2026-03-02 06:00:00,5,1000,,
                m1,produced,2026-03-02 08:00:00,130,1000,,i1
                m1,produced,2026-03-02 10:00:00,260,1000,,i1
                m1,produced,2026-03-02 12:00:00,380,1000,,i2
                m1,produced,2026-03-02 16:00:00,900,1000,b,
                m1,produced,2026-03-02 20:00:00,100,1000,b,
                m1,produced,2026-03-02 21:00:00,20,1000,,i1
                m1,scrap,2026-03-02 06:00:00,0,,,
                m1,scrap,2026-03-02 10:20:00,4,,,i1
                m1,scrap,2026-03-02 14:05:00,9,,,i2
                m1,scrap,2026-03-02 20:00:00,3,,b,
                m2,produced,2026-03-02 06:00:00,0,,,
                m2,good,2026-03-02 06:00:00,0,,,
                m2,scrap,2026-03-02 06:00:00,0,,,
                m2,produced,2026-03-02 13:00:00,300,,,i1
                m2,good,2026-03-02 13:00:00,280,,,i1
                m2,scrap,2026-03-02 13:00:00,15,,,i1
                m2,produced,2026-03-02 21:00:00,600.5,,,i1
                m2,good,2026-03-02 21:00:00,570.5,,,i1
                m2,scrap,2026-03-02 21:00:00,29,,,i1
                m4,produced,2026-03-02 07:00:00,10,,,i1
                m4,produced,2026-03-02 14:00:00,110,,,i1
                m4,produced,2026-03-02 20:00:00,110,,,i1
                m4,good,2026-03-02 14:00:00,90,,,i1
                m4,good,2026-03-02 20:00:00,90,,,i1
            """,
            "counter_readings_20260304_060000": """
                machine_id,counter,read_at,reading_qty,is_deleted
                m2,good,2026-03-02 13:00:00,0,true
                m2,produced,2026-03-02 14:00:00,310,
            """,
        },
    ),
    Vector(
        name="odd_maintenance",
        shows="Maintenance orders of all kinds, some without times, finished around midnight.",
        time_zone="Europe/Madrid",
        files={
            "machines": LINES,
            "maintenance_orders": """
                maintenance_order_id,machine_id,maintenance_kind,is_breakdown,reported_at,started_at,finished_at
                w1,m1,corrective,true,2026-03-02 08:00:00,2026-03-02 09:00:00,2026-03-02 11:30:00
                w2,m1,corrective,false,2026-03-02 08:00:00,2026-03-02 12:00:00,2026-03-02 13:00:00
                w3,m1,corrective,,2026-03-02 08:00:00,2026-03-02 14:00:00,2026-03-02 14:30:00
                w4,m2,preventive,true,2026-03-02 08:00:00,2026-03-02 20:00:00,2026-03-03 00:30:00
                w5,m2,corrective,true,2026-03-02 08:00:00,,2026-03-03 10:00:00
                w6,m3,other,true,2026-03-02 08:00:00,2026-03-02 09:00:00,2026-03-02 10:00:00
                w7,m3,preventive,false,2026-03-02 08:00:00,2026-03-02 10:00:00,2026-03-02 12:00:00
                w8,m3,corrective,true,2026-03-02 08:00:00,2026-03-02 10:00:00,
            """,
        },
    ),
    *ODD_MAINTENANCE,
    *ODD_FLOW,
]
