"""Odd plants of maintenance: stops and orders that hardly match, plans that were not kept."""

from __future__ import annotations

from vector import Vector

REASONS = """
    reason_kind,reason_id,state,is_failure
    stop,broken,delay,true
    stop,torn,delay,true
    stop,jam,delay,false
"""
LINES = """
    machine_id,line_id
    m1,l1
    m2,l1
    m3,l2
"""

ODD_MAINTENANCE = [
    Vector(
        name="odd_restorations",
        shows="Orders between two stops, before one, beyond its edge; stops in pieces and inside "
        "one another; phases that nobody states, and ones that contradict each other.",
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00")),
        time_zone="Europe/Madrid",
        files={
            "machines": LINES,
            "reasons": REASONS,
            # Failures of m1: 07:00 to 08:00 in two pieces, 09:00, 09:30, 12:55 to 15:00 over a
            # change of shifts and 15:05, 19:00 with another inside it, 22:30 to 23:45. m2 jams, m3
            # has no states.
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state,reason_id
                s1,m1,0,2026-03-02 05:00:00,2026-03-03 05:00:00,producing,
                s2,m1,1,2026-03-02 07:00:00,2026-03-02 07:30:00,,broken
                s3,m1,1,2026-03-02 07:30:00,2026-03-02 08:00:00,,broken
                s4,m1,1,2026-03-02 09:00:00,2026-03-02 09:10:00,,torn
                s5,m1,1,2026-03-02 12:55:00,2026-03-02 15:00:00,,broken
                s6,m1,1,2026-03-02 19:00:00,2026-03-02 21:00:00,,broken
                s7,m1,1,2026-03-02 19:30:00,2026-03-02 20:00:00,,torn
                s8,m1,1,2026-03-02 22:30:00,2026-03-02 23:45:00,,torn
                s11,m1,1,2026-03-02 09:30:00,2026-03-02 09:40:00,,broken
                s12,m1,1,2026-03-02 15:05:00,2026-03-02 15:10:00,,torn
                s9,m2,0,2026-03-02 05:00:00,2026-03-02 21:00:00,producing,
                s10,m2,1,2026-03-02 10:00:00,2026-03-02 11:00:00,,jam
            """,
            # o1 lies between two stops: the first has just ended when it is reported. o2 and o3 are
            # of one stop, o2 from before it, o3 from its end, when the next one is not far. o4 ends
            # 15 minutes before a stop, o5 a second earlier. o6 comes when a failure goes on after
            # another one inside it. o7 arrived after work began, o8 before the report, o9 waited
            # longer for parts than it worked. o10 has no times, o11 no stop, o12 no states at all;
            # o13 is not finished. o14 is reported as far from one stop as from the other.
            "maintenance_orders": """
                maintenance_order_id,machine_id,maintenance_kind,is_breakdown,reported_at,responded_at,started_at,finished_at,parts_waiting_s
                o1,m1,corrective,true,2026-03-02 08:05:00,2026-03-02 08:10:00,2026-03-02 08:20:00,2026-03-02 09:30:00,600
                o2,m1,corrective,true,2026-03-02 12:50:00,,2026-03-02 13:00:00,2026-03-02 13:40:00,
                o3,m1,corrective,true,2026-03-02 14:50:00,2026-03-02 14:50:00,2026-03-02 14:55:00,2026-03-02 15:20:00,0
                o4,m1,corrective,true,2026-03-02 18:00:00,,2026-03-02 18:10:00,2026-03-02 18:45:00,60
                o5,m1,corrective,true,2026-03-02 18:00:00,,2026-03-02 18:10:00,2026-03-02 18:44:59,60
                o6,m1,corrective,true,2026-03-02 20:05:00,2026-03-02 20:06:00,,2026-03-02 20:40:00,60
                o7,m1,corrective,true,2026-03-02 22:35:00,2026-03-02 22:50:00,2026-03-02 22:40:00,2026-03-02 23:40:00,0
                o8,m1,corrective,true,2026-03-02 22:40:00,2026-03-02 22:30:00,2026-03-02 22:45:00,2026-03-03 00:10:00,0
                o9,m1,corrective,true,2026-03-02 23:00:00,2026-03-02 23:05:00,2026-03-02 23:10:00,2026-03-02 23:20:00,1800
                o10,m1,corrective,true,2026-03-03 01:00:00,,,2026-03-03 02:00:00,
                o11,m2,corrective,true,2026-03-02 10:05:00,,2026-03-02 10:10:00,2026-03-02 11:00:00,0
                o12,m3,corrective,true,2026-03-02 10:05:00,,2026-03-02 10:10:00,2026-03-02 11:00:00,0
                o13,m1,corrective,true,2026-03-03 03:00:00,2026-03-03 03:10:00,2026-03-03 03:20:00,,
                o14,m1,corrective,true,2026-03-02 09:20:00,,2026-03-02 09:22:00,2026-03-02 09:35:00,0
            """,
        },
    ),
    Vector(
        name="odd_operation",
        shows="Machines that fail without ever having worked, work without failing, and stand; "
        "stops with and without a reason, in and out of shifts.",
        files={
            "machines": LINES,
            "reasons": REASONS,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state,reason_id
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 14:00:00,no_order,
                s2,m1,1,2026-03-02 07:00:00,2026-03-02 08:00:00,,broken
                s3,m2,0,2026-03-02 06:00:00,2026-03-02 20:00:00,setup,
                s4,m3,0,2026-03-02 06:00:00,2026-03-02 12:00:00,planned_down,
                s5,m3,0,2026-03-02 12:00:00,2026-03-02 16:00:00,delay,
                s6,m3,0,2026-03-02 16:00:00,2026-03-02 18:00:00,delay,jam
                s7,m3,0,2026-03-03 06:00:00,2026-03-03 07:00:00,no_order,unheard_of
            """,
        },
    ),
    Vector(
        name="odd_preventive",
        shows="Preventive work around the edges of its tolerance, in the plant's days; what may "
        "still be done in time, what was due while nothing happened, and what has no due date.",
        time_zone="Europe/Madrid",
        files={
            "machines": LINES,
            # Late by three days and, half an hour after midnight, by four; early by three and by
            # four; overdue since yesterday and not yet; done before it is due, much too early and
            # in time; an order of corrective work; two without a due date, one due long ago.
            "maintenance_orders_20260320_060000": """
                maintenance_order_id,machine_id,maintenance_kind,reported_at,started_at,finished_at,due_at
                p1,m1,preventive,2026-02-10 08:00:00,2026-03-05 20:00:00,2026-03-05 23:30:00,2026-03-02 10:00:00
                p2,m1,preventive,2026-02-10 08:00:00,2026-03-05 20:00:00,2026-03-06 00:30:00,2026-03-02 10:00:00
                p3,m2,preventive,2026-02-10 08:00:00,2026-03-02 08:00:00,2026-03-02 09:00:00,2026-03-05 23:30:00
                p4,m2,preventive,2026-02-10 08:00:00,2026-03-02 08:00:00,2026-03-02 09:00:00,2026-03-06 00:30:00
                p5,m3,preventive,2026-02-10 08:00:00,,,2026-03-16 12:00:00
                p6,m3,preventive,2026-02-10 08:00:00,,,2026-03-17 12:00:00
                p7,m3,preventive,2026-02-10 08:00:00,2026-03-08 08:00:00,2026-03-08 09:00:00,2026-03-22 12:00:00
                p8,m3,preventive,2026-02-10 08:00:00,2026-03-09 08:00:00,2026-03-09 09:00:00,2026-03-12 12:00:00
                p9,m1,corrective,2026-02-10 08:00:00,2026-03-03 08:00:00,2026-03-03 09:00:00,2026-03-03 12:00:00
                p10,m1,preventive,2026-02-10 08:00:00,2026-03-04 08:00:00,2026-03-04 09:00:00,
                p11,m2,preventive,2026-02-10 08:00:00,,,
                p12,m2,preventive,2026-02-10 08:00:00,,,2026-01-05 12:00:00
            """,
        },
    ),
    Vector(
        name="odd_crew",
        shows="Hours worked, planned and open, some of them stated by nobody; a month without any "
        "order, and weeks in which nothing was finished.",
        time_zone="Europe/Madrid",
        files={
            "machines": LINES,
            # w3 was finished in January in UTC; w5 does not say whether it was planned, w6 not
            # how long it took; b2 has no planned hours, b3 was reported after it had been finished.
            "maintenance_orders_20260512_060000": """
                maintenance_order_id,machine_id,maintenance_kind,reported_at,started_at,finished_at,is_planned,planned_labour_s,labour_s
                w1,m1,preventive,2026-01-20 08:00:00,2026-01-21 08:00:00,2026-01-21 12:00:00,true,14400,18000
                w2,m1,corrective,2026-01-22 08:00:00,2026-01-22 09:00:00,2026-01-22 12:00:00,false,7200,10800
                w3,m2,corrective,2026-01-31 08:00:00,2026-01-31 09:00:00,2026-02-01 00:30:00,false,,3600
                w4,m2,other,2026-02-02 08:00:00,2026-02-03 08:00:00,2026-02-03 09:00:00,true,3600,0
                w5,m2,corrective,2026-02-04 08:00:00,2026-02-05 08:00:00,2026-02-05 09:00:00,,3600,7200
                w6,m3,corrective,2026-02-04 08:00:00,2026-02-05 08:00:00,2026-02-05 09:00:00,true,3600,
                w7,m3,corrective,2026-02-16 08:00:00,2026-02-16 09:00:00,2026-02-17 09:00:00,true,3600,9000
                b1,m3,corrective,2026-02-20 08:00:00,,,true,90000,
                b2,m3,corrective,2026-05-04 08:00:00,2026-05-05 08:00:00,,true,,
                b3,m1,corrective,2026-05-07 08:00:00,2026-05-06 08:00:00,2026-05-06 10:00:00,false,3600,7200
            """,
        },
    ),
]
