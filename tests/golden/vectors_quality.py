"""Quality: yields, defects, and what scrap costs, over typed counts and rejections."""

from __future__ import annotations

from vector import Answer, Figure, Vector

#: Monday and month of the days below.
WEEK, MONTH = "2026-03-02", "2026-03-01"

VECTORS = [
    Vector(
        name="rework_counts_once",
        shows="100 in, 90 good at once, 2 scrapped, 8 reworked, 7 saved: first pass yield 0.90, "
        "final yield 0.97; with rework as output of its own it would be 97 of 108, 0.898.",
        files={
            "items": """
                item_id,item_type,base_uom
                i1,finished,PC
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                i1,2026-01-01,4
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 10:00:00,100,90,2,8
                r2,m1,i1,2,2026-03-03 06:00:00,2026-03-03 07:00:00,8,7,1,0
            """,
        },
        figures=(
            Figure("first_pass_yield", 0.90, "2026-03-02", numerator=90, denominator=100),
            Figure("first_pass_yield", 0.90, WEEK, "week", "item", "i1"),
            # The day after has rework alone: no unit entered.
            Figure("final_yield", 0.97, WEEK, "week", numerator=97, denominator=100),
            Figure("final_yield", 0.97, MONTH, "month", "item", "i1"),
            Figure("scrap_ratio", 0.03, WEEK, "week", numerator=3, denominator=100),
            Figure("rework_ratio", 0.08, WEEK, "week", numerator=8, denominator=100),
            Figure("copq_amount", 12, WEEK, "week"),
            Figure("copq_amount", 8, "2026-03-02", scope_type="machine", scope_id="m1"),
            Figure("copq_amount", 4, "2026-03-03", scope_type="machine", scope_id="m1"),
            Figure("copq_ratio", 12 / 388, WEEK, "week", numerator=12, denominator=97 * 4),
            Figure(
                "rolled_throughput_yield",
                None,
                MONTH,
                "month",
                withheld_reason="no output on a route with operations",
            ),
            Figure(
                "dpmo",
                None,
                MONTH,
                "month",
                withheld_reason="no defect opportunities per unit delivered",
            ),
        ),
    ),
    Vector(
        name="route_yield",
        shows="Three operations of 0.99, 0.98 and 0.97 let 0.9411 through, where their mean says "
        "0.98. An item whose last operation has no output yet has no such figure. Scrap of every "
        "operation costs, but only the last one puts out.",
        files={
            "items": """
                item_id,item_type,base_uom,defect_opportunities_qty
                i1,finished,PC,
                i2,finished,PC,4
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                i1,2026-01-01,10
            """,
            "order_operations": """
                operation_id,order_id,sequence_no
                p10,o1,10
                p20,o1,20
                p30,o1,30
                q10,o2,10
                q20,o2,20
            """,
            "production_counts": """
                run_id,machine_id,operation_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,p10,i1,1,2026-03-02 06:00:00,2026-03-02 08:00:00,100,99,1,0
                r2,m2,p20,i1,1,2026-03-02 08:00:00,2026-03-02 10:00:00,100,98,2,0
                r3,m3,p30,i1,1,2026-03-02 10:00:00,2026-03-02 12:00:00,100,97,3,0
                r4,m1,q10,i2,1,2026-03-02 12:00:00,2026-03-02 13:00:00,500,497,1,2
            """,
        },
        figures=(
            Figure(
                "rolled_throughput_yield",
                0.99 * 0.98 * 0.97,
                WEEK,
                "week",
                "item",
                "i1",
                numerator=94.1094,
                denominator=100,
            ),
            Figure(
                "rolled_throughput_yield",
                None,
                WEEK,
                "week",
                "item",
                "i2",
                coverage_ratio=0.5,
                withheld_reason="operations of the route without output",
            ),
            # Of 600 units that entered, the route of 100 is known.
            Figure(
                "rolled_throughput_yield",
                None,
                WEEK,
                "week",
                coverage_ratio=100 / 600,
                withheld_reason="operations of the route without output",
            ),
            # 99 + 98 + 97 of 300: the yield of an operation, not of the route.
            Figure("first_pass_yield", 294 / 300, WEEK, "week", "item", "i1"),
            # 3 of 500 units with 4 opportunities each.
            Figure(
                "dpmo", 1500, WEEK, "week", "item", "i2", numerator=3, denominator=2000 / 1_000_000
            ),
            # Of the plant's 800 units 500 have opportunities.
            Figure(
                "dpmo",
                None,
                WEEK,
                "week",
                coverage_ratio=500 / 800,
                withheld_reason="items without defect opportunities",
            ),
            Figure("copq_amount", 60, WEEK, "week", "item", "i1"),
            Figure("copq_ratio", 60 / 970, WEEK, "week", "item", "i1", denominator=970),
            # i2 has no cost, so one of seven scrapped units is one that nobody can value.
            Figure(
                "copq_amount",
                None,
                WEEK,
                "week",
                coverage_ratio=6 / 7,
                withheld_reason="scrap without a quantity or a standard cost",
            ),
        ),
    ),
    Vector(
        name="scrap_at_its_stage",
        shows="Scrap has cost what it took to get there: 3 units scrapped at the first operation "
        "1.50 each, 2 at the second 2.50, and only at the last, for which nobody states a cost, "
        "the item's full 4.00. At full cost the same scrap would be 31 instead of 20.50.",
        files={
            "items": """
                item_id,item_type,base_uom
                i1,finished,PC
                i2,finished,PC
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                i1,2026-01-01,4
                i2,2026-01-01,7
            """,
            "operation_costs": """
                item_id,sequence_no,valid_from,valid_to,unit_cost_amount
                i1,10,2026-01-01,,1.5
                i1,10,2026-03-05,2026-03-07,1.6
                i1,20,2026-01-01,,2.5
            """,
            "order_operations": """
                operation_id,order_id,sequence_no
                p10,o1,10
                p20,o1,20
                p30,o1,30
            """,
            "reasons": """
                reason_kind,reason_id,reason_name
                scrap,K,Crack
            """,
            # The last one has no route: its item is all there is to value it by.
            "production_counts": """
                run_id,machine_id,operation_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,p10,i1,1,2026-03-02 06:00:00,2026-03-02 08:00:00,100,97,3,0
                r2,m2,p20,i1,1,2026-03-02 08:00:00,2026-03-02 10:00:00,97,95,2,0
                r3,m3,p30,i1,1,2026-03-02 10:00:00,2026-03-02 12:00:00,95,90,1,4
                r4,m3,p30,i1,2,2026-03-02 12:00:00,2026-03-02 13:00:00,4,4,0,0
                r5,m1,,i2,1,2026-03-02 12:00:00,2026-03-02 13:00:00,10,9,1,0
                r6,m1,p10,i1,1,2026-03-05 06:00:00,2026-03-05 08:00:00,10,5,5,0
                r7,m1,p10,i1,1,2026-03-07 06:00:00,2026-03-07 08:00:00,10,9,1,0
            """,
            "scrap_events": """
                scrap_id,run_id,reason_id,disposition,rejected_qty,detected_at
                s1,r1,K,scrap,3,2026-03-02 08:00:00
                s2,r2,K,scrap,2,2026-03-02 10:00:00
                s3,r3,K,scrap,1,2026-03-02 12:00:00
                s4,r6,K,scrap,5,2026-03-05 08:00:00
            """,
        },
        figures=(
            # 3 x 1.50 + 2 x 2.50 + 1 x 4.00 + 1 x 7.00.
            Figure("copq_amount", 20.5, "2026-03-02", coverage_ratio=1),
            Figure("copq_amount", 13.5, "2026-03-02", scope_type="item", scope_id="i1"),
            Figure("copq_amount", 4.5 + 7, "2026-03-02", scope_type="machine", scope_id="m1"),
            # The new cost ends the old one, and has ended itself on the 7th: 5 x 1.60, 1 x 4.00.
            Figure("copq_amount", 8, "2026-03-05"),
            Figure("copq_amount", 4, "2026-03-07"),
            # Over 94 good ones of the last operation at 4.00.
            Figure(
                "copq_ratio",
                25.5 / 376,
                WEEK,
                "week",
                "item",
                "i1",
                numerator=13.5 + 8 + 4,
                denominator=94 * 4,
            ),
        ),
        answers=(
            Answer(
                "select m.machine_id, s.production_date::varchar, s.scrap_cost_amount::double "
                "from fct_scrap as s left join dim_machine as m using (machine_key) "
                "where s.plant_id = {plant} order by s.scrap_id",
                [
                    ("m1", "2026-03-02", 4.5),
                    ("m2", "2026-03-02", 5.0),
                    ("m3", "2026-03-02", 4.0),
                    ("m1", "2026-03-05", 8.0),
                ],
            ),
        ),
    ),
    Vector(
        name="units_apart",
        shows="100 pieces and 400 kg are no 500 of anything: each has its yield, the plant has "
        "none, but a cost.",
        files={
            "items": """
                item_id,item_type,base_uom
                pieces,finished,PC
                paste,finished,KG
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                pieces,2026-01-01,5
                paste,2026-01-01,0.5
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,pieces,1,2026-03-02 06:00:00,2026-03-02 08:00:00,100,90,10,0
                r2,m1,paste,1,2026-03-02 08:00:00,2026-03-02 10:00:00,400,396,4,0
            """,
        },
        figures=(
            Figure("first_pass_yield", 0.90, "2026-03-02", scope_type="item", scope_id="pieces"),
            Figure("first_pass_yield", 0.99, "2026-03-02", scope_type="item", scope_id="paste"),
            Figure(
                "first_pass_yield",
                None,
                "2026-03-02",
                withheld_reason="items in different units of measure",
            ),
            Figure(
                "final_yield",
                None,
                WEEK,
                "week",
                withheld_reason="items in different units of measure",
            ),
            Figure(
                "scrap_ratio",
                None,
                "2026-03-02",
                withheld_reason="items in different units of measure",
            ),
            Figure("scrap_ratio", 0.01, "2026-03-02", scope_type="item", scope_id="paste"),
            # 10 x 5.00 + 4 x 0.50 over 90 x 5.00 + 396 x 0.50.
            Figure("copq_amount", 52, "2026-03-02"),
            Figure("copq_ratio", 52 / 648, WEEK, "week"),
        ),
    ),
    Vector(
        name="scrap_found_later",
        shows="Six units that the final inspection rejects on Wednesday were made on Monday: "
        "Monday's figures change, Wednesday's do not.",
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00")),
        files={
            "items": """
                item_id,item_type,base_uom
                i1,finished,PC
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                i1,2026-01-01,2
            """,
            "reasons": """
                reason_kind,reason_id,reason_name
                scrap,crack,Crack
                scrap,burr,Burr
            """,
            "production_counts_20260303_060000": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 10:00:00,100,98,2,0
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-04 22:00:00,producing
            """,
            # On Thursday the counts of Monday come again, with what was found on Wednesday.
            "production_counts_20260305_060000": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 10:00:00,100,92,8,0
                r2,m1,i1,1,2026-03-04 14:00:00,2026-03-04 18:00:00,50,50,0,0
            """,
            "scrap_events": """
                scrap_id,run_id,reason_id,disposition,rejected_qty,detected_at
                e1,r1,burr,scrap,2,2026-03-02 10:00:00
                e2,r1,crack,scrap,6,2026-03-04 16:00:00
            """,
        },
        figures=(
            Figure("first_pass_yield", 0.92, "2026-03-02", "shift", shift_code="M"),
            Figure("scrap_ratio", 0.08, "2026-03-02", "shift", "machine", "m1", shift_code="M"),
            Figure("first_pass_yield", 1.0, "2026-03-04", "shift", shift_code="T"),
            Figure("copq_amount", 16, "2026-03-02"),
            Figure("copq_amount", 0, "2026-03-04"),
        ),
        answers=(
            Answer(
                "select production_date::varchar, reason_name, scrap_qty::double, "
                "scrap_cost_amount::double, longest_until_detected_s::double "
                "from mart_scrap_pareto where plant_id = {plant} order by scrap_qty desc",
                [
                    ("2026-03-02", "Crack", 6.0, 12.0, 54 * 3600.0),
                    ("2026-03-02", "Burr", 2.0, 4.0, None),
                ],
            ),
            Answer(
                "select production_date::varchar, scrap_qty::double, explained_scrap_qty::double "
                "from mart_scrap_daily where plant_id = {plant} order by 1",
                [("2026-03-02", 8.0, 8.0), ("2026-03-04", 0.0, 0.0)],
            ),
        ),
    ),
    Vector(
        name="scrap_pareto",
        shows="By quantity scratches come first, by cost cracks do; what nobody labelled stays in "
        "sight, and a unit without a cost leaves its row without one.",
        files={
            "items": """
                item_id,item_type,base_uom
                cheap,finished,PC
                dear,finished,PC
                unpriced,finished,PC
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                cheap,2026-01-01,1
                dear,2026-01-01,50
            """,
            "reasons": """
                reason_kind,reason_id,reason_name
                scrap,scratch,Scratch
                scrap,crack,Crack
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,cheap,1,2026-03-02 06:00:00,2026-03-02 08:00:00,100,88,12,0
                r2,m1,dear,1,2026-03-02 08:00:00,2026-03-02 10:00:00,10,8,2,0
                r3,m1,unpriced,1,2026-03-02 10:00:00,2026-03-02 11:00:00,10,9,1,0
            """,
            # One scratch entry is partly taken back.
            "scrap_events": """
                scrap_id,run_id,reason_id,disposition,rejected_qty
                e1,r1,scratch,scrap,11
                e2,r1,scratch,scrap,-2
                e3,r1,,scrap,3
                e4,r2,crack,scrap,2
                e5,r3,crack,scrap,1
            """,
        },
        answers=(
            Answer(
                "select reason_name, sum(scrap_qty)::double from mart_scrap_pareto "
                "where plant_id = {plant} group by 1 order by 2 desc, 1",
                [("Scratch", 9.0), ("Crack", 3.0), ("not labelled", 3.0)],
            ),
            Answer(
                "select reason_name, item_id, scrap_cost_amount::double from mart_scrap_pareto "
                "where plant_id = {plant} order by 3 desc nulls last",
                [
                    ("Crack", "dear", 100.0),
                    ("Scratch", "cheap", 9.0),
                    ("not labelled", "cheap", 3.0),
                    ("Crack", "unpriced", None),
                ],
            ),
        ),
    ),
]
