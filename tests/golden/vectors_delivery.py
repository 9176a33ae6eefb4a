"""Delivery to customers and supply by vendors: promises kept, judged by typed order lines."""

from __future__ import annotations

from datetime import datetime

from vector import Answer, Figure, Vector

WEEK = "2026-03-09"

VECTORS = [
    Vector(
        name="delivery",
        shows="Nine lines of one week: the last promise would say 5 of 8, leaving out what never "
        "came 4 of 7, counting what was cancelled 4 of 9; the first promise says 4 of 8.",
        time_zone="Europe/Madrid",
        delivered_at=datetime(2026, 3, 20, 4),
        files={
            # b1 was promised anew; c1 came in part; d1 never came; e1 was cancelled; f1 came half
            # an hour after midnight, which is still the promised day in UTC; of g1 nobody says
            # whether its documents were right; h1 arrived damaged. i1 is not due yet, and j1 was
            # never promised a first time.
            "sales_order_lines": """
                sales_order_line_id,sales_order_id,customer_id,item_id,uom,ordered_qty,ordered_at,first_promised_date,promised_date,delivered_qty,delivered_at,is_undamaged,is_documented,is_cancelled
                a1,a,c1,i1,PC,10,2026-03-02 08:00:00,2026-03-10,2026-03-10,10,2026-03-10 16:00:00,true,true,false
                a2,a,c1,i2,PC,10,2026-03-02 08:00:00,2026-03-10,2026-03-10,10,2026-03-10 16:00:00,true,true,false
                b1,b,c1,i1,PC,10,2026-03-02 08:00:00,2026-03-11,2026-03-13,10,2026-03-13 10:00:00,true,true,false
                c1,c,c2,i1,PC,10,2026-03-02 08:00:00,2026-03-12,2026-03-12,8,2026-03-12 09:00:00,true,true,false
                d1,d,c2,i2,PC,10,2026-03-02 08:00:00,2026-03-12,2026-03-12,,,,,false
                e1,e,c2,i2,PC,10,2026-03-02 08:00:00,2026-03-12,2026-03-12,,,,,true
                f1,f,c2,i1,PC,10,2026-03-02 08:30:00,2026-03-13,2026-03-13,10,2026-03-14 00:30:00,true,true,false
                g1,g,c1,i1,PC,10,2026-03-02 08:00:00,2026-03-13,2026-03-13,10,2026-03-12 12:00:00,true,,false
                h1,h,c2,i2,PC,10,2026-03-02 08:00:00,2026-03-13,2026-03-13,10,2026-03-13 12:00:00,false,true,false
                i1,i,c1,i1,PC,10,2026-03-02 08:00:00,2026-03-27,2026-03-27,10,2026-03-18 08:00:00,true,true,false
                j1,j,c1,i1,PC,10,2026-03-16 08:00:00,,2026-03-17,10,2026-03-17 08:00:00,true,true,false
                k1,k,c1,i1,PC,10,2026-03-16 08:00:00,2026-03-17,2026-03-17,10,2026-03-17 08:00:00,true,true,false
            """,
        },
        figures=(
            Figure("otif_ratio", 0.5, WEEK, "week", numerator=4, denominator=8, coverage_ratio=1),
            Figure("otif_ratio", 3 / 4, WEEK, "week", "customer", "c1"),
            Figure("otif_ratio", 1 / 4, WEEK, "week", "customer", "c2"),
            Figure("otif_ratio", 2 / 5, WEEK, "week", "item", "i1"),
            Figure("otif_ratio", 2 / 2, "2026-03-10"),
            Figure("otif_ratio", 0.0, "2026-03-11"),
            Figure("otif_ratio", 5 / 9, "2026-03-01", "month", coverage_ratio=0.9),
            Figure(
                "otif_ratio",
                None,
                "2026-03-16",
                "week",
                denominator=1,
                coverage_ratio=0.5,
                withheld_reason="without a first promise",
            ),
            Figure("otd_ratio", 0.625, WEEK, "week", numerator=5, denominator=8),
            Figure("in_full_ratio", 0.75, WEEK, "week", numerator=6, denominator=8),
            Figure("in_full_ratio", 1.0, "2026-03-16", "week", denominator=2),
            Figure(
                "perfect_order_ratio",
                1 / 6,
                WEEK,
                "week",
                numerator=1,
                denominator=6,
                coverage_ratio=6 / 7,
            ),
            Figure(
                "perfect_order_ratio",
                None,
                WEEK,
                "week",
                "customer",
                "c1",
                numerator=1,
                denominator=2,
                coverage_ratio=2 / 3,
                withheld_reason="coverage 0.66 below 0.80",
            ),
            Figure("perfect_order_ratio", 0.0, WEEK, "week", "customer", "c2", denominator=4),
            Figure(
                "order_fulfilment_cycle_time_h",
                243.0,
                WEEK,
                "week",
                numerator=200 + 200 + 266 + 280 + 244 + 268,
                denominator=6,
            ),
            Figure(
                "order_fulfilment_cycle_time_h",
                None,
                "2026-03-11",
                withheld_reason="no line delivered",
            ),
            Figure(
                "supplier_otd_ratio",
                None,
                "2026-03-01",
                "month",
                withheld_reason="no purchase order lines delivered",
            ),
        ),
        answers=(
            # Nothing is due on the 27th yet, though the line came early.
            Answer(
                "select count(*) from kpi_values where plant_id = {plant} and kpi_id = 'otif_ratio' "
                "and period_start_date > '2026-03-18'",
                [(0,)],
            ),
            Answer(
                "select count(*) from fct_sales_order_line where plant_id = {plant} and is_due",
                [(10,)],
            ),
        ),
    ),
    Vector(
        name="supply",
        shows="Two vendors: three of five lines in time; what came in part, was never received or "
        "has no quantity tells no lead time.",
        delivered_at=datetime(2026, 3, 20, 4),
        files={
            "purchase_order_lines": """
                purchase_order_line_id,purchase_order_id,supplier_id,item_id,uom,ordered_qty,ordered_at,first_promised_date,promised_date,received_qty,received_at,is_cancelled
                p1,p,s1,r1,KG,10,2026-03-03 15:00:00,2026-03-10,2026-03-10,10,2026-03-10 15:00:00,false
                p2,p,s1,r1,KG,10,2026-03-03 15:00:00,2026-03-10,2026-03-12,10,2026-03-12 15:00:00,false
                p3,q,s2,r1,KG,10,2026-03-03 15:00:00,2026-03-11,2026-03-11,,,false
                p4,q,s2,r1,KG,10,2026-03-03 15:00:00,2026-03-11,2026-03-11,,,true
                p5,q,s2,r2,KG,10,2026-03-03 15:00:00,2026-03-11,2026-03-11,4,2026-03-11 15:00:00,false
                p6,r,s1,r2,KG,10,2026-03-09 15:00:00,2026-03-12,2026-03-12,10,2026-03-11 15:00:00,false
                p7,s,s1,r2,KG,10,2026-03-09 15:00:00,2026-03-17,2026-03-17,,2026-03-17 15:00:00,false
            """,
        },
        figures=(
            Figure("supplier_otd_ratio", 0.6, WEEK, "week", numerator=3, denominator=5),
            Figure("supplier_otd_ratio", 2 / 3, WEEK, "week", "supplier", "s1"),
            Figure("supplier_otd_ratio", 1 / 2, WEEK, "week", "supplier", "s2"),
            Figure("supplier_otd_ratio", 2 / 2, WEEK, "week", "item", "r2"),
            Figure(
                "supplier_lead_time_h", 144.0, WEEK, "week", numerator=168 + 216 + 48, denominator=3
            ),
            Figure(
                "supplier_lead_time_h",
                None,
                WEEK,
                "week",
                "supplier",
                "s2",
                withheld_reason="no line received",
            ),
            Figure(
                "supplier_lead_time_h",
                None,
                "2026-03-16",
                "week",
                denominator=0,
                coverage_ratio=0.0,
                withheld_reason="without a quantity",
            ),
        ),
    ),
]
