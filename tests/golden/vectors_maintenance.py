"""Maintenance: failures, the phases of a restoration, preventive work, crew and backlog."""

from __future__ import annotations

from vector import Answer, Figure, Vector

VECTORS = [
    Vector(
        name="restoration_phases",
        shows="Two stops with an order, one without, and an order without a stop; the phases of "
        "each restoration add up to it.",
        shifts=(("A", "06:00", "14:00"),),
        files={
            "machines": """
                machine_id,line_id
                m1,l1
                m2,l2
            """,
            "reasons": """
                reason_kind,reason_id,reason_name,state,is_failure
                stop,f1,Spindle,delay,true
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state,reason_id
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing,
                s2,m1,1,2026-03-02 08:00:00,2026-03-02 10:00:00,,f1
                s3,m1,1,2026-03-02 12:00:00,2026-03-02 12:30:00,,f1
                s4,m1,1,2026-03-02 13:00:00,2026-03-02 13:20:00,,f1
                s5,m2,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing,
            """,
            # The third order's machine never stopped; the fourth is preventive work.
            "maintenance_orders": """
                maintenance_order_id,machine_id,maintenance_kind,is_breakdown,reported_at,responded_at,started_at,finished_at,parts_waiting_s
                o1,m1,corrective,true,2026-03-02 08:10:00,2026-03-02 08:25:00,2026-03-02 08:30:00,2026-03-02 10:00:00,1800
                o2,m1,corrective,true,2026-03-02 12:00:00,,2026-03-02 12:10:00,2026-03-02 12:40:00,0
                o3,m2,corrective,true,2026-03-02 06:30:00,,2026-03-02 06:35:00,2026-03-02 06:50:00,
                o4,m1,preventive,false,2026-03-02 10:30:00,,2026-03-02 10:30:00,2026-03-02 11:30:00,
            """,
        },
        figures=(
            # 8 h less stops of 120, 30 and 20 minutes are 310 minutes of operation.
            Figure("mtbf_h", 310 / 60 / 3, "2026-03-02", scope_type="machine", scope_id="m1"),
            Figure("mttf_h", 310 / 60 / 4, "2026-03-02", scope_type="machine", scope_id="m1"),
            # A mean below 8 h / ln 10 would have shown a failure nine times in ten.
            Figure(
                "mtbf_h",
                None,
                "2026-03-02",
                scope_type="machine",
                scope_id="m2",
                withheld_reason="no failure in 8.0 h: above 3.5 h with 90 % confidence",
            ),
            Figure("mttf_h", 8.0, "2026-03-02", scope_type="machine", scope_id="m2"),
            Figure(
                "mttf_h",
                (310 / 60 + 8) / 5,
                "2026-03-02",
                numerator=310 / 60 + 8,
                denominator=5,
            ),
            Figure("mttr_h", 1.0, "2026-03-02", scope_type="machine", scope_id="m1"),
            Figure("mttr_h", 2.25 / 3, "2026-03-02", numerator=2.25, denominator=3),
            Figure(
                "corrective_maintenance_ratio",
                120 / 180,
                "2026-03-02",
                scope_type="machine",
                scope_id="m1",
            ),
            # Minutes of the two restorations, of 120 and 40: 10 + 25 + 35 + 90 = 160.
            Figure("time_to_detect_h", 10 / 120, "2026-03-02", scope_type="machine", scope_id="m1"),
            Figure(
                "time_to_respond_h", 25 / 120, "2026-03-02", scope_type="machine", scope_id="m1"
            ),
            Figure("waiting_time_h", 35 / 120, "2026-03-02", scope_type="machine", scope_id="m1"),
            Figure("repair_time_h", 90 / 120, "2026-03-02", scope_type="machine", scope_id="m1"),
            Figure(
                "time_to_detect_h",
                None,
                "2026-03-02",
                coverage_ratio=2 / 3,
                withheld_reason="breakdown orders without a stop of their machine",
            ),
            Figure(
                "repair_time_h",
                None,
                "2026-03-02",
                scope_type="machine",
                scope_id="m2",
                withheld_reason="do not state the waiting",
            ),
            Figure(
                "planned_work_ratio",
                None,
                "2026-03-01",
                "month",
                withheld_reason="no order that says whether it was planned",
            ),
        ),
        answers=(
            Answer(
                "select machine_id, match_kind, stop_s::double, maintenance_order_id, "
                "order_s::double, report_delay_s::double from mart_stop_reconciliation "
                "where plant_id = {plant} order by machine_id, stop_start_at",
                [
                    ("m1", "matched", 7200.0, "o1", 6600.0, 600.0),
                    ("m1", "matched", 1800.0, "o2", 2400.0, 0.0),
                    ("m1", "stop_without_order", 1200.0, None, None, None),
                    ("m2", "order_without_stop", None, "o3", 1200.0, None),
                ],
            ),
        ),
    ),
    Vector(
        name="preventive_plan",
        shows="Of six orders due in March three were finished in time; the open one counts, and "
        "one that is not due yet does not. Of the finished ones alone it would be 3 of 5.",
        files={
            "maintenance_orders": """
                maintenance_order_id,machine_id,maintenance_kind,reported_at,started_at,finished_at,due_at
                p1,m1,preventive,2026-02-10 08:00:00,2026-03-03 08:00:00,2026-03-03 09:00:00,2026-03-02 00:00:00
                p2,m1,preventive,2026-02-10 08:00:00,2026-03-10 08:00:00,2026-03-10 09:00:00,2026-03-04 00:00:00
                p3,m1,preventive,2026-02-10 08:00:00,,,2026-03-05 00:00:00
                p4,m1,preventive,2026-02-10 08:00:00,2026-02-20 08:00:00,2026-02-20 09:00:00,2026-03-06 00:00:00
                p5,m1,preventive,2026-02-10 08:00:00,2026-03-18 08:00:00,2026-03-18 09:00:00,2026-03-20 00:00:00
                p6,m1,preventive,2026-03-10 08:00:00,,,2026-04-29 00:00:00
                p7,m1,preventive,2026-03-10 08:00:00,2026-03-25 08:00:00,2026-03-25 09:00:00,2026-03-25 00:00:00
            """,
        },
        figures=(
            Figure(
                "pm_compliance_ratio",
                0.5,
                "2026-03-01",
                "month",
                numerator=3,
                denominator=6,
                coverage_ratio=1.0,
            ),
            # From 2 to 8 March four were due; one of them was done on the day after.
            Figure("pm_compliance_ratio", 0.25, "2026-03-02", "week"),
            Figure(
                "pm_compliance_ratio",
                None,
                "2026-02-01",
                "month",
                withheld_reason="no preventive order due",
            ),
        ),
    ),
    Vector(
        name="preventive_tolerance",
        shows="A plant may set its own tolerance: with seven days the order of six days late is "
        "in time.",
        plants_toml="preventive_tolerance_days = 7",
        files={
            "maintenance_orders": """
                maintenance_order_id,machine_id,maintenance_kind,reported_at,started_at,finished_at,due_at
                p2,m1,preventive,2026-02-10 08:00:00,2026-03-10 08:00:00,2026-03-10 09:00:00,2026-03-04 00:00:00
            """,
        },
        figures=(Figure("pm_compliance_ratio", 1.0, "2026-03-04"),),
    ),
    Vector(
        name="maintenance_crew",
        shows="Backlog on Sunday 29 March: what was open then, over what the crew worked in the "
        "four weeks up to then.",
        files={
            # b2 was finished later and b3 reported later; w5 counts for the week after.
            "maintenance_orders": """
                maintenance_order_id,machine_id,maintenance_kind,reported_at,started_at,finished_at,is_planned,planned_labour_s,labour_s
                w1,m1,preventive,2026-03-01 08:00:00,2026-03-03 08:00:00,2026-03-03 18:00:00,true,36000,36000
                w2,m1,preventive,2026-03-05 08:00:00,2026-03-10 08:00:00,2026-03-10 18:00:00,true,36000,36000
                w3,m1,corrective,2026-03-17 07:00:00,2026-03-17 08:00:00,2026-03-17 20:00:00,false,,43200
                w4,m1,corrective,2026-03-18 07:00:00,2026-03-24 08:00:00,2026-03-24 16:00:00,true,36000,28800
                b1,m1,preventive,2026-03-20 08:00:00,,,true,54000,
                b2,m1,preventive,2026-03-25 08:00:00,2026-04-02 08:00:00,2026-04-02 18:00:00,true,36000,36000
                b3,m1,preventive,2026-03-30 08:00:00,,,true,356400,
            """,
        },
        figures=(
            Figure(
                "planned_work_ratio",
                0.7,
                "2026-03-01",
                "month",
                numerator=28,
                denominator=40,
                coverage_ratio=1.0,
            ),
            Figure(
                "maintenance_backlog_weeks",
                2.5,
                "2026-03-23",
                "week",
                numerator=25,
                denominator=10,
            ),
            Figure(
                "maintenance_backlog_weeks",
                None,
                "2026-03-02",
                "week",
                coverage_ratio=8 / 28,
                withheld_reason="less than four weeks",
            ),
        ),
    ),
]
