"""Orders and their operations: how long they took, waited and kept machines busy."""

from __future__ import annotations

from vector import Answer, Figure, Vector

DAY = "2026-03-02"

#: One order of two operations. Released 06:00; set up 07:00-08:00; produced 08:00-10:30 with a
#: stop of half an hour inside; second operation waits until 13:00, is produced until 15:00 and
#: reworked until 16:00; received into stock at 18:00.
STATES = """
    state_id,machine_id,run_id,operation_id,layer,start_at,end_at,state
    s1,m1,setup-1,o1,0,2026-03-02 07:00:00,2026-03-02 08:00:00,setup
    s2,m1,r1,,0,2026-03-02 08:00:00,2026-03-02 11:00:00,producing
    s3,,r1,,1,2026-03-02 09:00:00,2026-03-02 09:30:00,delay
    s4,m1,,,0,2026-03-02 11:00:00,2026-03-02 22:00:00,no_order
    s5,m2,,,0,2026-03-02 06:00:00,2026-03-02 13:00:00,no_order
    s6,m2,r2,,0,2026-03-02 13:00:00,2026-03-02 15:00:00,producing
    s7,m2,r3,,0,2026-03-02 15:00:00,2026-03-02 16:00:00,rework
    s8,m2,,,0,2026-03-02 16:00:00,2026-03-02 22:00:00,no_order
"""
RUNS = """
    run_id,machine_id,operation_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
    r1,m1,o1,1,2026-03-02 08:00:00,2026-03-02 11:00:00,100,97,3,0
    r2,m2,o2,1,2026-03-02 13:00:00,2026-03-02 15:00:00,97,90,0,7
    r3,m2,o2,2,2026-03-02 15:00:00,2026-03-02 16:00:00,7,6,1,0
"""
OPERATIONS = """
    operation_id,order_id,sequence_no,planned_qty,planned_scrap_qty
    o2,a,20,100,1
    o1,a,10,100,4
"""
ORDERS = """
    order_id,item_id,planned_qty,completed_qty,created_at,released_at,completed_at,is_cancelled
    a,i1,100,96,2026-03-01 08:00:00,2026-03-02 06:00:00,2026-03-02 18:00:00,false
    open,i1,100,,2026-03-01 08:00:00,2026-03-02 06:00:00,,false
"""

VECTORS = [
    Vector(
        name="order_route",
        shows="Ten hours from release to the end of the second operation, twelve to completion. "
        "Adding the operations' own spans would say 7, from the first start 9.",
        shifts=(("D", "06:00", "22:00"),),
        files={
            "machine_states": STATES,
            "production_counts": RUNS,
            "order_operations": OPERATIONS,
            "production_orders": ORDERS,
        },
        figures=(
            Figure("allocation_ratio", 0.7, DAY, numerator=7 * 3600, denominator=10 * 3600),
            Figure("throughput_rate", 9.7, DAY, numerator=97, denominator=10),
            Figure("production_process_ratio", 0.45, DAY, numerator=4.5 * 3600),
            Figure("actual_to_planned_scrap_ratio", 0.8, DAY, numerator=4, denominator=5),
            Figure("fall_off_ratio", 0.03, DAY, numerator=3, denominator=100),
            Figure("queue_ratio", 0.3, DAY, numerator=3 * 3600),
            Figure("process_cycle_efficiency", 0.375, DAY, denominator=12 * 3600),
            Figure("allocation_ratio", 0.7, DAY, scope_type="item", scope_id="i1"),
            Figure("allocation_ratio", 0.7, "2026-03-01", "month", coverage_ratio=1),
        ),
        answers=(
            Answer(
                "select operation_id, queue_s / 3600, execution_s / 3600, aubt_s / 3600 "
                "from fct_order_operation where plant_id = {plant} order by sequence_no",
                [("o1", 1.0, 5.0, 4.0), ("o2", 2.0, 5.0, 3.0)],
            ),
        ),
    ),
    Vector(
        name="order_route_unknown",
        shows="The same order in a plant whose states name no operation, that plans no scrap and "
        "whose collector was down: what is not known is not zero.",
        shifts=(("D", "06:00", "22:00"),),
        files={
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s2,m1,0,2026-03-02 08:00:00,2026-03-02 11:00:00,producing
                s6,m2,0,2026-03-02 13:00:00,2026-03-02 15:00:00,producing
            """,
            "production_counts": RUNS,
            "order_operations": """
                operation_id,order_id,sequence_no,planned_qty
                o1,a,10,100
                o2,a,20,100
            """,
            "production_orders": ORDERS,
        },
        figures=(
            Figure(
                "allocation_ratio", None, DAY, coverage_ratio=0, withheld_reason="without a release"
            ),
            Figure("production_process_ratio", None, DAY, withheld_reason="times of their"),
            Figure("process_cycle_efficiency", None, DAY, withheld_reason="times of their"),
            Figure(
                "actual_to_planned_scrap_ratio", None, DAY, withheld_reason="without planned or"
            ),
            # From release to the first run there were two hours.
            Figure("queue_ratio", 0.4, DAY, numerator=4 * 3600, denominator=10 * 3600),
            Figure("throughput_rate", 9.7, DAY),
        ),
    ),
    Vector(
        name="order_half_watched",
        shows="One operation of four hours; for one of them nobody watched the machine: three "
        "hours of production known in four, and a quarter of the time not.",
        shifts=(("D", "06:00", "22:00"),),
        files={
            "machine_states": """
                state_id,machine_id,run_id,layer,start_at,end_at,state
                s1,m1,r1,0,2026-03-02 06:00:00,2026-03-02 08:00:00,producing
                s2,m1,r2,0,2026-03-02 09:00:00,2026-03-02 10:00:00,producing
            """,
            "production_counts": """
                run_id,machine_id,operation_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,o1,1,2026-03-02 06:00:00,2026-03-02 08:00:00,10,10,0,0
                r2,m1,o1,1,2026-03-02 09:00:00,2026-03-02 10:00:00,5,5,0,0
            """,
            "order_operations": """
                operation_id,order_id,sequence_no,planned_scrap_qty
                o1,a,10,0
            """,
            "production_orders": """
                order_id,item_id,released_at,completed_at,is_cancelled
                a,i1,2026-03-02 06:00:00,2026-03-02 16:00:00,false
            """,
        },
        figures=(
            Figure(
                "allocation_ratio",
                None,
                DAY,
                numerator=3 * 3600,
                denominator=4 * 3600,
                coverage_ratio=0.75,
                withheld_reason="coverage 0.75 below 0.80",
            ),
            Figure("process_cycle_efficiency", 0.3, DAY, coverage_ratio=0.9),
            Figure("queue_ratio", 0.0, DAY),
            Figure(
                "actual_to_planned_scrap_ratio", None, DAY, withheld_reason="no scrap was planned"
            ),
        ),
    ),
]
