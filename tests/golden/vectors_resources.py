"""People, energy, capacity and material: what production takes, over typed feeds."""

from __future__ import annotations

from vector import Answer, Figure, Vector

VECTORS = [
    Vector(
        name="shared_worker",
        shows="An hour on two machines at once is one hour of the person, and a night shift "
        "belongs to the day it starts on.",
        shifts=(("M", "06:00", "14:00"), ("N", "22:00", "06:00")),
        files={
            # w1 has two hours on both machines; counting both entries would give 14.5 of 15.5 h.
            "labour_entries": """
                entry_id,worker_id,entry_kind,machine_id,start_at,end_at
                a1,w1,attendance,,2026-03-02 06:00:00,2026-03-02 14:00:00
                e1,w1,work,m1,2026-03-02 06:00:00,2026-03-02 12:00:00
                e2,w1,work,m2,2026-03-02 10:00:00,2026-03-02 12:00:00
                a2,w2,attendance,,2026-03-02 06:00:00,2026-03-02 10:00:00
                a3,w2,attendance,,2026-03-02 10:30:00,2026-03-02 14:00:00
                e3,w2,work,m2,2026-03-02 06:30:00,2026-03-02 10:00:00
                e4,w2,work,m2,2026-03-02 10:30:00,2026-03-02 13:30:00
                a4,w3,attendance,,2026-03-02 22:00:00,2026-03-03 06:00:00
                e5,w3,work,m1,2026-03-02 22:00:00,2026-03-03 04:00:00
            """,
        },
        figures=(
            Figure("worker_efficiency", 12.5 / 15.5, "2026-03-02", "shift", shift_code="M"),
            Figure("worker_efficiency", 0.75, "2026-03-02", "shift", shift_code="N"),
            Figure(
                "worker_efficiency",
                18.5 / 23.5,
                "2026-03-02",
                numerator=18.5 * 3600,
                denominator=23.5 * 3600,
                coverage_ratio=1.0,
            ),
        ),
        answers=(
            Answer(
                "select machine_id, sum(apwt_s) / 3600 from fct_labour_time "
                "where plant_id = {plant} and machine_id is not null group by 1 order by 1",
                [("m1", 11.0), ("m2", 7.5)],
            ),
            # Nobody can be told from what is published.
            Answer(
                "select count(*) from information_schema.columns "
                "where table_schema in ('core', 'marts') and column_name like '%worker_id%'",
                [(0,)],
            ),
        ),
    ),
    Vector(
        name="half_logged_in",
        shows="Work of people who were not logged in lowers the coverage; a day with attendance "
        "alone was a day without work, where work is recorded at all.",
        files={
            "labour_entries": """
                entry_id,worker_id,entry_kind,machine_id,start_at,end_at
                a1,w1,attendance,,2026-03-02 06:00:00,2026-03-02 14:00:00
                e1,w1,work,m1,2026-03-02 06:00:00,2026-03-02 13:00:00
                e2,w2,work,m1,2026-03-02 10:00:00,2026-03-02 13:00:00
                a2,w1,attendance,,2026-03-03 06:00:00,2026-03-03 14:00:00
                e3,w2,work,m1,2026-03-04 06:00:00,2026-03-04 07:00:00
            """,
        },
        figures=(
            Figure(
                "worker_efficiency",
                None,
                "2026-03-02",
                coverage_ratio=0.7,
                withheld_reason="work of people who were not logged in",
            ),
            Figure("worker_efficiency", 0.0, "2026-03-03", denominator=8 * 3600),
            Figure(
                "worker_efficiency", None, "2026-03-04", withheld_reason="no attendance delivered"
            ),
        ),
    ),
    Vector(
        name="present_only",
        shows="A plant that records who is there and not who works has no worker efficiency.",
        files={
            "labour_entries": """
                entry_id,worker_id,entry_kind,start_at,end_at
                a1,w1,attendance,2026-03-02 06:00:00,2026-03-02 14:00:00
            """,
        },
        figures=(
            Figure(
                "worker_efficiency", None, "2026-03-02", withheld_reason="no work time delivered"
            ),
        ),
    ),
    Vector(
        name="energy_meters",
        shows="A reading over two days is shared by time, and a line's meter is no machine's.",
        files={
            "machines": """
                machine_id,line_id
                m1,l1
                m2,l1
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,60,60,0,0
                r2,m2,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,40,30,0,10
                r3,m2,i1,2,2026-03-02 14:00:00,2026-03-02 15:00:00,10,10,0,0
            """,
            # Of the 36 hours of the first reading 24 are in the day: 60 of 90 kWh.
            "energy_readings": """
                reading_id,meter_id,energy_carrier,machine_id,line_id,start_at,end_at,energy_kwh
                q1,e1,electricity,m1,,2026-03-01 18:00:00,2026-03-03 06:00:00,90
                q2,e2,electricity,,l1,2026-03-02 06:00:00,2026-03-03 06:00:00,50
                q3,e3,gas,,,2026-03-02 06:00:00,2026-03-03 06:00:00,20
            """,
        },
        figures=(
            Figure(
                "comprehensive_energy_consumption",
                1.0,
                "2026-03-02",
                scope_type="machine",
                scope_id="m1",
            ),
            Figure(
                "comprehensive_energy_consumption",
                None,
                "2026-03-02",
                scope_type="machine",
                scope_id="m2",
                withheld_reason="no energy metered",
            ),
            Figure(
                "comprehensive_energy_consumption",
                1.1,
                "2026-03-02",
                scope_type="line",
                scope_id="l1",
                coverage_ratio=1.0,
            ),
            Figure(
                "comprehensive_energy_consumption",
                1.3,
                "2026-03-02",
                numerator=130,
                denominator=100,
            ),
            Figure(
                "comprehensive_energy_consumption",
                None,
                "2026-03-01",
                numerator=30,
                withheld_reason="no output counted",
            ),
        ),
    ),
    Vector(
        name="half_metered",
        shows="Energy of one machine over the output of two would halve the truth: withheld.",
        files={
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,50,50,0,0
                r2,m2,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,50,50,0,0
            """,
            "energy_readings": """
                reading_id,meter_id,energy_carrier,machine_id,start_at,end_at,energy_kwh
                q1,e1,electricity,m1,2026-03-02 06:00:00,2026-03-03 06:00:00,100
            """,
        },
        figures=(
            Figure(
                "comprehensive_energy_consumption",
                2.0,
                "2026-03-02",
                scope_type="machine",
                scope_id="m1",
            ),
            Figure(
                "comprehensive_energy_consumption",
                None,
                "2026-03-02",
                coverage_ratio=0.5,
                withheld_reason="output whose energy no meter counted",
            ),
        ),
    ),
    Vector(
        name="rated_machine",
        shows="Load is output against the capacity of planned time, not of the calendar's day.",
        files={
            "machines": """
                machine_id,line_id
                m1,l1
                m2,l2
            """,
            "machine_capacities": """
                machine_id,valid_from,capacity_per_h_qty
                m1,2026-01-01 00:00:00,100
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s2,m2,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 13:00:00,600,560,0,40
                r2,m1,i1,2,2026-03-02 13:00:00,2026-03-02 14:00:00,40,40,0,0
                r3,m2,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,300,300,0,0
            """,
        },
        figures=(
            Figure(
                "equipment_load_ratio",
                0.8,
                "2026-03-02",
                scope_type="machine",
                scope_id="m1",
                numerator=640,
                denominator=800,
            ),
            Figure("equipment_load_ratio", 0.8, "2026-03-02", scope_type="line", scope_id="l1"),
            Figure(
                "equipment_load_ratio",
                None,
                "2026-03-02",
                scope_type="machine",
                scope_id="m2",
                withheld_reason="no rated capacity delivered",
            ),
            Figure(
                "equipment_load_ratio",
                None,
                "2026-03-02",
                coverage_ratio=0.5,
                withheld_reason="machines without a rated capacity",
            ),
        ),
    ),
    Vector(
        name="material_balances",
        shows="Shares of consumed material over what is stated, and never over mixed units.",
        files={
            "material_balances": """
                balance_id,machine_id,item_id,balanced_at,uom,consumed_qty,good_qty,integrated_good_qty,production_loss_qty,storage_transport_loss_qty,other_loss_qty
                b1,m1,i1,2026-03-02 10:00:00,KG,1000,900,930,50,15,5
                b2,m2,i1,2026-03-03 02:00:00,KG,500,430,450,30,,5
                b3,m1,i1,2026-03-03 10:00:00,KG,100,80,90,10,0,0
                b4,m1,i2,2026-03-03 11:00:00,L,300,270,285,15,0,0
            """,
        },
        figures=(
            Figure("finished_goods_ratio", 1330 / 1500, "2026-03-02", coverage_ratio=1.0),
            Figure("integrated_goods_ratio", 0.92, "2026-03-02"),
            Figure("production_loss_ratio", 80 / 1500, "2026-03-02"),
            Figure(
                "storage_transport_loss_ratio",
                None,
                "2026-03-02",
                numerator=15,
                denominator=1000,
                coverage_ratio=1000 / 1500,
                withheld_reason="balances that do not state it",
            ),
            Figure(
                "storage_transport_loss_ratio",
                0.015,
                "2026-03-02",
                scope_type="machine",
                scope_id="m1",
            ),
            Figure(
                "storage_transport_loss_ratio",
                None,
                "2026-03-02",
                scope_type="machine",
                scope_id="m2",
                withheld_reason="no balance states it",
            ),
            Figure("other_loss_ratio", 10 / 1500, "2026-03-02"),
            Figure("finished_goods_ratio", None, "2026-03-03", withheld_reason="in several units"),
            Figure("finished_goods_ratio", 0.8, "2026-03-03", scope_type="item", scope_id="i1"),
            Figure("finished_goods_ratio", 0.9, "2026-03-03", scope_type="item", scope_id="i2"),
        ),
    ),
]
