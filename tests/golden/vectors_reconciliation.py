"""What the MES counted against what the ERP booked."""

from __future__ import annotations

from vector import Answer, Vector

MOVEMENTS = "movement_id,item_id,movement_class,posting_date,moved_qty,uom,order_id,is_owned"

VECTORS = [
    Vector(
        name="mes_against_erp",
        shows="Good units of the last operation against receipts, order by order: one agrees a "
        "day later and after a wrong entry, one lacks its receipt for a known cause, and of one "
        "three units are missing that nobody explains. Counting every operation, nothing would "
        "agree.",
        files={
            "items": """
                item_id,item_type,base_uom
                i1,finished,PC
                i2,finished,PC
            """,
            "production_orders": """
                order_id,item_id,planned_qty,released_at,completed_at
                good,i1,100,2026-03-02 05:00:00,2026-03-02 14:00:00
                open,i1,100,2026-03-02 05:00:00,
                undone,i1,100,2026-03-02 05:00:00,2026-03-02 14:00:00
                short,i1,100,2026-03-02 05:00:00,2026-03-02 14:00:00
                unseen,i1,100,2026-03-02 05:00:00,2026-03-02 14:00:00
            """,
            "order_operations": """
                operation_id,order_id,sequence_no
                g10,good,10
                g20,good,20
                o10,open,10
                o20,open,20
                u10,undone,10
                s10,short,10
            """,
            "production_counts": """
                run_id,machine_id,operation_id,order_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,g10,,i1,1,2026-03-02 06:00:00,2026-03-02 07:00:00,100,98,2,0
                r2,m2,g20,,i1,1,2026-03-02 07:00:00,2026-03-02 08:00:00,98,90,4,4
                r3,m2,g20,,i1,2,2026-03-02 08:00:00,2026-03-02 09:00:00,4,3,1,0
                r4,m1,o10,,i1,1,2026-03-02 08:00:00,2026-03-02 09:00:00,100,100,0,0
                r5,m2,o20,,i1,1,2026-03-02 09:00:00,2026-03-02 10:00:00,40,40,0,0
                r6,m1,u10,,i1,1,2026-03-02 10:00:00,2026-03-02 11:00:00,50,50,0,0
                r7,m1,s10,,i1,1,2026-03-02 11:00:00,2026-03-02 12:00:00,60,60,0,0
                r8,m1,,extra,i2,1,2026-03-02 12:00:00,2026-03-02 13:00:00,10,10,0,0
            """,
            "stock_movements": f"""
                {MOVEMENTS},is_reversal
                d1,i1,receipt_production,2026-03-02,103,PC,good,true,false
                d2,i1,receipt_production,2026-03-03,-103,PC,good,true,true
                d3,i1,receipt_production,2026-03-03,93,PC,good,true,false
                d4,i1,receipt_production,2026-03-02,50,PC,undone,true,false
                d5,i1,receipt_production,2026-03-03,-50,PC,undone,true,true
                d6,i1,receipt_production,2026-03-02,57,PC,short,true,false
                d7,i1,receipt_production,2026-03-02,12,PC,unseen,true,false
                d8,i1,receipt_purchase,2026-03-02,500,PC,,true,false
            """,
        },
        answers=(
            Answer(
                "select order_id, mes_good_qty::double, erp_received_qty::double, "
                "difference_qty::double, explained_qty::double, unexplained_qty::double, "
                "explanation, mes_last_date::varchar, erp_last_date::varchar "
                "from mart_reconciliation_production where plant_id = {plant} order by 1",
                [
                    (
                        *("extra", 10.0, 0.0, 10.0, 10.0, 0.0),
                        *("only in the MES", "2026-03-02", None),
                    ),
                    ("good", 93.0, 93.0, 0.0, 0.0, 0.0, "agrees", "2026-03-02", "2026-03-03"),
                    (
                        *("open", 40.0, 0.0, 40.0, 40.0, 0.0),
                        *("order not completed yet", "2026-03-02", None),
                    ),
                    (
                        *("short", 60.0, 57.0, 3.0, 0.0, 3.0),
                        *("not explained", "2026-03-02", "2026-03-02"),
                    ),
                    (
                        *("undone", 50.0, 0.0, 50.0, 50.0, 0.0),
                        *("receipt reversed and not entered again", "2026-03-02", "2026-03-03"),
                    ),
                    (
                        *("unseen", 0.0, 12.0, -12.0, -12.0, 0.0),
                        *("only in the ERP", None, "2026-03-02"),
                    ),
                ],
            ),
        ),
    ),
    Vector(
        name="scrap_against_erp",
        shows="Scrap counted in March and booked in April is one month's surplus and the next "
        "month's lack, and over both no difference; material scrapped in the store is none of the "
        "MES's business.",
        files={
            "items": """
                item_id,item_type,base_uom
                i1,finished,PC
                i2,finished,PC
                i3,finished,KG
                raw,raw,KG
            """,
            "production_counts": """
                run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty
                r1,m1,i1,1,2026-03-30 06:00:00,2026-03-30 07:00:00,100,95,5,0
                r2,m1,i1,1,2026-04-01 06:00:00,2026-04-01 07:00:00,100,98,2,0
                r3,m1,i2,1,2026-04-01 07:00:00,2026-04-01 08:00:00,100,93,7,0
                r4,m1,i3,1,2026-04-01 08:00:00,2026-04-01 09:00:00,100,99,1,0
                r5,m1,i2,1,2026-03-30 08:00:00,2026-03-30 09:00:00,100,96,4,0
            """,
            "stock_movements": f"""
                {MOVEMENTS}
                d1,i1,scrap,2026-03-31,-3,PC,,true
                d2,i1,scrap,2026-04-01,-4,PC,,true
                d3,i2,scrap,2026-04-02,-6,PC,,true
                d4,raw,scrap,2026-04-02,-9,KG,,true
                d5,i3,scrap,2026-04-02,-1000,G,,true
            """,
        },
        answers=(
            Answer(
                "select item_id, month_start_date::varchar, mes_scrap_qty::double, "
                "erp_scrap_qty::double, difference_qty::double, difference_so_far_qty::double, "
                "explanation "
                "from mart_reconciliation_scrap where plant_id = {plant} order by 1, 2",
                [
                    ("i1", "2026-03-01", 5.0, 3.0, 2.0, 2.0, "not explained"),
                    ("i1", "2026-04-01", 2.0, 4.0, -2.0, 0.0, "booked in another month"),
                    ("i2", "2026-03-01", 4.0, 0.0, 4.0, 4.0, "only in the MES"),
                    ("i2", "2026-04-01", 7.0, 6.0, 1.0, 5.0, "not explained"),
                    (
                        *("i3", "2026-04-01", 1.0, 1000.0, None, None),
                        "different units of measure",
                    ),
                ],
            ),
        ),
    ),
]
